import type { StockSource } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { LINE_REFUSALS } from '../push-body/line-messages';

/** The push door of a system that is asked for its levels and pushes none: every call is refused with the reason. */
export const askedOnly = (system: string): StockSource['push'] => ({
  acceptedStatus: 202,
  wrongTokenStatus: 401,
  sourceOffStatus: 409,
  tokenIgnoresCase: false,
  vendorToken: () => null,
  read: () => {
    throw new Refusal('push_unreadable', `The levels of ${system} are read by its API; its calls are not understood.`);
  },
  messageFor: ({ refused }) => (refused ? LINE_REFUSALS[refused.refusal] : undefined),
  refusals: {
    sourceOff: 'This source is switched off in Stock Relay.',
    wrongToken: 'The address or the token is wrong. Copy both again from the source’s page.',
  },
});
