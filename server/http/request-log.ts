import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const ids = new WeakMap<Request, string>();
const facts = new WeakMap<Request, Record<string, unknown>>();
const routes = new WeakMap<Request, string>();

const GIVEN_ID = /^[\w.-]{8,64}$/;

/** The id in logs and problem documents by which a request is found again. */
export const requestIdOf = (req: Request): string => ids.get(req) ?? 'none';

/** Adds to the one wide line that this request will leave. Never a secret, never a body. */
export const addToLogLine = (req: Request, more: Record<string, unknown>): void => {
  facts.set(req, { ...facts.get(req), ...more });
};

/** The route's pattern where there is one: addresses hold public keys of sources, and would flood the metrics. */
const routeOf = (req: Request): string => {
  const kept = routes.get(req);
  if (kept !== undefined) return kept;
  const pattern: unknown = req.route?.path;
  return typeof pattern === 'string' ? `${req.baseUrl}${pattern}` : req.baseUrl === '' ? 'static' : req.baseUrl;
};

/** Where a route is met, before what fails there leaves it: on the way out its router is forgotten. */
export const keepRoute: RequestHandler = (req, _res, next) => {
  routes.delete(req);
  routes.set(req, routeOf(req));
  next();
};

export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** One wide record per request, once it is answered or given up. */
export const requestLog =
  (onRequest: (record: RequestRecord) => void): RequestHandler =>
  (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = given !== undefined && GIVEN_ID.test(given) ? given : randomUUID();
    ids.set(req, requestId);
    res.setHeader('X-Request-Id', requestId);
    const startedAt = performance.now();
    res.once('close', () => {
      onRequest({
        requestId,
        method: req.method,
        route: routeOf(req),
        status: res.writableFinished ? res.statusCode : 499,
        durationMs: Math.round(performance.now() - startedAt),
        bytesIn: Number(req.get('content-length') ?? 0),
        facts: facts.get(req) ?? {},
      });
    });
    next();
  };
