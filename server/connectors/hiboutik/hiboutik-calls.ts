import { failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { HttpAnswer, HttpClient } from '../../outbound/http-client';
import { isList, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { parseAnswer } from '../vendor-api/parse-answer';
import { asSourceFailure, rateLimited, unexpectedAnswer } from '../vendor-api/vendor-failures';

/**
 * A shop has 10,000 calls a month, for all programs together; whoever uses them up stops the others too. Counted in this
 * process, so that a restart begins anew: it stops a schedule gone wild, and is no promise.
 */
const MOST_CALLS_A_MONTH = 9_000;
const ROWS_A_PAGE = 250;
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

interface Month {
  readonly endsAt: number;
  calls: number;
}

/** Every call to Hiboutik's API, counted by account. */
export class HiboutikCalls {
  private readonly months = new Map<string, Month>();
  private readonly blockedUntil = new Map<string, number>();

  constructor(
    private readonly http: HttpClient,
    /** undefined = each account's own address. */
    private readonly baseUrl: string | undefined,
    private readonly clock: Clock,
  ) {}

  /** One page of a list, from 1. Whatever is no list is the FailureError that says why. */
  async list(settings: SourceSettings, path: string, page: number, signal: AbortSignal): Promise<HiboutikPage> {
    const answer = await this.get(settings, `${path}?p=${page}`, signal);
    const body = parseAnswer(answer.text);
    throwRefusal(answer, body);
    if (!isList(body)) throw unexpectedAnswer(`status ${answer.status}`, answer.text);
    return {
      rows: body.filter(isObject),
      isLast: body.length === 0 || !hasNext(answer, body.length),
      total: totalOf(answer),
    };
  }

  private async get(settings: SourceSettings, path: string, signal: AbortSignal): Promise<HttpAnswer> {
    const account = settings['account'] ?? '';
    this.count(account);
    const login = Buffer.from(`${settings['user'] ?? ''}:${settings['apiKey'] ?? ''}`).toString('base64');
    let answer: HttpAnswer;
    try {
      answer = await this.http.request({
        method: 'GET',
        url: `${this.baseUrl ?? `https://${account}.hiboutik.com/api`}${path}`,
        headers: { Authorization: `Basic ${login}`, Accept: 'application/json' },
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

  /** Throws instead where no call may be made. */
  private count(account: string): void {
    const now = this.clock.now();
    const blockedForMs = (this.blockedUntil.get(account) ?? 0) - now;
    if (blockedForMs > 0) throw rateLimited(blockedForMs, Math.min(blockedForMs, LONGEST_WAIT_MS));
    const known = this.months.get(account);
    const month = known && now < known.endsAt ? known : { endsAt: endOfMonth(now), calls: 0 };
    this.months.set(account, month);
    if (month.calls >= MOST_CALLS_A_MONTH) {
      throw rateLimited(month.endsAt - now, Math.min(month.endsAt - now, LONGEST_WAIT_MS));
    }
    month.calls++;
  }
}

function endOfMonth(now: number): number {
  const day = new Date(now);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1);
}

function throwRefusal({ status, text }: HttpAnswer, body: LosslessValue): void {
  if (status === 200) return;
  const said = saidIn(body);
  if (status === 401) throw new FailureError(failure('source_login_refused', {}, said || null));
  if (status >= 500) throw new FailureError(failure('source_unreachable', { reason: `status ${status}` }));
  if (said === '' && status !== 403) throw unexpectedAnswer(`status ${status}`, text);
  throw new FailureError(failure('source_refused', { said: said || `status ${status}` }));
}

/** `{error, code, error_description, details: {field: why}}`, each of them optional. */
function saidIn(body: LosslessValue): string {
  if (!isObject(body)) return '';
  const details = isObject(body['details']) ? Object.values(body['details']).map(textOf) : [textOf(body['details'])];
  const texts = [textOf(body['error_description']) || textOf(body['error']), ...details];
  return texts.filter((text) => text !== '').join(': ');
}

/** By the Link header, as in `<…?p=2>; rel="next"`; a server in between may drop it. */
function hasNext({ headers }: HttpAnswer, rows: number): boolean {
  const link = headers['link'];
  return link === undefined ? rows >= ROWS_A_PAGE : /\brel="?next"?/i.test(link);
}

function totalOf({ headers }: HttpAnswer): number | null {
  const total = /\/(\d+)\s*$/.exec(headers['content-range'] ?? '')?.[1];
  return total === undefined ? null : Number(total);
}
