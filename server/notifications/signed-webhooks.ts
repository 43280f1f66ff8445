import { createHmac } from 'node:crypto';
import { failure, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { NoticeWebhookCalls } from '../domain/ports/notice-deliveries';
import type { HttpAnswer, HttpClient } from '../outbound/http-client';

const TIMEOUT_MS = 10_000;
/** What the receiver says is kept as proof only. */
const MAX_ANSWER_BYTES = 64 * 1024;
const LONGEST_PROOF = 300;

/** `t` is signed with the body, so that a call that was listened to cannot be sent again later. */
export const signatureOf = (body: string, secret: string, atSeconds: number): string =>
  `t=${atSeconds},v1=${createHmac('sha256', secret).update(`${atSeconds}.${body}`).digest('hex')}`;

/** Calls the webhooks of programs that want to hear of notices. */
export const createSignedWebhooks = (http: HttpClient, clock: Clock): NoticeWebhookCalls => ({
  post: async ({ url, secret }, { id, body }) => {
    const answer = await call(http, url, body, {
      'content-type': 'application/json',
      'user-agent': 'Stock-Relay',
      'x-stock-relay-id': id,
      'x-stock-relay-signature': signatureOf(body, secret, Math.floor(clock.now() / 1000)),
    });
    if (answer.status >= 200 && answer.status <= 299) return;
    const said = answer.text.slice(0, LONGEST_PROOF).trim();
    throw new FailureError(failure('webhook_refused', { status: answer.status }, said === '' ? null : said));
  },
});

async function call(
  http: HttpClient,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  try {
    return await http.request({
      method: 'POST',
      url,
      headers,
      body,
      timeoutMs: TIMEOUT_MS,
      verifyTls: true,
      signal: new AbortController().signal,
      maxBytes: MAX_ANSWER_BYTES,
    });
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    // The failures of a call are worded for shops; what went wrong on the way is the same.
    const { code, params } = thrown.failure;
    throw new FailureError(
      code === 'shop_address_forbidden'
        ? failure('webhook_address_forbidden', params)
        : failure('webhook_unreachable', { what: String(params['reason'] ?? code) }),
    );
  }
}
