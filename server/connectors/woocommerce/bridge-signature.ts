import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { percentEncode } from './oauth1';

/** Which way a call goes. It is signed, so that a call cannot be sent back to whom it came from. */
export type BridgeDirection = 'to-shop' | 'to-service';

export interface BridgeCall {
  readonly direction: BridgeDirection;
  readonly method: string;
  /** To the shop: the REST route with its query. To the service: what follows the service's own address. */
  readonly path: string;
  /** Unix seconds, as they are spelt in the header. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: Uint8Array;
}

export interface BridgeSignIn {
  readonly pairing: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly user: string;
  readonly email: string;
}

/** The same with pretty and plain permalinks and in a sub-folder: how a shop spells its addresses is not signed. */
export function bridgePath(route: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(query)
    .filter((name) => name !== 'rest_route')
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(query[name] ?? '')}`);
  return pairs.length === 0 ? route : `${route}?${pairs.join('&')}`;
}

export function callText({ direction, method, path, timestamp, nonce, body }: BridgeCall): string {
  const digest = createHash('sha256').update(body).digest('hex');
  return [direction, method.toUpperCase(), path, timestamp, nonce, digest].join('\n');
}

export const signInText = ({ pairing, timestamp, nonce, user, email }: BridgeSignIn): string =>
  ['sign-in', pairing, timestamp, nonce, user, email].join('\n');

/** The secret is base64url; its bytes are the key. */
export const bridgeSignature = (text: string, secret: string): string =>
  `v1=${createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest('hex')}`;

export function isBridgeSignature(presented: string, text: string, secret: string): boolean {
  const right = Buffer.from(bridgeSignature(text, secret));
  const given = Buffer.from(presented);
  return given.length === right.length && timingSafeEqual(given, right);
}
