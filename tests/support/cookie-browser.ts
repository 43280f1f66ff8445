import { type ApiAnswer, answerOf, pickText } from './api-client';

let browsers = 0;

/**
 * Calls the API as the panel does: with cookies, and with the session's CSRF token where it has one. Each has an
 * address of its own for a service that trusts its proxy.
 */
export class CookieBrowser {
  cookies = new Map<string, string>();
  csrfToken: string | null = null;
  readonly address = `192.0.2.${++browsers % 250}`;

  constructor(
    private readonly serviceUrl: string,
    private readonly userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ) {}

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const response = await fetch(`${this.serviceUrl}/api/v1${path}`, {
      method,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'user-agent': this.userAgent,
        'x-forwarded-for': this.address,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.csrfToken === null ? {} : { 'x-csrf-token': this.csrfToken }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=');
      this.cookies.set(name, value);
    }
    return answerOf(response);
  }

  /** Keeps the CSRF token of an answer that opened a session. */
  adopt(answer: ApiAnswer): ApiAnswer {
    this.csrfToken = pickText(answer.body, 'csrfToken');
    return answer;
  }
}
