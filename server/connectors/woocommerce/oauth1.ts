import { createHmac } from 'node:crypto';

/** Percent-encoding of RFC 3986, which OAuth signs and PHP's rawurlencode produces. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export interface OAuth1Request {
  readonly method: string;
  /** Without query. WordPress signs its home address without the slash at the end. */
  readonly url: string;
  readonly query: Readonly<Record<string, string>>;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly timestamp: number;
  readonly nonce: string;
}

/**
 * One-legged OAuth 1.0a as WooCommerce checks it: every query parameter is signed, the JSON body is not. The secret
 * itself never travels. Returns the query with the oauth_ parameters added.
 */
export function signedQuery(request: OAuth1Request): Record<string, string> {
  const params: Record<string, string> = {
    ...request.query,
    oauth_consumer_key: request.consumerKey,
    oauth_nonce: request.nonce,
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(request.timestamp),
  };
  const pairs = Object.keys(params)
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(params[name] ?? '')}`);
  const base = [request.method.toUpperCase(), percentEncode(request.url), percentEncode(pairs.join('&'))].join('&');
  const signature = createHmac('sha256', `${request.consumerSecret}&`).update(base).digest('base64');
  return { ...params, oauth_signature: signature };
}
