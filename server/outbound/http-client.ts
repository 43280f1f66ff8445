import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import axios, { type AxiosResponse } from 'axios';
import { type Failure, type FailureCode, failure, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import { isForbiddenHost } from './address-guard';
import { ConnectionPool } from './connection-pool';
import { errorCode, transportFailure } from './transport-failure';

export interface HttpRequest {
  /** Shops are sent no DELETE but to end a pairing, which need not arrive: firewalls block it. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the first byte of the name look-up to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly verifyTls: boolean;
  readonly signal: AbortSignal;
  /** The longest answer taken, after decompression. */
  /** latin1: every byte of the answer as the character of its number, for files whose encoding is not known yet. */
  readonly answerIs?: 'utf8' | 'latin1';
  readonly maxBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; several of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly durationMs: number;
}

/** What is on record of a call. The path comes without its query, which may hold keys and signatures. */
export interface HttpCall {
  readonly at: number;
  readonly host: string;
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly bytes: number;
  readonly outcome: 'answered' | FailureCode;
}

export interface HttpClient {
  /** Any status is an answer. What brings none is a FailureError, which never carries headers, addresses or bodies. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpClientOptions {
  readonly allowPrivateNetwork: boolean;
  readonly clock: Clock;
  readonly onCall?: (call: HttpCall) => void;
  readonly connectTimeoutMs?: number;
  readonly idleSocketMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

type StopReason = 'timeout' | 'connect-timeout' | 'caller' | 'too-large';

/** How far a call came, to tell a write that never left from one that may have been carried out. */
interface Progress {
  connected: boolean;
  reusedSocket: boolean;
  answerBegun: boolean;
  stoppedBy: StopReason | null;
  status: number | null;
  bytes: number;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pool = new ConnectionPool(options);
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;

  async function attempt(request: HttpRequest, url: URL, agent: http.Agent, deadline: number): Promise<HttpAnswer> {
    const startedAt = performance.now();
    const progress: Progress = {
      connected: false,
      reusedSocket: false,
      answerBegun: false,
      stoppedBy: null,
      status: null,
      bytes: 0,
    };
    const record = (outcome: HttpCall['outcome']): void =>
      options.onCall?.({
        at: options.clock.now(),
        host: url.host,
        method: request.method,
        path: url.pathname,
        status: progress.status,
        durationMs: Math.round(performance.now() - startedAt),
        bytes: progress.bytes,
        outcome,
      });
    const stopping = new AbortController();
    const stop = (reason: StopReason): void => {
      progress.stoppedBy ??= reason;
      stopping.abort();
    };
    const stopForCaller = (): void => stop('caller');
    const overall = setTimeout(() => stop('timeout'), Math.max(0, deadline - startedAt));
    const connecting = setTimeout(() => stop('connect-timeout'), connectTimeoutMs);
    if (request.signal.aborted) stopForCaller();
    request.signal.addEventListener('abort', stopForCaller, { once: true });
    try {
      const response = await axios.request<Readable>({
        method: request.method,
        url: url.href,
        headers: { ...request.headers },
        data: request.body,
        httpAgent: agent,
        httpsAgent: agent,
        transport: watchedTransport(url, progress, () => clearTimeout(connecting)),
        responseType: 'stream',
        signal: stopping.signal,
        maxRedirects: 0,
        maxBodyLength: Infinity,
        proxy: false,
        decompress: true,
        validateStatus: () => true,
      });
      progress.answerBegun = true;
      progress.status = response.status;
      const text = await readBody(response.data, request, progress, stopping.signal, stop);
      record('answered');
      return {
        status: response.status,
        headers: plainHeaders(response),
        text,
        durationMs: performance.now() - startedAt,
      };
    } catch (thrown) {
      const what = failureOf(request, url, progress, errorCode(thrown), connectTimeoutMs);
      record(what.code);
      throw new AttemptFailure(what, progress, errorCode(thrown));
    } finally {
      clearTimeout(overall);
      clearTimeout(connecting);
      request.signal.removeEventListener('abort', stopForCaller);
    }
  }

  return {
    async request(request) {
      const url = readUrl(request.url);
      if (!options.allowPrivateNetwork && isForbiddenHost(url.hostname)) {
        throw new FailureError(failure('shop_address_forbidden', { host: url.hostname }));
      }
      const deadline = performance.now() + request.timeoutMs;
      try {
        try {
          return await attempt(request, url, pool.agentFor(url, request.verifyTls), deadline);
        } catch (thrown) {
          if (!(thrown instanceof AttemptFailure) || !mayRepeat(request, thrown)) throw thrown;
          return await attempt(request, url, pool.freshAgentFor(url, request.verifyTls), deadline);
        }
      } catch (thrown) {
        if (!(thrown instanceof AttemptFailure)) throw thrown;
        const writeMayHaveHappened = isWrite(request) && thrown.progress.connected;
        // The original error is left behind on purpose: it carries the request with its Authorization header.
        throw new FailureError(thrown.failure, writeMayHaveHappened ? { writeMayHaveHappened } : {});
      }
    },
    close: () => pool.close(),
  };
}

/** Stays inside this file; carries no request and no cause. */
class AttemptFailure extends Error {
  constructor(
    readonly failure: Failure,
    readonly progress: Readonly<Progress>,
    readonly code: string,
  ) {
    super(failure.code);
  }
}

const isWrite = (request: HttpRequest): boolean => request.method === 'POST' || request.method === 'DELETE';

/**
 * The other side may close an idle connection in the moment we use it. What only reads is then asked again on a new
 * connection; a write is not: nobody knows whether it was carried out.
 */
const mayRepeat = (request: HttpRequest, { progress, code }: AttemptFailure): boolean =>
  !isWrite(request) &&
  progress.reusedSocket &&
  !progress.answerBegun &&
  progress.stoppedBy === null &&
  (code === 'ECONNRESET' || code === 'EPIPE');

function readUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  } catch {
    // Falls through to the failure below, which does not repeat the text: it may hold a password.
  }
  throw new FailureError(failure('shop_unreachable', { reason: 'its address is not an http address', host: '?' }));
}

