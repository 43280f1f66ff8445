import { numberRules, targetSteps } from './connections';
import { ITEM_ORDERS } from '../../domain/ports/sync-items';
import { failureView, id, instant, page, pageQuery, quantityText, z } from './common';

export const itemStatuses = [
  'due',
  'writing',
  'synced',
  'unverified',
  'retrying',
  'failed',
  'offline',
  'unmatched',
  'ambiguous',
] as const;

/** A failure's code, and after a dot the cause as GET /problems names it. */
const failureFilter = z
  .string()
  .regex(/^[a-z_]{1,40}(\.[0-9a-f]{16})?$/)
  .openapi({ example: 'stock_not_managed' });

export const itemsFilter = {
  connectionId: z.coerce.number().int().positive().optional(),
  status: z.enum(itemStatuses).optional(),
  /** Looks into code, barcode and name. */
  q: z.string().trim().max(200).optional(),
  failure: failureFilter.optional(),
};

export const itemsQuery = z.strictObject({
  ...pageQuery,
  /** Reads a part by its place instead of a page: from the first row, or, where it is negative, from behind the last. */
  offset: z.coerce.number().int().optional(),
  sort: z.enum(ITEM_ORDERS).default('added'),
  /** no: the rows alone, without the counts by status. */
  counts: z.enum(['yes', 'no']).default('yes'),
  ...itemsFilter,
});

export const item = z
  .object({
    id,
    connectionId: id,
    code: z.string().nullable(),
    barcode: z.string().nullable(),
    /** The source's own id, where it tells one. */
    externalId: z.string().nullable(),
    name: z.string().nullable(),
    status: z.enum(itemStatuses),
    severity: z.enum(['info', 'retry', 'error']).nullable(),
    /** What the shop must show; null while no chosen warehouse has reported a level. */
    wanted: quantityText.nullable(),
    /** What each warehouse holds, chosen or not. */
    levels: z.array(z.object({ warehouse: z.string(), quantity: quantityText })),
    /** How that number came about; empty while it is not known. */
    steps: targetSteps,
    /** Set for this product alone; null = as its category or connection says. */
    buffer: quantityText.nullable(),
    packSize: quantityText.nullable(),
    /** What the shop itself last showed. */
    shown: quantityText.nullable(),
    /** True only when the shop's own answer showed the wanted value. */
    verified: z.boolean(),
    lastSyncedAt: instant.nullable(),
    dueAt: instant.nullable(),
    attempts: z.number().int(),
    productId: z.number().int().nullable(),
    variationId: z.number().int().nullable(),
    shopSku: z.string().nullable(),
    shopName: z.string().nullable(),
    /** How the product was found; null while none is linked. */
    foundBy: z.enum(['code', 'barcode', 'code-gtin', 'name', 'mapping', 'manual']).nullable(),
    /** When the shop last showed that it is this product. */
    provenAt: instant.nullable(),
    /** Translations that get the same number. */
    translations: z.array(z.object({ productId: id, variationId: id.nullable() })),
    failure: failureView.nullable(),
    updatedAt: instant,
  })
  .openapi('SyncItem');

export const itemPage = page(item)
  .extend({ counts: z.record(z.enum(itemStatuses), z.number().int()).optional() })
  .openapi('SyncItemPage');

export const timelineSteps = ['push', 'order', 'match', 'look', 'write', 'verify', 'change'] as const;

export const timelineEntry = z
  .object({
    at: instant,
    /** push: a line came in; order: a web order took some; match, look, write, verify: steps at the shop; change: somebody or a rule changed the item. */
    step: z.enum(timelineSteps),
    outcome: z.string(),
    before: quantityText.nullable(),
    after: quantityText.nullable(),
    wanted: quantityText.nullable(),
    /** The same in words. */
    why: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    failure: failureView.nullable(),
    pushId: id.nullable(),
    /** Who did it, for changes made by a person. */
    by: z.string().nullable(),
  })
  .openapi('TimelineEntry');

export const timelineQuery = z.strictObject({ ...pageQuery, step: z.enum(timelineSteps).optional() });

/** Why a product is where it is. `code`, `params` and `at` let a panel say it in its own language. */
export const itemFinding = z
  .object({
    code: z.string(),
    /** stops: it does not move before something is done or ends. waits: it goes on by itself. fine: as it must be. */
    weight: z.enum(['stops', 'waits', 'fine']),
    params: z.record(z.string(), z.string()),
    at: instant.nullable(),
    cause: z.string(),
    /** Empty where there is nothing to do. */
    cure: z.string(),
    failure: failureView.nullable(),
  })
  .openapi('ItemFinding');

