import { id, instant, page, pageQuery, quantityText, z } from './common';
import { PUSH_OUTCOMES, PUSH_SAYS } from '../../domain/ports/pushes';

export const lineOutcomes = ['accepted', 'superseded', 'not_chosen', 'rejected'] as const;

/** What the sender is told of one line. */
export const pushLineAnswer = z
  .object({
    index: z.number().int(),
    outcome: z.enum(lineOutcomes),
    code: z.string().optional(),
    message: z.string().optional(),
  })
  .openapi('PushLineAnswer');

export const pushAnswer = z
  .object({
    pushId: id,
    accepted: z.number().int(),
    rejected: z.number().int(),
    lines: z.array(pushLineAnswer),
  })
  .openapi('PushAnswer');

export const pushesFilter = {
  sourceId: z.coerce.number().int().positive().optional(),
  /** accepted, rejected: at least one line was. */
  outcome: z.enum(PUSH_OUTCOMES).optional(),
  /** Received at this moment or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Received before this moment. */
  before: z.iso.datetime({ offset: true }).optional(),
};

export const pushesQuery = z.strictObject({ ...pageQuery, ...pushesFilter });

export const push = z
  .object({
    id,
    sourceId: id,
    sourceName: z.string(),
    receivedAt: instant,
    /** True for an empty list: the sender tested the connection. */
    isTest: z.boolean(),
    /** asks: it named what changed without the levels, which are read by the source's API; echo, other_event: nothing to do. */
    says: z.enum(PUSH_SAYS),
    accepted: z.number().int(),
    rejected: z.number().int(),
    superseded: z.number().int(),
    notChosen: z.number().int(),
    bytes: z.number().int(),
    replayOf: id.nullable(),
  })
  .openapi('StockPush');

export const pushPage = page(push).openapi('StockPushPage');

export const pushLine = z
  .object({
    index: z.number().int(),
    outcome: z.enum(lineOutcomes),
    reason: z.string().nullable(),
    message: z.string().nullable(),
    code: z.string().nullable(),
    barcode: z.string().nullable(),
    name: z.string().nullable(),
    warehouse: z.string().nullable(),
    quantity: quantityText.nullable(),
    itemIds: z.array(id),
  })
  .openapi('StockPushLine');

export const pushDetail = push
  .extend({ contentType: z.string().nullable(), rawBody: z.string().nullable(), lines: z.array(pushLine) })
  .openapi('StockPushDetail');

export type Push = z.infer<typeof push>;
export type PushDetail = z.infer<typeof pushDetail>;
