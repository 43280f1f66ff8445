import { RELEASE_REASONS } from '../../domain/order-rule';
import { HEARD_BY } from '../../domain/ports/order-ledger';
import { ORDER_STATES } from '../../domain/ports/order-views';
import { failureView, id, instant, page, pageQuery, quantityText, z } from './common';

export const ordersFilter = {
  shopId: z.coerce.number().int().positive().optional(),
  /** Orders of its shop; their state is told as its source knows them. */
  connectionId: z.coerce.number().int().positive().optional(),
  /**
   * open: a source that is counted for does not know all of it. known: it holds something, and every such source knows of
   * it. gone: it was cancelled or came to nothing, or the shop threw it away.
   */
  state: z.enum(ORDER_STATES).optional(),
  /** How the number begins that the shop shows. */
  number: z.string().trim().max(64).optional(),
  /** The shop’s id of a product or variation, or the code by which a source calls it. */
  product: z.string().trim().max(200).optional(),
  /** Placed at this moment or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Placed before this moment. */
  before: z.iso.datetime({ offset: true }).optional(),
  heardBy: z.enum(HEARD_BY).optional(),
  /** yes: only orders of which something would have been written over. */
  saved: z.enum(['yes']).optional(),
};
export type OrdersFilter = Partial<z.output<z.ZodObject<typeof ordersFilter>>>;
export const ordersQuery = z.strictObject({ ...ordersFilter, ...pageQuery });

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
    heardBy: z.enum(HEARD_BY),
    /** When the shop threw it away. */
    goneAt: instant.nullable(),
    lines: z.array(
      z.object({
        productId: id,
        variationId: id.nullable(),
        /** As the shop calls it; null where its mirror does not know it. */
        name: z.string().nullable(),
        /** The product that keeps its number; null where none is linked. */
        itemId: id.nullable(),
        /** The connection that writes it: to the sources of others it is no news. null where none does. */
        connectionId: id.nullable(),
        /** What it took from the stock and did not give back. */
        held: quantityText,
        /** How much of it a level that did not know of it would have written over; null where none came. */
        saved: quantityText.nullable(),
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

const savedSales = z.object({ orders: z.number().int(), pieces: quantityText });

export const orderLedger = z
  .object({
    shopId: id,
    /** By the shop’s clock: orders placed before were never counted. null while none have been read. */
    beganAt: instant.nullable(),
    /** When the shop last told of an order by itself, how long after it had changed, and whether that is soon enough. */
    told: z.object({ at: instant, lagMs: z.number().int(), inTime: z.boolean() }).nullable(),
    /** When orders were last read, and how often they are; null while they cannot be. */
    read: z.object({ at: instant, everyMs: z.number().int().nullable() }).nullable(),
    /** Why they cannot be read at the moment. */
    failure: failureView.nullable(),
    /** Connections whose source does not know of some orders, but for those that never hear of any. */
    unknown: z.array(
      z.object({
        connectionId: id,
        orders: z.number().int(),
        oldest: z.object({ orderId: id, number: z.string(), placedAt: instant }),
      }),
    ),
    /** Sales that a level which did not know of them would have written over: of all time, and of the last 30 days. */
    saved: z.object({ all: savedSales, lately: savedSales }),
  })
  .openapi('OrderLedger');
export const orderLedgers = z.object({ data: z.array(orderLedger) }).openapi('OrderLedgers');
export type OrderLedger = z.infer<typeof orderLedger>;

export const seenParams = z.object({
  orderId: z.coerce
    .number()
    .int()
    .positive()
    .openapi({ description: 'The shop’s order id (`orderId` of GET /orders), not its number' }),
});

export const seenInput = z
  .strictObject({
    /** Needed where several shops have an order of this id, unless `connectionId` says which. */
    shopId: id.optional(),
    /** Only for the source of this connection; left out: for all that feed the shop. */
    connectionId: id.optional(),
  })
  .openapi('OrderSeenInput');