export const itemWhy = z.object({ data: z.array(itemFinding) }).openapi('ItemWhy');

export const stockHistoryQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) });

/** What was wanted and what the shop showed, at each moment something was told; null = not told then. */
export const stockHistory = z
  .object({
    data: z.array(z.object({ at: instant, wanted: quantityText.nullable(), shown: quantityText.nullable() })),
  })
  .openapi('StockHistory');

export const timeline = page(timelineEntry).openapi('Timeline');

export const itemActions = ['retry', 'relink', 'online', 'offline', 'sync-now', 'keep'] as const;

export const itemActionInput = z
  .union([
    z.object({ action: z.enum(itemActions), ids: z.array(id).min(1).max(1000) }).strict(),
    z
      .object({
        action: z.enum(itemActions),
        filter: z
          .object({
            connectionId: id.optional(),
            status: z.enum(itemStatuses).optional(),
            q: z.string().trim().max(200).optional(),
            failure: failureFilter.optional(),
          })
          .strict(),
        /** Of those that fit, these are left as they are. */
        except: z.array(id).max(1000).optional(),
      })
      .strict(),
  ])
  .openapi('ItemActionInput');

export const itemActionResult = z
  .object({
    affected: z.number().int(),
    /** Takes it back, until then; null for what needs no undoing. */
    undo: z.object({ id, until: instant }).nullable(),
  })
  .openapi('ItemActionResult');

/** restored: as they were before. left: somebody changed them since, or another product took their place. */
export const itemUndoResult = z
  .object({ restored: z.number().int(), left: z.number().int() })
  .openapi('ItemUndoResult');

export const itemLinkInput = z.strictObject({ productId: id, variationId: id.nullish() }).openapi('ItemLinkInput');

export const itemRulesInput = z
  .strictObject({
    buffer: numberRules.shape.buffer.nullable(),
    packSize: numberRules.shape.packSize.nullable(),
  })
  .openapi('ItemRulesInput');

export const itemLinksInput = z
  .strictObject({
    links: z
      .array(z.strictObject({ itemId: id, productId: id, variationId: id.nullish() }))
      .min(1)
      .max(100),
  })
  .openapi('ItemLinksInput');

export const itemLinksResult = z
  .object({
    results: z.array(z.object({ itemId: id, ok: z.boolean(), message: z.string().nullable() })),
  })
  .openapi('ItemLinksResult');

export const deskFilter = {
  connectionId: z.coerce.number().int().positive().optional(),
  status: z.enum(['unmatched', 'ambiguous']).default('unmatched'),
  q: z.string().trim().max(200).optional(),
};

export const deskQuery = z.strictObject({
  ...pageQuery,
  limit: z.coerce.number().int().min(1).max(50).default(20),
  ...deskFilter,
});

export const catalogProduct = z
  .object({
    productId: id,
    variationId: id.nullable(),
    type: z.enum(['simple', 'variation', 'variable', 'grouped', 'external', 'other']),
    sku: z.string(),
    gtin: z.string().nullable(),
    name: z.string(),
    status: z.string(),
    stockOwner: z.enum(['self', 'parent', 'nobody']),
    /** As the mirror of the catalogue last saw it. */
    quantity: quantityText.nullable(),
  })
  .openapi('CatalogProduct');

export const suggestion = z
  .object({
    product: catalogProduct,
    /** 0 to 1. A guess, for a person to judge. */
    score: z.number(),
    reasons: z.array(
      z.object({ kind: z.enum(['words', 'letters', 'barcode', 'code']), score: z.number(), detail: z.string() }),
    ),
    /** What already gets its stock from there; null = nothing does. */
    takenBy: z.string().nullable(),
  })
  .openapi('Suggestion');

export const deskPage = page(z.object({ item, suggestions: z.array(suggestion) })).openapi('MatchDeskPage');

export type CatalogProduct = z.infer<typeof catalogProduct>;
export type Suggestion = z.infer<typeof suggestion>;
export type DeskPage = z.infer<typeof deskPage>;
export type ItemLinksResult = z.infer<typeof itemLinksResult>;
export type Item = z.infer<typeof item>;
export type ItemStatus = (typeof itemStatuses)[number];
export type ItemPage = z.infer<typeof itemPage>;
export type ItemFinding = z.infer<typeof itemFinding>;
export type StockHistory = z.infer<typeof stockHistory>;
export type Timeline = z.infer<typeof timeline>;
export type TimelineEntry = z.infer<typeof timelineEntry>;
export type ItemActionInput = z.input<typeof itemActionInput>;
