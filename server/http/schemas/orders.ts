import { RELEASE_REASONS } from '../../domain/order-rule';
import { id, instant, page, pageQuery, quantityText, z } from './common';

export const ordersFilter = {
  shopId: z.coerce.number().int().positive().optional(),
  /** open: a source does not know all of it. */
  state: z.enum(['open']).optional(),
};
export const ordersQuery = z.object({ ...ordersFilter, ...pageQuery });

export const ledgerOrder = z
  .object({
    id,
    shopId: id,
    /** As the shop counts its orders. */
    orderId: id,
    number: z.string(),
    status: z.string(),
    placedAt: instant.nullable(),
    heardAt: instant,
    heardBy: z.enum(['webhook', 'poll', 'bridge']),
    /** When the shop threw it away. */
    goneAt: instant.nullable(),
    lines: z.array(
      z.object({
        productId: id,
        variationId: id.nullable(),
        /** What it took from the stock and did not give back. */
        held: quantityText,
        /** How much of it which source knows of, since when, and why. */
        known: z.array(
          z.object({
            connectionId: id,
            quantity: quantityText,
            reason: z.enum(RELEASE_REASONS),
            by: z.string().nullable(),
            at: instant,
          }),
        ),
      }),
    ),
  })
  .openapi('WebOrder');
export type WebOrder = z.infer<typeof ledgerOrder>;

export const orderPage = page(ledgerOrder);

export const seenParams = z.object({
  id: z.coerce.number().int().positive().openapi({ description: 'As the shop counts its orders' }),
});

export const seenInput = z
  .object({
    /** Needed where several shops have an order of this number. */
    shopId: id.optional(),
    /** Only for the source of this connection; left out: for all that feed the shop. */
    connectionId: id.optional(),
  })
  .openapi('OrderSeenInput');
