import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type z, ZodError } from 'zod';
import { asFailure, failureCause, failureCure, failureKind, FailureError } from '../domain/failure';
import { type FieldError, Refusal, type RefusalCode } from '../domain/refusal';
import type { Problem } from './schemas/common';
import { requestIdOf } from './request-log';

const STATUS_OF: Readonly<Record<RefusalCode, number>> = {
  invalid_input: 422,
  body_unreadable: 400,
  body_too_large: 413,
  body_not_json: 415,
  not_authenticated: 401,
  wrong_credentials: 401,
  wrong_code: 401,
  challenge_over: 401,
  second_factor_required: 403,
  csrf_missing: 403,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_many_requests: 429,
  push_unreadable: 400,
  push_token_missing: 401,
  push_token_wrong: 401,
  push_signature_wrong: 401,
  push_media_unsupported: 415,
  push_too_large: 413,
  push_no_line_usable: 422,
  push_source_off: 409,
  stock_relay_unsigned: 401,
  stock_relay_unpaired: 401,
  stock_relay_late: 401,
  stock_relay_bad_signature: 401,
  stock_relay_replayed: 401,
  stock_relay_oversized: 413,
  stock_relay_bad_request: 400,
  storage_unavailable: 503,
  method_not_allowed: 405,
};

type ProblemDocument = Omit<Problem, 'requestId' | 'title' | 'type'> & Readonly<Record<string, unknown>>;

export function sendProblem(req: Request, res: Response, problem: ProblemDocument): void {
  res
    .status(problem.status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:stock-relay:problem:${problem.code}`,
        title: STATUS_CODES[problem.status] ?? 'Error',
        ...problem,
        requestId: requestIdOf(req),
      }),
    );
}

/** What body-parser and Express throw: they carry a status, and what was wrong. */
type HttpError = Error & { status: number; type?: string; limit?: number; code?: string };
const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number';

/** A body that could not even be taken in, in words that say what cures it. */
function unreadBody(error: HttpError, isPush: boolean): Refusal | null {
  switch (error.type) {
    case 'entity.too.large':
      return new Refusal(
        isPush ? 'push_too_large' : 'body_too_large',
        `The body may have at most ${error.limit ?? 0} bytes. Send it in parts.`,
      );
    case 'encoding.unsupported':
      return new Refusal(
        isPush ? 'push_media_unsupported' : 'body_not_json',
        'Send the body as it is, or compressed by gzip, deflate or br.',
      );
    case 'charset.unsupported':
      return new Refusal(isPush ? 'push_media_unsupported' : 'body_not_json', 'Send the body as UTF-8.');
    case 'entity.parse.failed':
      return new Refusal('body_unreadable', `The body is not valid JSON: ${error.message}`);
    case 'request.size.invalid':
      return new Refusal(
        isPush ? 'push_unreadable' : 'body_unreadable',
        'The body is not as long as its Content-Length says.',
      );
  }
  return error.code?.startsWith('Z_') === true
    ? new Refusal(
        isPush ? 'push_unreadable' : 'body_unreadable',
        'The body is not compressed as Content-Encoding says.',
      )
    : null;
}

/** The database's own word that it cannot take the write now: the caller must try again, nothing was accepted. */
const isStorageError = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'QueryFailedError' ||
    error.name === 'TransactionNotStartedError' ||
    error.name === 'ConnectionIsNotSetError' ||
    ('code' in error && /^(?:ECONNREFUSED|ECONNRESET|EPIPE|PROTOCOL_|ER_|SQLITE_)/.test(String(error.code))));

const faultsOf = (issue: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'there is no such field here' }))
    : [{ path: issue.path.join('.'), message: issue.message }];

function problemOf(error: unknown, isPush: boolean): ProblemDocument & { readonly retryAfterSeconds?: number } {
  if (error instanceof Refusal) {
    const { errors, members, retryAfterSeconds, status } = error.facts;
    return {
      ...members,
      status: status ?? STATUS_OF[error.code],
      code: error.code,
      detail: error.detail,
      ...(errors ? { errors: [...errors] } : {}),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }
  if (error instanceof ZodError) {
    return {
      status: 422,
      code: 'invalid_input',
      detail: 'Some fields are not usable.',
      errors: error.issues.flatMap(faultsOf),
    };
  }
  if (error instanceof FailureError) {
    const what = asFailure(error);
    return {
      status: failureKind(what.code).severity === 'retry' ? 503 : 502,
      code: what.code,
      detail: `${failureCause(what)} ${failureCure(what)}`,
      retryAfterSeconds: 30,
    };
  }
  if (isStorageError(error)) {
    const detail = 'The database cannot take this now. Nothing was accepted; please send it again.';
    return { status: 503, code: 'storage_unavailable', detail, retryAfterSeconds: 5 };
  }
  if (isHttpError(error) && error.status >= 400 && error.status < 500) {
    const unread = unreadBody(error, isPush);
    return unread !== null
      ? problemOf(unread, isPush)
      : { status: error.status, code: 'invalid_input', detail: error.message };
  }
  return {
    status: 500,
    code: 'internal_error',
    detail: 'Something went wrong on our side. The request id helps us find it.',
  };
}

/** How to come in, where nobody has said who it is; no browser asks a person for what is named here of the API. */
const CHALLENGES: Readonly<Record<string, string>> = {
  not_authenticated: 'Bearer',
  push_token_missing: 'Bearer, Basic realm="push"',
  push_token_wrong: 'Bearer, Basic realm="push"',
};

/** The only place where a failure becomes a status. */
export const errorResponse =
  (onUnforeseen: (error: unknown, requestId: string) => void): ErrorRequestHandler =>
  (error, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { retryAfterSeconds, ...problem } = problemOf(error, req.path.startsWith('/push/'));
    if (problem.status >= 500) onUnforeseen(error, requestIdOf(req));
    const challenge = problem.status === 401 ? CHALLENGES[problem.code] : undefined;
    if (challenge !== undefined) res.setHeader('WWW-Authenticate', challenge);
    if (retryAfterSeconds !== undefined)
      res.setHeader('Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds))));
    sendProblem(req, res, problem);
  };

export const notFoundResponse: RequestHandler = (req, res) =>
  sendProblem(req, res, { status: 404, code: 'not_found', detail: 'There is nothing at this address.' });

/** For addresses that exist, with a method they do not have. */
export const methodNotAllowed =
  (allowed: string): RequestHandler =>
  (req, res) => {
    res.setHeader('Allow', allowed);
    sendProblem(req, res, { status: 405, code: 'method_not_allowed', detail: `Use ${allowed}.` });
  };
