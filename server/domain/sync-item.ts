import type { Failure } from './failure';
import type { Quantity } from './quantity';

/**
 * - due: waits to be brought to the shop
 * - writing: claimed by a worker
 * - synced: the shop's own answer showed the wanted value
 * - unverified: written, but what the shop shows is not proven yet; it is read back
 * - retrying: failed in a way that passes; due again later
 * - failed: a person has to act; a new value is tried all the same
 * - offline: the owner took it out; levels are recorded, nothing is written
 * - unmatched / ambiguous: no product, or more than one, fits; nothing is written
 */
export const SYNC_ITEM_STATUSES = [
  'due',
  'writing',
  'synced',
  'unverified',
  'retrying',
  'failed',
  'offline',
  'unmatched',
  'ambiguous',
] as const;

export type SyncItemStatus = (typeof SYNC_ITEM_STATUSES)[number];

/** Lower goes first. A movement at the till must never wait behind a full resync. */
export const PRIORITY = { movement: 0, retry: 10, manual: 20, bulk: 30 } as const;

/** A push that changes more products than this is a stock list, and must not hold up what a till sells meanwhile. */
export const MOST_PRODUCTS_OF_A_MOVEMENT = 200;

export const priorityOfPush = (products: number): number =>
  products > MOST_PRODUCTS_OF_A_MOVEMENT ? PRIORITY.manual : PRIORITY.movement;

/** Left as the shop shows it until the source says something new, or a person has it written. */
export const isLeftAlone = ({ failure }: { readonly failure: Failure | null }): boolean =>
  failure?.code === 'shop_differs' || failure?.code === 'shop_sold';

/** What became of an item a worker had claimed. */
export type SyncOutcome =
  | {
      readonly kind: 'synced';
      readonly shown: Quantity;
      /** `already` when the shop showed the value before we wrote anything. */
      readonly how: 'written' | 'already';
    }
  | { readonly kind: 'dry-run'; readonly shown: Quantity | null }
  /** `shown` is null when the shop was not seen after the write. */
  | { readonly kind: 'unverified'; readonly failure: Failure; readonly shown: Quantity | null }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly shown: Quantity | null }
  /**
   * The shop’s number moved while it was looked at, or may move yet: nothing was written, and a moment later, or then, it
   * is looked at anew.
   */
  | { readonly kind: 'moving'; readonly until?: number }
  /** Given back untouched: the shop as a whole is out of reach, no attempt is charged. */
  | { readonly kind: 'released'; readonly failure: Failure };
