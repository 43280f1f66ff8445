import type { HttpAnswer, HttpClient, HttpRequest } from '../../server/outbound/http-client';

export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP client that answers from a script and keeps what was asked; a script that throws is a call that failed. */
export class ScriptedHttp implements HttpClient {
  readonly requests: HttpRequest[] = [];

  constructor(private readonly script: (url: URL, request: HttpRequest) => ScriptedAnswer) {}

  /** Path and query of every call, as sent. */
  get asked(): readonly string[] {
    return this.requests.map(({ url }) => {
      const { pathname, search } = new URL(url);
      return `${pathname}${search}`;
    });
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    return new Promise((resolve) => {
      const { status = 200, body, headers = {} } = this.script(new URL(request.url), request);
      const bytes = body instanceof Uint8Array ? body : typeof body === 'string' ? body : JSON.stringify(body ?? {});
      const text = Buffer.from(bytes).toString(request.answerIs ?? 'utf8');
      resolve({ status, headers, text, durationMs: 1 });
    });
  }

  close(): void {}
}
