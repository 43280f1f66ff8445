import express, { Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ReceiveWebhook } from '../../application/receive-webhook';
import { consume } from '../authentication';
import { methodNotAllowed } from '../error-response';
import { addToLogLine } from '../request-log';

/** A product with all that plugins add to it; a shop with thousands of variations lists their ids. */
const LARGEST_BODY = 2 * 1024 * 1024;
/** Calls of one shop per second: an import of its whole catalogue must not starve the tills. */
const CALLS_PER_SHOP = { points: 200, duration: 1 };

/** Where shops tell of changes by themselves. */
export function webhookRoutes(receive: ReceiveWebhook): Router {
  const router = Router();
  const perShop = new RateLimiterMemory(CALLS_PER_SHOP);
  router
    .route('/hooks/woocommerce/:hookKey')
    .post(
      async (req, _res, next) => {
        await consume(perShop, String(req.params['hookKey']));
        next();
      },
      express.raw({ type: () => true, limit: LARGEST_BODY }),
      async (req, res) => {
        const body: unknown = req.body;
        const headers = Object.fromEntries(
          Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
        );
        const { shopId, news } = await receive.receive(String(req.params['hookKey']), {
          headers,
          body: Buffer.isBuffer(body) ? body : new Uint8Array(),
        });
        addToLogLine(req, { shopId, news });
        res.json({ received: true });
      },
    )
    .all(methodNotAllowed('POST'));
  return router;
}
