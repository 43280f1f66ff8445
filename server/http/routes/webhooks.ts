import express, { Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ApproveShop } from '../../application/approve-shop';
import type { ReceiveWebhook } from '../../application/receive-webhook';
import { consume } from '../authentication';
import { methodNotAllowed } from '../error-response';
import { addToLogLine } from '../request-log';
import { z } from '../schemas/common';

/** A product with all that plugins add to it; a shop with thousands of variations lists their ids. */
const LARGEST_BODY = 2 * 1024 * 1024;
/** Calls of one shop per second: an import of its whole catalogue must not starve the tills. */
const CALLS_PER_SHOP = { points: 200, duration: 1 };

const LARGEST_KEYS = '4kb';
/** Tries of one address to hit upon the token of an approval. */
const APPROVALS = { points: 20, duration: 300 };

/** Where shops tell of changes by themselves. */
export function webhookRoutes(receive: ReceiveWebhook, approveShop: Pick<ApproveShop, 'receive'>): Router {
  const router = Router();
  const perCaller = new RateLimiterMemory(APPROVALS);
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
  router
    .route('/hooks/woocommerce-approval/:token')
    .post(express.json({ type: () => true, limit: LARGEST_KEYS }), async (req, res) => {
      await consume(perCaller, req.ip ?? '');
      const { consumer_key: consumerKey, consumer_secret: consumerSecret } = handedOver.parse(req.body);
      const shopId = await approveShop.receive(String(req.params['token']), { consumerKey, consumerSecret });
      addToLogLine(req, { shopId });
      res.json({ received: true });
    })
    .all(methodNotAllowed('POST'));
  return router;
}

/** What a shop sends when its owner has approved. */
const handedOver = z.object({
  consumer_key: z.string().regex(/^ck_[0-9a-f]{8,100}$/),
  consumer_secret: z.string().regex(/^cs_[0-9a-f]{8,100}$/),
});
