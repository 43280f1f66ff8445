import cookieParser from 'cookie-parser';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { AdmitBridgeCall, AdmittedPairing } from '../../application/admit-bridge-call';
import type { RelayPush } from '../../application/relay-push';
import type { SignInByBridge } from '../../application/sign-in-by-bridge';
import type { TakeStockEvents } from '../../application/take-stock-events';
import type { BridgePairingStore } from '../../domain/ports/bridge-pairings';
import type { BridgeSpeech } from '../../domain/ports/shop-bridge';
import { Refusal } from '../../domain/refusal';
import type { AuditTrail } from '../audit-trail';
import { assertLeft, type Authentication, consume } from '../authentication';
import { methodNotAllowed } from '../error-response';
import { addToLogLine } from '../request-log';
import { headersOf, sendAccepted, tokensIn } from './stock-pushes';

const LARGEST_BODY = 1024 * 1024;
const LARGEST_FORM = '4kb';
/** Calls of one shop per second. */
const CALLS_PER_SHOP = { points: 50, duration: 1 };
/** Refused tries of one address. */
const REFUSED_PER_ADDRESS = { points: 60, duration: 60 };

export interface BridgeDoorOptions {
  readonly admit: AdmitBridgeCall;
  readonly takeStockEvents: TakeStockEvents;
  readonly relayPush: RelayPush;
  readonly signInByBridge: SignInByBridge;
  readonly pairings: Pick<BridgePairingStore, 'unpair'>;
  readonly speech: Pick<BridgeSpeech, 'readEvents'>;
  readonly pushUrlOf: (req: Request, sourceKey: string) => string;
}

export interface BridgeDoorSession {
  readonly authentication: Authentication;
  readonly auditTrail: AuditTrail;
}

/** Where the plugins of shops call us. */
export function bridgeDoorRoutes(
  { admit, takeStockEvents, relayPush, signInByBridge, pairings, speech, pushUrlOf }: BridgeDoorOptions,
  { authentication, auditTrail }: BridgeDoorSession,
): Router {
  const router = Router();
  const perShop = new RateLimiterMemory(CALLS_PER_SHOP);
  const refusedPerAddress = new RateLimiterMemory(REFUSED_PER_ADDRESS);

  const pairingOf = (req: Request): string => req.get('x-stock-relay-pairing')?.slice(0, 36) ?? '';
  /** Each paired shop by itself, and all strangers of an address as one: no shop is shut out by its neighbours. */
  const triesOf = async (req: Request): Promise<string> =>
    `${req.ip ?? ''} ${(await admit.knows(pairingOf(req))) ? pairingOf(req) : ''}`;
  /** Before the body is read: a stranger must not make us take in a megabyte for each try. */
  const limited: RequestHandler = async (req, _res, next) => {
    await assertLeft(refusedPerAddress, await triesOf(req));
    await consume(perShop, pairingOf(req));
    next();
  };
  const bodyOf = (req: Request): Uint8Array => (Buffer.isBuffer(req.body) ? req.body : new Uint8Array());

  const signed =
    (carryOut: (pairing: AdmittedPairing, req: Request, res: Response) => Promise<void>): RequestHandler =>
    async (req, res) => {
      let pairing: AdmittedPairing;
      try {
        const { method, path } = req;
        pairing = await admit.admit({ method, path, headers: headersOf(req), body: bodyOf(req) });
      } catch (error) {
        if (error instanceof Refusal) {
          await refusedPerAddress.penalty(await triesOf(req), 1);
          addToLogLine(req, { refused: error.code });
        }
        throw error;
      }
      addToLogLine(req, { shopId: pairing.shopId });
      await carryOut(pairing, req, res);
    };
  const post = (path: string, carryOut: Parameters<typeof signed>[0]): void => {
    router
      .route(`/bridge/v1${path}`)
      .post(limited, express.raw({ type: () => true, limit: LARGEST_BODY, inflate: false }), signed(carryOut))
      .all(methodNotAllowed('POST'));
  };

  post('/events', async (pairing, req, res) => {
    const told = speech.readEvents(bodyOf(req));
    const stored = await takeStockEvents.take(pairing, told);
    addToLogLine(req, { events: told.events.length, gap: told.gap });
    res.json({ stored: String(stored) });
  });

  post('/relay/smartbill', async ({ shopId }, req, res) => {
    const authorization = req.get('x-stock-relay-forwarded-authorization');
    const accepted = await relayPush.relay(shopId, 'smartbill', {
      tokens: tokensIn({ authorization }),
      contentType: req.get('content-type') ?? null,
      body: bodyOf(req),
      headers: headersOf(req),
      idempotencyKey: null,
      urlOf: (sourceKey) => pushUrlOf(req, sourceKey),
    });
    sendAccepted(req, res, accepted);
  });

  post('/unpaired', async ({ shopId, pairingId }, _req, res) => {
    await pairings.unpair(shopId, pairingId);
    res.status(204).end();
  });

  const signInSpec = { method: 'post', path: '/session', audit: { action: 'session.bridge', refusals: true } } as const;
  router
    .route('/bridge/v1/sign-in')
    .post(
      limited,
      cookieParser(),
      express.urlencoded({ extended: false, limit: LARGEST_FORM, parameterLimit: 20 }),
      async (req, res) => {
        res.setHeader('Cache-Control', 'no-store');
        try {
          const opened = await auditTrail.follow(req, signInSpec, null, async (note) => {
            await authentication.takeTry(req);
            const form: unknown = req.body;
            const agent = req.get('user-agent') ?? null;
            const found = await signInByBridge.signIn(isForm(form) ? form : {}, agent);
            note({ actor: { userId: found.user.id, name: found.user.email } });
            return found;
          });
          if ('challenge' in opened) {
            // Behind the anchor, where it comes into no log.
            const rest = new URLSearchParams({ challenge: opened.challenge, expires: String(opened.expiresAt) });
            res.redirect(303, `/login?why=second_factor_needed#${rest}`);
            return;
          }
          authentication.startSession(req, res, opened);
          res.redirect(303, '/');
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          await refusedPerAddress.penalty(await triesOf(req), 1);
          addToLogLine(req, { refused: error.code });
          res.redirect(303, `/login?why=${error.code}`);
        }
      },
    )
    .all(methodNotAllowed('POST'));
  router.use(oversized);
  return router;
}

const isForm = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const oversized: ErrorRequestHandler = (error: unknown, req, _res, next) => {
  const isTooLarge = error instanceof Error && 'status' in error && error.status === 413;
  if (!isTooLarge || !req.path.startsWith('/bridge/v1/')) {
    next(error);
    return;
  }
  next(new Refusal('stock_relay_oversized', 'The call is larger than a mebibyte.'));
};
