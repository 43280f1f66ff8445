/** An error in the form WordPress gives it. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  get body(): Record<string, unknown> {
    return { code: this.code, message: this.message, data: { status: this.status, ...this.extra } };
  }
}

export const invalidParam = (name: string, words: string, code = 'rest_invalid_param'): RestError =>
  new RestError(400, 'rest_invalid_param', `Invalid parameter(s): ${name}`, {
    params: { [name]: words },
    details: { [name]: { code, message: words, data: null } },
  });

export const noRoute = (): RestError =>
  new RestError(404, 'rest_no_route', 'No route was found matching the URL and request method.');
