import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { ADDRESS_SECRET } from '../domain/ports/stock-source';
import type { Route } from './route';
import { problem } from './schemas/common';
import { change } from './schemas/events';
import { pushAnswer } from './schemas/pushes';

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

const isObjectShape = (shape: unknown): shape is z.ZodObject => shape instanceof z.ZodObject;

function describe({ spec }: Route): RouteConfig {
  const answers =
    spec.status === 204 ? {} : { content: { [spec.sends ?? 'application/json']: { schema: spec.answer } } };
  return {
    method: spec.method,
    path: `/api/v1${spec.path}`,
    tags: [spec.tag],
    summary: spec.summary,
    security: spec.access === 'anyone' ? [] : [{ session: [] }, { bearer: [] }],
    request: {
      ...(isObjectShape(spec.params) ? { params: spec.params } : {}),
      ...(isObjectShape(spec.query) ? { query: spec.query } : {}),
      ...(spec.body ? { body: { required: true, content: { 'application/json': { schema: spec.body } } } } : {}),
    },
    responses: {
      [spec.status]: { description: 'Done', ...answers },
      ...(spec.access === 'anyone'
        ? {}
        : { 401: problemResponse('Not logged in'), 403: problemResponse('Not allowed') }),
      ...(spec.params ? { 404: problemResponse('There is no such thing') } : {}),
      ...(spec.body ? { 415: problemResponse('The body is not sent as application/json') } : {}),
      ...(spec.body || spec.query ? { 422: problemResponse('Some fields are not usable') } : {}),
      default: problemResponse('Anything else that went wrong'),
    },
  };
}

const textOrNumber = z.union([z.string(), z.number()]);
const pushLine = z
  .object({
    /** A line has a code, a barcode or a name. */
    code: textOrNumber.optional(),
    barcode: textOrNumber.optional(),
    name: textOrNumber.optional(),
    id: textOrNumber.optional(),
    /** A line without one is a warehouse of its own. */
    warehouse: textOrNumber.optional(),
    quantity: textOrNumber,
    observedAt: z.iso.datetime({ offset: true }).optional(),
  })
  .openapi('PushLine');
const pushBody = z.union([z.object({ items: z.array(pushLine) }), z.array(pushLine), pushLine]).openapi('Push');

const pushAddress: Pick<RouteConfig, 'path' | 'tags' | 'security'> = {
  path: '/push/{sourceKey}',
  tags: ['Push'],
  security: [{ bearer: [] }, { apiToken: [] }, { basic: [] }, { keyInAddress: [] }],
};

const pushDescription: RouteConfig = {
  ...pushAddress,
  method: 'get',
  summary: 'Whether address and token are right, and what they lead to',
  request: { params: z.object({ sourceKey: z.string() }) },
  responses: {
    200: { description: 'They are', content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } } },
    401: problemResponse('Wrong or missing token (kinds of vendors: 403)'),
    429: problemResponse('Too many calls; see Retry-After'),
  },
};

const pushRoute: RouteConfig = {
  ...pushAddress,
  method: 'post',
  summary: 'Take in stock levels from a source. Answered only once everything accepted is on disk.',
  request: {
    params: z.object({ sourceKey: z.string() }),
    headers: z.object({ 'idempotency-key': z.string().optional() }),
    body: {
      required: true,
      description: 'The body of the source’s kind. For the kind "generic": {"items":[…]}, a list, or one line.',
      content: {
        'application/json': { schema: pushBody },
        'application/x-www-form-urlencoded': { schema: pushBody },
      },
    },
  },
  responses: {
    200: { description: 'Stored (kind "smartbill")', content: { 'application/json': { schema: pushAnswer } } },
    202: { description: 'Stored', content: { 'application/json': { schema: pushAnswer } } },
    400: problemResponse('The body cannot be read; the position is named'),
    401: problemResponse('Wrong or missing token or signature (kinds of vendors: 403)'),
    409: problemResponse(
      'The Idempotency-Key was used for another body, or the source is switched off (smartbill: 400)',
    ),
    413: problemResponse('More than 5 MB or 10,000 lines'),
    415: problemResponse('Not JSON and not a form'),
    422: {
      description: 'No line is usable; each has its reason',
      content: { 'application/problem+json': { schema: problem.extend(pushAnswer.shape) } },
    },
    429: problemResponse('Too many calls; see Retry-After'),
    502: problemResponse('Not stored: the settings of the source cannot be read'),
    503: problemResponse('Not stored; send it again'),
  },
};

const eventsRoute: RouteConfig = {
  method: 'get',
  path: '/api/v1/events',
  tags: ['Events'],
  summary: 'What has changed, as it happens: a stream of server-sent events that name topics to be read again',
  security: [{ session: [] }, { bearer: [] }],
  responses: {
    200: {
      description: 'Events "ready" (once) and "change" with {"topics":[…]}, and a comment every 20 seconds',
      content: { 'text/event-stream': { schema: change } },
    },
    401: problemResponse('Not logged in'),
    429: problemResponse('Too many panels are open'),
  },
};

/** The full truth of the API, from the very definitions that serve it. */
export function openApiDocument(routes: readonly Route[], version: string) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'stock_relay_session',
  });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'apiToken', { type: 'apiKey', in: 'header', name: 'X-Api-Token' });
  registry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'The token as the password, with any user name',
  });
  registry.registerComponent('securitySchemes', 'keyInAddress', {
    type: 'apiKey',
    in: 'query',
    name: ADDRESS_SECRET,
    description: 'For sources whose senders can bear no token',
  });
  registry.registerPath(pushDescription);
  registry.registerPath(pushRoute);
  registry.registerPath(eventsRoute);
  for (const route of routes) registry.registerPath(describe(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Stock Relay',
      version,
      description:
        'Keeps a WooCommerce shop’s stock true to the accounting or point-of-sale system that owns it. ' +
        'Errors are application/problem+json (RFC 9457) with a code and a requestId.',
    },
  });
}
