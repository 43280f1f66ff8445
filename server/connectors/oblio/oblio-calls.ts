import { failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { HttpAnswer } from '../../outbound/http-client';
import { isList, isObject, type LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { parseAnswer } from '../vendor-api/parse-answer';
import { asSourceFailure, rateLimited, unexpectedAnswer } from '../vendor-api/vendor-failures';
import type { HttpClient, HttpRequest } from '../../outbound/http-client';

export const PRODUCTS_A_PAGE = 250;

/** Oblio takes 30 calls in 10 seconds, and used to block for ten minutes whoever made more than three in one. */
const APART_MS = 350;
const LONGEST_TURN_MS = 60_000;
const BLOCK_MS = 10 * 60_000;
/** A token is renewed a little before its time. */
const EARLY_MS = 60_000;
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 16 * 1024 * 1024;

interface Token {
  readonly text: string;
  readonly endsAt: number;
}

const accountOf = (settings: SourceSettings): string => `${settings['email'] ?? ''} ${settings['secret'] ?? ''}`;

/** Every call to Oblio's API, those of one account one after the other. */
export class OblioCalls {
  private readonly tokens = new Map<string, Token>();
  private readonly nextTurnAt = new Map<string, number>();
  private readonly blockedUntil = new Map<string, number>();

  constructor(
    private readonly http: HttpClient,
    private readonly baseUrl: string,
    private readonly clock: Clock,
  ) {}

  /** The entries of a list of the firm. Whatever is no list is the FailureError that says why. */
  async list(
    settings: SourceSettings,
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly LosslessObject[]> {
    const search = new URLSearchParams({ cif: settings['cif'] ?? '', ...query }).toString();
    const answer = await this.ask(settings, { method: 'GET', path: `${path}?${search}` }, signal);
    const { data } = doneBy(answer);
    if (data === null) throw unexpectedAnswer(`status ${answer.status}`, answer.text);
    return data;
  }

  /** Adds something of the firm. */
  async create(
    settings: SourceSettings,
    path: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const body = JSON.stringify({ cif: settings['cif'] ?? '', ...fields });
    doneBy(await this.ask(settings, { method: 'POST', path, body }, signal));
  }

  /** What is gone already is as good as removed. */
  async remove(settings: SourceSettings, path: string, signal: AbortSignal): Promise<void> {
    const answer = await this.ask(settings, { method: 'DELETE', path }, signal);
    if (answer.status !== 404) doneBy(answer);
  }

  private async ask(
    settings: SourceSettings,
    { method, path, body }: Pick<HttpRequest, 'method' | 'body'> & { readonly path: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const send = async (): Promise<HttpAnswer> => {
      const headers = {
        Authorization: `Bearer ${await this.token(settings, signal)}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      };
      return this.send(settings, { method, url: `${this.baseUrl}${path}`, headers, body }, signal);
    };
    const answer = await send();
    if (answer.status !== 401) return answer;
    // A token may end before its time, as when the password is set anew.
    this.tokens.delete(accountOf(settings));
    return send();
  }

  private async token(settings: SourceSettings, signal: AbortSignal): Promise<string> {
    const account = accountOf(settings);
    const known = this.tokens.get(account);
    const now = this.clock.now();
    if (known && now < known.endsAt) return known.text;
    const body = new URLSearchParams({
      client_id: settings['email'] ?? '',
      client_secret: settings['secret'] ?? '',
    }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const url = `${this.baseUrl}/authorize/token`;
    const answer = await this.send(settings, { method: 'POST', url, headers, body }, signal);
    if (answer.status === 400 || answer.status === 401) {
      throw new FailureError(failure('source_login_refused', {}, bodyOf(answer).said || null));
    }
    const given = parseAnswer(answer.text);
    const text = isObject(given) ? textOf(given['access_token']) : '';
    if (!isObject(given) || text === '') throw unexpectedAnswer(`status ${answer.status}`);
    const seconds = Number(textOf(given['expires_in']));
    this.tokens.set(account, { text, endsAt: now + (seconds > 0 ? seconds * 1000 : 0) - EARLY_MS });
    return text;
  }

  private async send(
    settings: SourceSettings,
    request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const account = accountOf(settings);
    const blockedForMs = (this.blockedUntil.get(account) ?? 0) - this.clock.now();
    if (blockedForMs > 0) throw rateLimited(blockedForMs);
    await this.turn(account, signal);
    let answer: HttpAnswer;
    try {
      answer = await this.http.request({
        ...request,
        headers: { Accept: 'application/json', ...request.headers },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
        verifyTls: true,
        signal,
      });
    } catch (thrown) {
      throw asSourceFailure(thrown);
    }
    if (answer.status === 429) {
      this.blockedUntil.set(account, this.clock.now() + BLOCK_MS);
      throw rateLimited(BLOCK_MS);
    }
    if (answer.status >= 500) {
      throw new FailureError(failure('source_unreachable', { reason: `status ${answer.status}` }));
    }
    return answer;
  }

  private async turn(account: string, signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    // Bounded, should the clock be set back.
    const waitMs = Math.min(Math.max(0, (this.nextTurnAt.get(account) ?? 0) - now), LONGEST_TURN_MS);
    this.nextTurnAt.set(account, now + waitMs + APART_MS);
    if (waitMs > 0) await this.clock.sleep(waitMs, signal);
  }
}

/** What a call brought; whatever was not carried out is the FailureError that says why. */
function doneBy(answer: HttpAnswer) {
  const body = bodyOf(answer);
  if (answer.status === 401) throw new FailureError(failure('source_login_refused', {}, body.said || null));
  const isDone = answer.status >= 200 && answer.status < 300 && (body.status === '' || /^2\d\d$/.test(body.status));
  if (isDone) return body;
  if (body.said !== '') throw new FailureError(failure('source_refused', { said: body.said }));
  throw unexpectedAnswer(`status ${answer.status}`, answer.text);
}

/** `{status, statusMessage, data}`; a refusal has no data. */
function bodyOf({ text }: HttpAnswer) {
  const body = parseAnswer(text);
  if (!isObject(body)) return { status: '', said: '', data: null };
  const { data } = body;
  return {
    status: textOf(body['status']),
    said: textOf(body['statusMessage']),
    data: isList(data) ? data.filter(isObject) : null,
  };
}
