import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { ZodError } from 'zod';
import { asFailure, failureCause, failureCure, failureKind, FailureError } from '../domain/failure';
import { Refusal, type RefusalCode } from '../domain/refusal';
import type { Problem } from './schemas/common';
import { requestIdOf } from './request-log';

const STATUS_OF: Readonly<Record<RefusalCode, number>> = {
  invalid_input: 422,
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

/** What body-parser and Express throw: they carry a status and whether their message may be shown. */
const isHttpError = (error: unknown): error is Error & { status: number; type?: string } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number';

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_input',
  413: 'push_too_large',
  415: 'push_media_unsupported',
};

/** The database's own word that it cannot take the write now: the caller must try again, nothing was accepted. */
const isStorageError = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'QueryFailedError' ||
    error.name === 'TransactionNotStartedError' ||
    error.name === 'ConnectionIsNotSetError' ||
    ('code' in error && /^(?:ECONNREFUSED|ECONNRESET|EPIPE|PROTOCOL_|ER_|SQLITE_)/.test(String(error.code))));

function problemOf(error: unknown): ProblemDocument & { readonly retryAfterSeconds?: number } {
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
      errors: error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
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
    return { status: error.status, code: CODE_OF_STATUS[error.status] ?? 'invalid_input', detail: error.message };
  }
  return {
    status: 500,
    code: 'internal_error',
    detail: 'Something went wrong on our side. The request id helps us find it.',
  };
}

/** The only place where a failure becomes a status. */
export const errorResponse =
  (onUnforeseen: (error: unknown, requestId: string) => void): ErrorRequestHandler =>
  (error, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { retryAfterSeconds, ...problem } = problemOf(error);
    if (problem.status >= 500) onUnforeseen(error, requestIdOf(req));
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