/** Node's own transport, watched for the moment the connection stands: from then on a write may have left us. */
function watchedTransport(url: URL, progress: Progress, onConnected: () => void) {
  const secure = url.protocol === 'https:';
  const connected = (): void => {
    progress.connected = true;
    onConnected();
  };
  return {
    request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
      const request = (secure ? https : http).request(options, onResponse);
      request.once('socket', (socket: TLSSocket) => {
        progress.reusedSocket = request.reusedSocket;
        if (request.reusedSocket) connected();
        else socket.once(secure ? 'secureConnect' : 'connect', connected);
      });
      return request;
    },
  };
}

async function readBody(
  stream: Readable,
  { maxBytes, answerIs = 'utf8' }: HttpRequest,
  progress: Progress,
  signal: AbortSignal,
  stop: (reason: StopReason) => void,
): Promise<string> {
  const chunks: Buffer[] = [];
  const destroy = (): void => void stream.destroy(new Error('stopped'));
  signal.addEventListener('abort', destroy, { once: true });
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      progress.bytes += bytes.length;
      if (progress.bytes > maxBytes) {
        stop('too-large');
        break;
      }
      chunks.push(bytes);
    }
    if (progress.stoppedBy !== null) throw new Error('stopped');
    return Buffer.concat(chunks).toString(answerIs);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function failureOf(
  request: HttpRequest,
  url: URL,
  progress: Progress,
  code: string,
  connectTimeoutMs: number,
): Failure {
  switch (progress.stoppedBy) {
    case 'timeout':
      return failure('shop_timeout', { seconds: Math.ceil(request.timeoutMs / 1000) });
    case 'connect-timeout':
      return failure('shop_unreachable', {
        reason: `no connection within ${Math.ceil(connectTimeoutMs / 1000)} seconds`,
        host: url.hostname,
      });
    case 'too-large':
      return failure('shop_answer_unexpected', { what: `an answer of more than ${request.maxBytes} bytes` });
    case 'caller':
      return failure('shop_answer_lost', { reason: 'we stopped waiting' });
    case null:
      return transportFailure(code, url.hostname, progress.connected);
  }
}

function plainHeaders(response: AxiosResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  return headers;
}
