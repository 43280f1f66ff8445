import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BridgeProof, BridgeSpeech } from '../../domain/ports/shop-bridge';
import { Refusal } from '../../domain/refusal';
import { callText, isBridgeSignature, signInText } from './bridge-signature';
import { stockEvent } from './bridge-shapes';

const MOST_EVENTS = 500;
const CODE_LENGTH = 12;
/** Crockford's: nobody mistakes a letter of it for a digit. */
const CODE_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const pairing = z.string().regex(/^[0-9a-f-]{36}$/);
const timestamp = z.string().regex(/^\d{1,12}$/);
const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const signature = z.string().regex(/^v1=[0-9a-f]{64}$/);

const signedHeaders = z.object({
  'x-stock-relay-pairing': pairing,
  'x-stock-relay-timestamp': timestamp,
  'x-stock-relay-nonce': nonce,
  'x-stock-relay-signature': signature,
});

const signInForm = z.object({
  pairing,
  timestamp,
  nonce,
  signature,
  user: z.string().regex(/^[1-9]\d{0,15}$/),
  email: z.string().min(3).max(254),
});

const pushedEvents = z.object({ events: z.array(stockEvent).max(MOST_EVENTS), gap: z.boolean().default(false) });

const proof = (
  { pairing, timestamp, nonce }: Readonly<Record<'pairing' | 'timestamp' | 'nonce', string>>,
  presented: string,
  text: string,
): BridgeProof => ({
  pairingId: pairing,
  timestamp: Number(timestamp),
  nonce,
  isSignedWith: (secret) => isBridgeSignature(presented, text, secret),
});

/** What the plugin says to us, and how it proves that it is it. */
export const bridgeSpeech: BridgeSpeech = {
  proofOf({ method, path, headers, body }) {
    const read = signedHeaders.safeParse(headers);
    if (!read.success) return null;
    const facts = {
      pairing: read.data['x-stock-relay-pairing'],
      timestamp: read.data['x-stock-relay-timestamp'],
      nonce: read.data['x-stock-relay-nonce'],
    };
    const text = callText({ direction: 'to-service', method, path, ...facts, body });
    return proof(facts, read.data['x-stock-relay-signature'], text);
  },
  proofOfSignIn(form) {
    const read = signInForm.safeParse(form);
    if (!read.success) return null;
    const { user, email } = read.data;
    return { ...proof(read.data, read.data.signature, signInText(read.data)), user: Number(user), email };
  },
  readEvents(body) {
    const read = pushedEvents.safeParse(parsed(body));
    if (read.success) return read.data;
    throw new Refusal('stock_relay_bad_request', 'These are no stock events.', {
      errors: read.error.issues
        .slice(0, 20)
        .map((issue) => ({ path: issue.path.join('.') || 'body', message: issue.message })),
    });
  },
  newSecret: () => randomBytes(32).toString('base64url'),
  newPairingId: () => randomUUID(),
  newCode: () => Array.from({ length: CODE_LENGTH }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join(''),
};

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
