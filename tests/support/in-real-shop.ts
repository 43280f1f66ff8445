import { systemClock } from '../../server/clock/system-clock';
import { createHttpClient } from '../../server/outbound/http-client';

const { WOO_URL, WOO_KEY, WOO_SECRET } = process.env;

/** The shop that the environment names, as a connection is made to it. */
export const REAL_SHOP = {
  url: WOO_URL ?? '',
  consumerKey: WOO_KEY ?? '',
  consumerSecret: WOO_SECRET ?? '',
  verifyTls: false,
};

/** Calls of a test itself to the real shop, past the service: what any visitor with keys would see. */
export async function inRealShop(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  route: string,
  body?: object,
): Promise<unknown> {
  const http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
  try {
    const answer = await http.request({
      method: method === 'GET' ? 'GET' : 'POST',
      url: `${WOO_URL}/wp-json/wc/v3${route}`,
      headers: {
        authorization: `Basic ${Buffer.from(`${WOO_KEY}:${WOO_SECRET}`).toString('base64')}`,
        'x-http-method-override': method,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: 120_000,
      verifyTls: false,
      signal: new AbortController().signal,
      maxBytes: 50_000_000,
    });
    return JSON.parse(answer.text);
  } finally {
    http.close();
  }
}
