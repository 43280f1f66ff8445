/** What a call answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed, or null where there is no body. */
  readonly body: unknown;
}

/** A caller of the admin API and of the push door, as a script would be. */
export class ApiClient {
  constructor(
    readonly baseUrl: string,
    private readonly token: string,
  ) {}

  async call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(`${this.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answerOf(response);
  }

  /** A file is taken as it comes. */
  file(path: string): Promise<Response> {
    return fetch(`${this.baseUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${this.token}` } });
  }

  /** The body of a call that must succeed, read field by field with `pick`. */
  async expect(status: number, method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer.status !== status) {
      throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }
}

export async function answerOf(response: Response): Promise<ApiAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Pushes a body as a sender would. */
export async function push(
  url: string,
  token: string,
  body: string | Uint8Array<ArrayBuffer> | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: raw,
    }),
  );
}

/** A member of an answer whose shape the test is about to assert; throws where there is none. */
export function pick(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !(key in at)) {
      throw new Error(`No ${path.join('.')} in ${JSON.stringify(value)}`);
    }
    at = Object.entries(at).find(([name]) => name === String(key))?.[1];
  }
  return at;
}

export const pickNumber = (value: unknown, ...path: readonly (string | number)[]): number => {
  const found = pick(value, ...path);
  if (typeof found !== 'number') throw new Error(`${path.join('.')} is not a number`);
  return found;
};

export const pickText = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = pick(value, ...path);
  if (typeof found !== 'string') throw new Error(`${path.join('.')} is not text`);
  return found;
};

export const pickList = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = pick(value, ...path);
  if (!Array.isArray(found)) throw new Error(`${path.join('.')} is not a list`);
  return found;
};
