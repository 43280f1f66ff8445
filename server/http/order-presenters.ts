import type { ShopLedger } from '../application/view-web-orders';
import type { LedgerOrder } from '../domain/ports/order-views';
import { failureOrNull, instantOf, instantOrNull } from './presenters';

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
  lines: lines.map(({ ref, name, itemId, connectionId, held, saved, releases }) => ({
    ...ref,
    name,
    itemId,
    connectionId,
    held,
    saved,
    known: releases.map(({ at, ...release }) => ({ ...release, at: instantOf(at) })),
  })),
});

export const showOrderLedger = ({ shopId, beganAt, told, read, failure, unknown, saved }: ShopLedger) => ({
  shopId,
  beganAt: instantOrNull(beganAt),
  told: told && { ...told, at: instantOf(told.at) },
  read: read && { ...read, at: instantOf(read.at) },
  failure: failureOrNull(failure),
  unknown: unknown.map(({ oldest, ...each }) => ({
    ...each,
    oldest: { ...oldest, placedAt: instantOf(oldest.placedAt) },
  })),
  saved: { all: { ...saved.all }, lately: { ...saved.lately } },
});
