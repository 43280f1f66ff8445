import { existsSync } from 'node:fs';
import path from 'node:path';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import express, { type Express, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';
import type { ApproveShop } from '../application/approve-shop';
import type { ReceiveWebhook } from '../application/receive-webhook';
import type { TellChanges } from '../application/tell-changes';
import type { Clock } from '../domain/ports/clock';
import { Refusal } from '../domain/refusal';
import type { AuditTrail } from './audit-trail';
import type { Authentication } from './authentication';
import { errorResponse, methodNotAllowed, notFoundResponse } from './error-response';
import { openApiDocument } from './openapi';
import { addToLogLine, keepRoute, type RequestRecord, requestLog } from './request-log';
import type { Route } from './route';
import { type BridgeDoorOptions, bridgeDoorRoutes } from './routes/bridge-door';
import { eventRoute } from './routes/events';
import { pushRoutes, type PushRoutesOptions } from './routes/stock-pushes';
import { webhookRoutes } from './routes/webhooks';

/** What every process serves, whatever its role. */
export interface HealthOptions {
  readonly trustProxy: number | string[] | null;
  /** Throws while the database does not answer or is not migrated. */
  readonly ready: () => Promise<void>;
  /** Prometheus text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly onRequest: (record: RequestRecord) => void;
  readonly onUnforeseen: (error: unknown, requestId: string) => void;
}

export interface AppOptions extends HealthOptions {
  readonly routes: readonly Route[];
  readonly push: PushRoutesOptions;
  readonly receiveWebhook: ReceiveWebhook;
  readonly approveShop: ApproveShop;
  readonly bridgeDoor: BridgeDoorOptions;
  readonly authentication: Authentication;
  readonly tellChanges: TellChanges;
  readonly clock: Clock;
  /** Once it is aborted, what has no end of its own ends. */
  readonly stopping: AbortSignal;
  readonly auditTrail: AuditTrail;
  readonly version: string;
  /** The built panel; null where only the API is served. */
  readonly panelDir: string | null;
  /** Checks each answer against its own schema; for tests, where a mismatch must fail. */
  readonly checkAnswers?: boolean;
}

const LARGEST_API_BODY = '1mb';
/** Fifty thousand lines of a mapping. */
const LARGEST_MAPPING_BODY = '12mb';
/** A hundred thousand lines of a list of levels. */
const LARGEST_LEVELS_FILE = '24mb';

const onlyRead = methodNotAllowed('GET, HEAD');

/** The service over HTTP: the order of the middleware, on one screen. */
export function createApp(options: AppOptions): Express {
  const app = healthApp(options);
  app.use(pushRoutes(options.push));
  app.use(webhookRoutes(options.receiveWebhook, options.approveShop));
  app.use(bridgeDoorRoutes(options.bridgeDoor, options));
  app.use(compression());
  app.use('/api', apiRoutes(options));
  if (options.panelDir !== null) app.use(panelRoutes(options.panelDir));
  app.use(notFoundResponse);
  app.use(errorResponse(options.onUnforeseen));
  return app;
}

/** A process that works lanes only: no push door, no API, no panel. */
export function createWorkerApp(options: HealthOptions): Express {
  const app = healthApp(options);
  app.use(notFoundResponse);
  app.use(errorResponse(options.onUnforeseen));
  return app;
}

function healthApp(options: HealthOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  if (options.trustProxy !== null) app.set('trust proxy', options.trustProxy);
  app.use(requestLog(options.onRequest));
  app.use(securityHeaders());
  app.use(healthRoutes(options));
  return app;
}

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // Decided by whoever ends TLS in front of us: on plain http a browser ignores it anyway.
    strictTransportSecurity: false,
  });
}

function healthRoutes({ ready, metrics }: HealthOptions): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    try {
      await ready();
      res.json({ status: 'ready' });
    } catch {
      res.status(503).json({ status: 'not ready' });
    }
  });
  router.get('/metrics', async (_req, res) => {
    const { contentType, text } = await metrics();
    res.type(contentType).send(text);
  });
  router.all(['/healthz', '/readyz', '/metrics'], onlyRead);
  return router;
}

function apiRoutes(options: AppOptions): Router {
  const { routes, authentication, version } = options;
  const router = Router();
  const document = openApiDocument(routes, version);
  router.use(keepRoute);
  router.get('/v1/openapi.json', (_req, res) => {
    res.json(document);
  });
  router.all('/v1/openapi.json', onlyRead);
  // Swagger UI sets styles from script; nothing else on this origin may.
  router.use('/docs', helmet.contentSecurityPolicy({ useDefaults: false, directives: DOCS_POLICY }));
  router.use('/docs', swaggerUi.serve, swaggerUi.setup(document));

  router.use('/v1', jsonOnly);
  router.use('/v1/connections/:id/mappings', express.json({ limit: LARGEST_MAPPING_BODY }));
  router.use('/v1/connections/:id/pull-file', express.json({ limit: LARGEST_LEVELS_FILE }));
  router.use('/v1', cookieParser(), express.json({ limit: LARGEST_API_BODY }), authentication.identify);
  router.use('/v1', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/v1/events', keepRoute, eventRoute(options));
  router.all('/v1/events', onlyRead);
  for (const route of routes) mount(router, route, options);
  const paths = new Set(routes.map((route) => expressPath(route.spec.path)));
  for (const each of paths) {
    const methods = routes.filter((route) => expressPath(route.spec.path) === each).map((route) => route.spec.method);
    router.all(`/v1${each}`, methodNotAllowed(methods.join(', ').toUpperCase()));
  }
  router.use(notFoundResponse);
  return router;
}

/** A body of another type would be left unread, and the call carried out as if nothing had been asked for. */
const jsonOnly: RequestHandler = (req, _res, next) => {
  const hasBody = req.get('transfer-encoding') !== undefined || Number(req.get('content-length') ?? 0) > 0;
  if (hasBody && !req.is('application/json')) {
    throw new Refusal('body_not_json', 'Send the body as application/json.');
  }
  next();
};

const DOCS_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", "'unsafe-inline'"],
  frameAncestors: ["'none'"],
};

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function mount(router: Router, { spec, run }: Route, { authentication, auditTrail, checkAnswers }: AppOptions): void {
  const { access } = spec;
  router[spec.method](`/v1${expressPath(spec.path)}`, keepRoute, async (req, res) => {
    const caller = access === 'anyone' ? authentication.callerOf(req) : authentication.demand(req, access, spec);
    if (caller) addToLogLine(req, { caller: caller.name });
    const answer = await auditTrail.follow(req, spec, caller, (note) => run(req, res, caller, note));
    if (spec.sends !== undefined) return;
    if (checkAnswers === true) spec.answer.parse(answer);
    if (spec.status === 204) res.status(204).end();
    else res.status(spec.status).json(answer);
  });
}

/** The panel: its files by name, and its one page for every address that is not a file. */
function panelRoutes(panelDir: string): Router {
  const router = Router();
  const page = path.join(panelDir, 'index.html');
  router.use(
    '/assets',
    express.static(path.join(panelDir, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }),
  );
  router.use(express.static(panelDir, { index: false, maxAge: '1h' }));
  router.get('/{*path}', (req, res, next) => {
    if (req.accepts(['html', 'json']) !== 'html' || !existsSync(page)) {
      next();
      return;
    }
    res.setHeader('Cache-Control', 'no-cache');
    res.sendFile(page);
  });
  return router;
}
