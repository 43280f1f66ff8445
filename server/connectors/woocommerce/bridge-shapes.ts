import { z } from 'zod';
import { STOCK_EVENT_CAUSES } from '../../domain/ports/shop-bridge';
import { MAX_INTEGER_DIGITS, type Quantity, quantityFromJsonNumber, quantityFromText } from '../../domain/quantity';

// What both ways of the bridge say alike.

export const productId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const parentId = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Decimal text; a whole number is read too. A fraction that is no text was a float on its way. */
export const bridgeQuantity = z.union([z.string().max(64), z.number().int()]).transform((value, context): Quantity => {
  const reading = typeof value === 'number' ? quantityFromJsonNumber(String(value)) : quantityFromText(value);
  if (reading.ok) return reading.quantity;
  context.addIssue({ code: 'custom', message: `is no quantity of at most ${MAX_INTEGER_DIGITS} digits` });
  return z.NEVER;
});

export const instantOf = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const seq = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,15}$/))
  .transform(Number);

export const stockEvent = z
  .object({
    seq,
    id: productId,
    parentId: parentId.default(0),
    stockId: productId,
    before: bridgeQuantity.nullish(),
    after: bridgeQuantity.nullish(),
    // A newer plugin may know more of them.
    cause: z.enum(STOCK_EVENT_CAUSES).catch('other'),
    orderId: parentId.nullish(),
    orderNumber: z.string().max(60).nullish(),
    by: z.string().max(20),
    plugin: z.string().max(100).nullish(),
    at: instantOf,
  })
  .transform((event) => ({
    seq: event.seq,
    productId: event.id,
    parentId: event.parentId,
    stockId: event.stockId,
    before: event.before ?? null,
    after: event.after ?? null,
    cause: event.cause,
    orderId: event.orderId ?? null,
    orderNumber: event.orderNumber ?? null,
    by: event.by,
    plugin: event.plugin ?? null,
    at: event.at,
  }));
