import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { PushCall, SignatureVerdict } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { decodeBody } from '../push-body/decode-body';
import { isNumberText, isObject, type LosslessValue } from '../push-body/decode-json';
import { notAnObject } from './field-mapping';

/** How a sender signs its calls with a secret it shares with us. */
export interface SignatureScheme {
  readonly algorithm: 'sha1' | 'sha256';
  /** `either`: the sender's documents leave it open. */
  readonly encoding: 'hex' | 'base64' | 'either';
  readonly covers: 'body' | 'url+body' | 'timestamp.payload';
  /** In lower case. */
  readonly header: string;
}

export const signatureShape = z.strictObject(
  {
    algorithm: z.enum(['sha1', 'sha256']),
    encoding: z.enum(['hex', 'base64']),
    covers: z.enum(['body', 'url+body', 'timestamp.payload']).default('body'),
    header: z
      .string()
      .trim()
      .toLowerCase()
      .max(100)
      .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header, such as X-Signature'),
  },
  { error: notAnObject },
);

/** The value alone, of `sha256=…` and `signature=…,algorithm=…` too. What a header says of the algorithm binds nobody. */
function presentedIn(header: string): string {
  const named = /(?:^|[,;]\s*)(?:signature|sha1|sha256)=([^,;]+)/i.exec(header);
  return (named?.[1] ?? header).trim();
}

const asWritten = (value: LosslessValue | undefined): string | null =>
  typeof value === 'string' ? value : isNumberText(value) ? value.numberText : null;

/** null where the call lacks what its signature would cover. */
function covered(call: PushCall, covers: SignatureScheme['covers']): readonly (string | Uint8Array)[] | null {
  if (covers === 'body') return [call.body];
  if (covers === 'url+body') return [call.url, call.body];
  try {
    const body = decodeBody(call, ['text/plain']);
    if (!isObject(body)) return null;
    const timestamp = asWritten(body['timestamp']);
    const payload = asWritten(body['payload']);
    return timestamp === null || payload === null ? null : [timestamp, '.', payload];
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}

const isSame = (expected: string, presented: string): boolean => {
  const ours = Buffer.from(expected);
  const theirs = Buffer.from(presented);
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
};

export function verifySignature(call: PushCall, scheme: SignatureScheme, secret: string): SignatureVerdict {
  const header = call.headers[scheme.header]?.trim() ?? '';
  if (header === '') return 'missing';
  const parts = covered(call, scheme.covers);
  if (parts === null) return 'wrong';
  const hmac = createHmac(scheme.algorithm, secret);
  for (const part of parts) hmac.update(part);
  const digest = hmac.digest();
  const presented = presentedIn(header);
  const isHex = scheme.encoding !== 'base64' && isSame(digest.toString('hex'), presented.toLowerCase());
  const isBase64 = scheme.encoding !== 'hex' && isSame(digest.toString('base64'), presented);
  return isHex || isBase64 ? 'valid' : 'wrong';
}
