import type { Problem } from '../../../server/http/schemas/common';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Why no usable answer came: the server said no, or there was no answer at all. */
export type ProblemKind =
  | 'network'
  | 'timeout'
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'throttled'
  | 'server'
  | 'other';

const kindOf = (status: number): ProblemKind => {
  if (status === 400 || status === 422) return 'invalid';
  if (status === 401) return 'unauthorised';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'missing';
  if (status === 409) return 'conflict';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'server' : 'other';
};

/** `/settings/email`, `body.settings.email` and `settings.email` name the same field. */
const plainPath = (path: string) =>
  path
    .replace(/^\//, '')
    .replaceAll('/', '.')
    .replace(/^body\./, '');

/** A failed call, as every page and composable meets it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  private constructor(
    readonly kind: ProblemKind,
    readonly status: number,
    readonly code: string,
    readonly detail: string | null,
    readonly requestId: string | null,
    readonly errors: readonly FieldError[],
    /** How long the server asks us to wait. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail ?? code);
  }

  static fromAnswer(status: number, body: unknown, retryAfter?: unknown): ApiProblem {
    const problem: Partial<Problem> = typeof body === 'object' && body !== null ? body : {};
    const errors = (problem.errors ?? []).map(({ path, message }) => ({ path: plainPath(path), message }));
    return new ApiProblem(
      kindOf(status),
      status,
      problem.code ?? `http_${status}`,
      problem.detail ?? problem.title ?? null,
      problem.requestId ?? null,
      errors,
      Number(retryAfter) > 0 ? Number(retryAfter) : null,
    );
  }

  static withoutAnswer(kind: 'network' | 'timeout'): ApiProblem {
    return new ApiProblem(kind, 0, kind, null, null, []);
  }

  /** A fault of ours, not of the call: said as such, never swallowed. */
  static unforeseen(thrown: unknown): ApiProblem {
    return new ApiProblem(
      'other',
      0,
      'unforeseen',
      thrown instanceof Error ? thrown.message : String(thrown),
      null,
      [],
    );
  }
}

export const asProblem = (thrown: unknown): ApiProblem =>
  thrown instanceof ApiProblem ? thrown : ApiProblem.unforeseen(thrown);
