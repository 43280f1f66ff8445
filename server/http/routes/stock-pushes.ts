import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { AcceptedPush, AcceptStockPush, AdmittedSource } from '../../application/accept-stock-push';
import { ADDRESS_SECRET } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { assertLeft, consume } from '../authentication';
import { methodNotAllowed } from '../error-response';
import { addToLogLine } from '../request-log';

const LARGEST_BODY = 5 * 1024 * 1024;
const LONGEST_IDEMPOTENCY_KEY = 255;

/** Calls of one source per second, far above what any till sends: one source gone wild must not starve the others. */
const CALLS_PER_SOURCE = { points: 3_000, duration: 1 };
/** Refused tries of one address: guessing a token of 256 bits is hopeless, but it need not be free either. */
const REFUSED_PER_ADDRESS = { points: 120, duration: 60 };

export interface PushRoutesOptions {
  readonly accept: AcceptStockPush;
  /** What a sender would want to know, for GET with the token. */
  readonly describe: (sourceId: number) => Promise<Record<string, unknown>>;
  /** The address a call came to, as its sender knows it. */
  readonly addressOf: (req: Request) => string;
}

/** The tokens a call carries: some hosts strip the Authorization header, some senders only know Basic. */
export function tokensIn(headers: {
  readonly authorization: string | undefined;
  readonly apiToken?: string | undefined;
}): string[] {
  const tokens: string[] = [];
  const [scheme = '', credentials = ''] = (headers.authorization ?? '').trim().split(/\s+(.*)/s);
  if (/^bearer$/i.test(scheme) && credentials !== '') tokens.push(credentials.trim());
  if (/^basic$/i.test(scheme)) {
    const [, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
    if (password.length > 0) tokens.push(password.join(':'));
  }
  const apiToken = headers.apiToken?.trim();
  if (apiToken) tokens.push(apiToken);
  return tokens;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export const headersOf = (req: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(req.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

function idempotencyKeyOf(req: Request): string | null {
  const key = req.get('idempotency-key');
  if (key === undefined || key === '') return null;
  if (key.length <= LONGEST_IDEMPOTENCY_KEY) return key;
  throw new Refusal('invalid_input', 'The Idempotency-Key is too long.', {
    errors: [{ path: 'Idempotency-Key', message: `at most ${LONGEST_IDEMPOTENCY_KEY} characters` }],
  });
}

export function sendAccepted(req: Request, res: Response, { answer, status, reply }: AcceptedPush): void {
  if (answer) addToLogLine(req, { pushId: answer.pushId, accepted: answer.accepted, rejected: answer.rejected });
  if (reply) res.status(reply.status).type(reply.contentType).send(reply.body);
  else res.status(status).json(answer);
}

/** The push door. */
export function pushRoutes({ accept, describe, addressOf }: PushRoutesOptions): Router {
  const router = Router();
  const perSource = new RateLimiterMemory(CALLS_PER_SOURCE);
  const refusedPerAddress = new RateLimiterMemory(REFUSED_PER_ADDRESS);
  const unsignedPerAddress = new RateLimiterMemory(REFUSED_PER_ADDRESS);
  const admitted = new WeakMap<Request, AdmittedSource>();
  const keyOf = (req: Request): string => String(req.params['sourceKey']);
  const signerOf = (req: Request): string => `${req.ip ?? ''} ${keyOf(req)}`;
  const admittedOf = (req: Request): AdmittedSource => {
    const found = admitted.get(req);
    if (!found) throw new Error('A push past the door without a source');
    return found;
  };

  /**
   * Before the body is read: a stranger must not make us take in 5 MB. Only those who are refused wait: behind one
   * address there may be many senders, and a wrong token must not shut out a right one.
   */
  const admit: RequestHandler = async (req, _res, next) => {
    await consume(perSource, keyOf(req));
    try {
      const found = await accept.authenticate({
        sourceKey: keyOf(req),
        tokens: tokensIn({ authorization: req.get('authorization'), apiToken: req.get('x-api-token') }),
        addressSecret: textOf(req.query[ADDRESS_SECRET]),
      });
      admitted.set(req, found);
      addToLogLine(req, { sourceId: found.source.id, kind: found.source.kind });
    } catch (error) {
      if (error instanceof Refusal) await consume(refusedPerAddress, req.ip ?? '');
      throw error;
    }
    // Whether it is signed rightly shows only once its body is here.
    if (admittedOf(req).proof === null) await assertLeft(unsignedPerAddress, signerOf(req));
    next();
  };

  const take: RequestHandler = async (req, res) => {
    const body: unknown = req.body;
    const call = {
      contentType: req.get('content-type') ?? null,
      body: Buffer.isBuffer(body) ? body : new Uint8Array(),
      headers: headersOf(req),
      url: addressOf(req),
      idempotencyKey: idempotencyKeyOf(req),
    };
    try {
      sendAccepted(req, res, await accept.accept(call, admittedOf(req)));
    } catch (error) {
      if (error instanceof Refusal && error.code === 'push_signature_wrong') {
        await unsignedPerAddress.penalty(signerOf(req), 1);
      }
      throw error;
    }
  };

  router
    .route('/push/:sourceKey')
    .post(admit, express.raw({ type: () => true, limit: LARGEST_BODY }), take)
    .get(admit, async (req, res) => {
      const { source, proof } = admittedOf(req);
      // A signature covers a body, and this call has none.
      if (proof === null) throw new Refusal('push_token_missing', 'The token is missing.');
      res.json(await describe(source.id));
    })
    .all(methodNotAllowed('GET, POST'));
  return router;
}
