import type { LedgerOrder } from '../domain/ports/order-ledger';
import { instantOf, instantOrNull } from './presenters';

export const showOrder = ({
  placedAt,
  heardAt,
  goneAt,
  lines,
  id,
  shopId,
  orderId,
  number,
  status,
  heardBy,
}: LedgerOrder) => ({
  id,
  shopId,
  orderId,
  number,
  status,
  heardBy,
  placedAt: instantOrNull(placedAt),
  heardAt: instantOf(heardAt),
  goneAt: instantOrNull(goneAt),
  lines: lines.map(({ ref, held, releases }) => ({
    ...ref,
    held,
    known: releases.map(({ at, ...release }) => ({ ...release, at: instantOf(at) })),
  })),
});
