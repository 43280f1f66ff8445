import { failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { HttpAnswer, HttpClient } from '../../outbound/http-client';
import { textOfFile } from './file-text';
import { asSourceFailure, rateLimited, unexpectedAnswer } from '../vendor-api/vendor-failures';

const TIMEOUT_MS = 120_000;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_REDIRECTS = 5;
const SECOND = 1_000;
const DEFAULT_WAIT_MS = 60 * SECOND;
const LONGEST_WAIT_MS = 60 * 60 * SECOND;

export interface DownloadedFile {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/** Gets the file a source's settings name. Every failure says why. */
export class FileDownload {
  constructor(
    private readonly http: HttpClient,
    private readonly clock: Clock,
  ) {}

  async get(settings: SourceSettings, signal: AbortSignal): Promise<DownloadedFile> {
    const address = settings['fileUrl'] ?? '';
    let url = address;
    for (let redirects = 0; ; redirects++) {
      const isOwn = URL.canParse(url) && new URL(url).origin === new URL(address).origin;
      const answer = await this.send(url, isOwn ? loginOf(settings) : {}, signal);
      if (answer.status === 200) {
        return { bytes: Buffer.from(answer.text, 'latin1'), contentType: answer.headers['content-type'] ?? null };
      }
      const next = redirects < MOST_REDIRECTS ? redirectOf(answer, url) : null;
      if (next === null) throw this.refusalOf(answer);
      url = next;
    }
  }

  private async send(url: string, login: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.http.request({
        method: 'GET',
        url,
        headers: { Accept: 'text/csv, application/json, */*;q=0.5', ...login },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
        verifyTls: true,
        answerIs: 'latin1',
        signal,
      });
    } catch (thrown) {
      throw asSourceFailure(thrown);
    }
  }

  private refusalOf({ status, headers, text }: HttpAnswer): FailureError {
    if (status === 401) return new FailureError(failure('source_login_refused'));
    if (status === 429) return rateLimited(this.waitMs(headers['retry-after']));
    if (status >= 500) return new FailureError(failure('source_unreachable', { reason: `status ${status}` }));
    return unexpectedAnswer(`status ${status}`, textOfFile(Buffer.from(text, 'latin1')));
  }

  /** Seconds, or a date. */
  private waitMs(retryAfter: string | undefined): number {
    if (retryAfter === undefined) return DEFAULT_WAIT_MS;
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * SECOND : Date.parse(retryAfter) - this.clock.now();
    return Number.isFinite(ms) ? Math.min(Math.max(ms, SECOND), LONGEST_WAIT_MS) : DEFAULT_WAIT_MS;
  }
}

function loginOf(settings: SourceSettings): Readonly<Record<string, string>> {
  const { fileUser = '', filePassword = '' } = settings;
  if (fileUser === '' && filePassword === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${fileUser}:${filePassword}`).toString('base64')}` };
}

/** Where a file really lies: shared tables and folders send everybody on. Never from https to http. */
function redirectOf({ status, headers }: HttpAnswer, from: string): string | null {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  if (!URL.canParse(location, from)) return null;
  const next = new URL(location, from);
  const isSafe = next.protocol === 'https:' || (next.protocol === 'http:' && from.startsWith('http:'));
  return isSafe && next.username === '' ? next.href : null;
}
