import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import { TEN_SECONDS_MS, type VendorCalls } from '../../domain/ports/vendor-calls';
import type { HttpAnswer, HttpClient } from '../../outbound/http-client';
import { rateLimited } from '../vendor-api/vendor-failures';

/**
 * SmartBill blocks an account for ten minutes after 30 calls in 10 seconds. Counted by the clock's own ten seconds, of
 * which any other ten touch two; other programs may use the account as well.
 */
const MOST_CALLS_IN_TEN_SECONDS = 12;
const BLOCK_MS = 10 * 60_000;
const TIMEOUT_MS = 120_000;
const MOST_BYTES = 64 * 1024 * 1024;

const accountOf = (settings: SourceSettings): string => `${settings['email'] ?? ''} ${settings['vatCode'] ?? ''}`;

/** Every call to SmartBill's API, all work on one account sharing its limit, whichever process does it. */
export class SmartbillCalls {
  private readonly blockedUntil = new Map<string, number>();

  constructor(
    private readonly http: HttpClient,
    private readonly baseUrl: string,
    private readonly clock: Clock,
    private readonly vendorCalls: Pick<VendorCalls, 'take'>,
  ) {}

  /** Any status is an answer, but for the block: that is source_rate_limited, without a call while it lasts. */
  async get(
    settings: SourceSettings,
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const account = accountOf(settings);
    const blockedForMs = (this.blockedUntil.get(account) ?? 0) - this.clock.now();
    if (blockedForMs > 0) throw rateLimited(blockedForMs);
    await this.turn(account, signal);
    const login = Buffer.from(`${settings['email'] ?? ''}:${settings['apiToken'] ?? ''}`).toString('base64');
    const url = new URL(`${this.baseUrl}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await this.http.request({
      method: 'GET',
      url: url.href,
      headers: { Authorization: `Basic ${login}`, Accept: 'application/json' },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MOST_BYTES,
      verifyTls: true,
      signal,
    });
    // Its own way to say "too many calls".
    if (answer.status === 403) {
      this.blockedUntil.set(account, this.clock.now() + BLOCK_MS);
      throw rateLimited(BLOCK_MS);
    }
    return answer;
  }

  private async turn(account: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.clock.now();
      const isOurs = await this.vendorCalls.take(`smartbill:${account}`, MOST_CALLS_IN_TEN_SECONDS, now, 'ten-seconds');
      // Cut off by us: the call itself says so.
      if (isOurs || signal.aborted) return;
      await this.clock.sleep(TEN_SECONDS_MS - (now % TEN_SECONDS_MS), signal);
    }
  }
}
