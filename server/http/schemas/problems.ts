import { NOTIFICATION_KINDS } from '../../domain/notice';
import { failureView, id, instant, z } from './common';

export const problemGroup = z
  .object({
    /** Names the cause in the address of its retry. */
    key: z.string(),
    /** items: products that failed for one cause. shop: a shop that is not called any more. Else the kind of an alarm. */
    about: z.enum(['items', 'shop', ...NOTIFICATION_KINDS]),
    connectionId: id.nullable(),
    shopId: id.nullable(),
    sourceId: id.nullable(),
    /** The cause in words that fit all of them; null where an alarm names none. */
    says: z.string().nullable(),
    /** What to do about all of them; null where an alarm names no cause. */
    cure: z.string().nullable(),
    /** As one of them met it. */
    failure: failureView.nullable(),
    /** Lists its products: the filter `failure` of GET /items; null where there are none to list. */
    filter: z.string().nullable(),
    /** Where in the panel an alarm is seen to; null where there is no alarm. */
    path: z.string().nullable(),
    /** True while a person has to act; false while it is being tried again, or is over. */
    asks: z.boolean(),
    count: z.number().int(),
    /** How many of them are about to be tried once more. */
    waiting: z.number().int(),
    canRetry: z.boolean(),
    since: instant,
    /** When it was over; null while it lasts. */
    healedAt: instant.nullable(),
    examples: z.array(
      z.object({ id, code: z.string().nullable(), barcode: z.string().nullable(), name: z.string().nullable() }),
    ),
  })
  .openapi('ProblemGroup');

export const problemList = z.object({ data: z.array(problemGroup) }).openapi('ProblemGroups');

export const problemParams = z.object({ key: z.string().regex(/^[a-z]+(\.[0-9a-z_]+){1,3}$/) });

export const problemRetry = z.object({ affected: z.number().int() }).openapi('ProblemRetry');

export type ProblemGroup = z.infer<typeof problemGroup>;
