import type { SlowReason } from './ports/shop-bridge';

/** What a shop gains by its plugin, in English; a panel says the same in its languages by the same codes. */
export const BRIDGE_GAINS = {
  fast_writes: 'One call writes up to 1,000 products and variations; WooCommerce’s own takes 100 of one parent.',
  guarded_writes: 'A number is written only where the shop still shows what we saw: no sale in between is overwritten.',
  stock_events: 'Every stock change in the shop is told at once, with its order or who made it.',
  fast_catalogue: 'The whole catalogue is read in a few calls, and deletions are told.',
  sign_in: 'Who paired the plugin comes here from WordPress without a password.',
  smartbill_door: 'SmartBill can push to the shop’s address where this service has none of its own.',
} as const;

export type BridgeGain = keyof typeof BRIDGE_GAINS;

/** Why the plugin goes the slow way, where it has no words of its own for it. */
export const slowWords = ({ code, detail }: SlowReason): string => (detail === '' ? code : detail);
