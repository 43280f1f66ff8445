import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { BridgeGuard } from '../../domain/ports/shop-bridge';
import type { GuardedAnswer, GuardedWrite, ShopAccess, ShopTarget } from '../../domain/ports/shop-target';
import { isWritable } from '../../domain/quantity';
import { type BridgeApi, createBridgeApi, misspoken } from './bridge-api';
import { bridgeQuantity, productId } from './bridge-shapes';
import type { WooApiOptions } from './woo-api';

/** What is sent before the plugin has told how much it takes. */
const FIRST_ROOM = 100;
/** What is left after this is told to be sent again, well within the time at which hosts cut a call off. */
const SECONDS_PER_CALL = 8;

const stockAnswer = z.object({
  results: z.array(
    z.object({
      ref: z.string(),
      id: productId,
      outcome: z.string(),
      stockId: productId.nullish(),
      before: bridgeQuantity.nullish(),
      after: bridgeQuantity.nullish(),
      reason: z.string().nullish(),
    }),
  ),
});

type StockResult = z.infer<typeof stockAnswer>['results'][number];

/** The shop over its own REST API, and through its plugin where that is at hand. */
export function createBridgedShopTarget(plain: ShopTarget, options: WooApiOptions, guard: BridgeGuard): ShopTarget {
  const api = createBridgeApi(options);
  return {
    ...plain,
    across: {
      async room(shopId) {
        const pairing = await guard.atHand(shopId);
        return pairing === null ? 0 : (pairing.status?.items ?? FIRST_ROOM);
      },
      write: (access, writes, signal) => writeAcross(api, guard, access, writes, signal),
    },
  };
}

async function writeAcross(
  api: BridgeApi,
  guard: BridgeGuard,
  access: ShopAccess,
  writes: readonly GuardedWrite[],
  signal: AbortSignal,
): Promise<readonly GuardedAnswer[]> {
  const wrong = writes.find(({ quantity }) => !isWritable(quantity));
  if (wrong) throw new FailureError(failure('number_unsafe', { quantity: wrong.quantity }));
  const items = writes.map(({ ref, quantity, expected, switchOn }, index) => ({
    ref: String(index),
    id: ref.variationId ?? ref.productId,
    set: quantity,
    ...(expected === null ? {} : { expected }),
    ...(switchOn === true ? { manage: true } : {}),
  }));
  return guard.cross(access, signal, async (link) => {
    const { data } = await api.call({
      access,
      link,
      method: 'POST',
      route: '/stock',
      body: { items, seconds: SECONDS_PER_CALL },
      shape: stockAnswer,
      signal,
    });
    if (data.results.length !== items.length) {
      throw misspoken(`${data.results.length} answers to ${items.length} writes`);
    }
    return items.map(({ ref, id }, index) => {
      const result = data.results[index];
      if (result === undefined || result.ref !== ref || result.id !== id) {
        throw misspoken(`an answer for ${result?.id ?? 'nothing'} where ${id} was sent`);
      }
      return answerIn(result);
    });
  });
}

/** Only what shows the number of the product itself is believed; a parent's is not its own. */
function answerIn({ id, outcome, stockId, before, after }: StockResult): GuardedAnswer {
  const isOwn = stockId == null || stockId === id;
  switch (outcome) {
    case 'written':
    case 'unchanged':
      return isOwn && after != null
        ? { kind: 'shown', quantity: after, before: before ?? null, written: outcome === 'written' }
        : { kind: 'unclear' };
    case 'conflict':
      return { kind: 'changed_meanwhile', quantity: before ?? null };
    case 'unmanaged':
      return { kind: 'not_managed' };
    case 'not_found':
      return { kind: 'gone' };
    case 'not_reached':
      return { kind: 'not_reached' };
    default:
      return { kind: 'unclear' };
  }
}
