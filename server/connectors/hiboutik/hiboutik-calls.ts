import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { VendorCalls } from '../../domain/ports/vendor-calls';
import type { HttpAnswer } from '../../outbound/http-client';
import { isList, isObject, type LosslessObject } from '../push-body/decode-json';
import { parseAnswer } from '../vendor-api/parse-answer';
import { asSourceFailure, rateLimited, unexpectedAnswer } from '../vendor-api/vendor-failures';
import type { HttpClient, HttpRequest } from '../../outbound/http-client';
import { hasNext, throwRefusal, totalOf } from './hiboutik-answer';
import { accountOf, allowanceOf } from './hiboutik-settings';

const BLOCK_MS = 10 * 60_000;
/** Nobody waits for the end of the month: asked again sooner, without a call, a run ends and says why. */
const LONGEST_WAIT_MS = 60 * 60_000;
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 16 * 1024 * 1024;

export interface HiboutikPage {
  readonly rows: readonly LosslessObject[];
  readonly isLast: boolean;
  /** Of the whole list, where Hiboutik says so. */
  readonly total: number | null;
}

export interface HiboutikAsk {
  /** A pull leaves the last tenth of the month's calls to the re-reading of what was sold. */
  readonly forPull?: boolean;
  /** What is asked about may be gone, or be such that Hiboutik tells nothing of it: then the list is empty. */
  readonly mayBeGone?: boolean;
  /** What the user needs a right to, in words. */
  readonly right?: string;
}

/**
 * Every call to Hiboutik's API, counted by account. A shop has so many calls a month for all its programs together, and
 * whoever uses them up stops the others too: we stop by ourselves before.
 */
export class HiboutikCalls {
  private readonly blockedUntil = new Map<string, number>();

  constructor(
    private readonly http: HttpClient,
    /** undefined = each account's own address. */
    private readonly baseUrl: string | undefined,
    private readonly clock: Clock,
    private readonly vendorCalls: VendorCalls,
  ) {}

  /** One page of a list, from 1. Whatever is no list is the FailureError that says why. */
  async list(
    settings: SourceSettings,
    path: string,
    page: number,
    signal: AbortSignal,
    ask: HiboutikAsk = {},
  ): Promise<HiboutikPage> {
    const answer = await this.send(settings, { method: 'GET', path: `${path}?p=${page}` }, signal, ask);
    if (ask.mayBeGone && isGone(answer)) return { rows: [], isLast: true, total: 0 };
    const body = parseAnswer(answer.text);
    throwRefusal(answer, body, ask.right);
    if (!isList(body)) throw unexpectedAnswer(`status ${answer.status}`, answer.text);
    return {
      rows: body.filter(isObject),
      isLast: body.length === 0 || !hasNext(answer, body.length),
      total: totalOf(answer),
    };
  }

  async all(
    settings: SourceSettings,
    path: string,
    signal: AbortSignal,
    ask: HiboutikAsk = {},
  ): Promise<readonly LosslessObject[]> {
    const rows: LosslessObject[] = [];
    for (let page = 1, isLast = false; !isLast; page++) {
      const some = await this.list(settings, path, page, signal, ask);
      rows.push(...some.rows);
      isLast = some.isLast;
    }
    return rows;
  }

  async create(
    settings: SourceSettings,
    path: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
    ask: HiboutikAsk = {},
  ): Promise<void> {
    const body = new URLSearchParams(form).toString();
    const answer = await this.send(settings, { method: 'POST', path, body }, signal, ask);
    throwRefusal(answer, parseAnswer(answer.text), ask.right);
  }

  /** What is gone already is as good as removed. */
  async remove(settings: SourceSettings, path: string, signal: AbortSignal, ask: HiboutikAsk = {}): Promise<void> {
    const answer = await this.send(settings, { method: 'DELETE', path }, signal, ask);
    if (answer.status !== 404) throwRefusal(answer, parseAnswer(answer.text), ask.right);
  }

  /** Calls of this month, by all our processes. */
  used(settings: SourceSettings): Promise<number> {
    return this.vendorCalls.used(allowanceOf(settings).account, this.clock.now());
  }

  private async send(
    settings: SourceSettings,
    request: Pick<HttpRequest, 'method' | 'body'> & { readonly path: string },
    signal: AbortSignal,
    ask: HiboutikAsk,
  ): Promise<HttpAnswer> {
    const account = accountOf(settings);
    await this.count(settings, ask.forPull === true);
    const { method, path, body } = request;
    const login = Buffer.from(`${settings['user'] ?? ''}:${settings['apiKey'] ?? ''}`).toString('base64');
    let answer: HttpAnswer;
    try {
      answer = await this.http.request({
        method,
        url: `${this.baseUrl ?? `https://${account}.hiboutik.com/api`}${path}`,
        headers: {
          Authorization: `Basic ${login}`,
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
        },
        ...(body === undefined ? {} : { body }),
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
        verifyTls: true,
        signal,
      });
    } catch (thrown) {
      throw asSourceFailure(thrown);
    }
    if (answer.status !== 429) return answer;
    const asked = Number(answer.headers['retry-after']);
    const waitMs = asked > 0 ? asked * 1000 : BLOCK_MS;
    this.blockedUntil.set(account, this.clock.now() + waitMs);
    throw rateLimited(waitMs, Math.min(waitMs, LONGEST_WAIT_MS));
  }

  /** Counted before it is made: one that fails counts too. Throws instead where no call may be made. */
  private async count(settings: SourceSettings, forPull: boolean): Promise<void> {
    const now = this.clock.now();
    const blockedForMs = (this.blockedUntil.get(accountOf(settings)) ?? 0) - now;
    if (blockedForMs > 0) throw rateLimited(blockedForMs, Math.min(blockedForMs, LONGEST_WAIT_MS));
    const { account, most } = allowanceOf(settings);
    if (await this.vendorCalls.take(account, forPull ? Math.floor((most * 9) / 10) : most, now)) return;
    const leftMs = endOfMonth(now) - now;
    throw rateLimited(leftMs, Math.min(leftMs, LONGEST_WAIT_MS));
  }
}

/** 422 is what Hiboutik says of a package, which has no stock of its own. */
const isGone = ({ status }: HttpAnswer): boolean => status === 404 || status === 422;

function endOfMonth(now: number): number {
  const day = new Date(now);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1);
}
