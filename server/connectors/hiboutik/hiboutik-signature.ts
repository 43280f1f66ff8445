import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StockSource } from '../../domain/ports/stock-source';

const HEADER = 'x-hiboutik-hmac-sha256';

/** The body as it was sent, in hex, by a secret both sides know. */
export const hiboutikSignature: NonNullable<StockSource['push']['signature']> = {
  isSetUp: (settings) => (settings['webhookSecret'] ?? '') !== '',
  verify: ({ headers, body }, settings) => {
    const given = headers[HEADER]?.trim() ?? '';
    if (given === '') return 'missing';
    const right = createHmac('sha256', settings['webhookSecret'] ?? '')
      .update(body)
      .digest();
    const presented = Buffer.from(/^[\da-f]{64}$/i.test(given) ? given : '', 'hex');
    // Whoever knows no secret must not learn from the time it takes how much of a signature was right.
    return presented.length === right.length && timingSafeEqual(presented, right) ? 'valid' : 'wrong';
  },
};
