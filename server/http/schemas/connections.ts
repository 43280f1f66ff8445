import { ORDER_RULE_KINDS } from '../../domain/order-rule';
import { quantityFromText, type Quantity } from '../../domain/quantity';
import { id, instant, page, quantityText, z } from './common';

const chosenWarehouses = z.union([z.literal('*'), z.array(z.string().trim().max(200)).min(1).max(200)]);
const matchBy = z
  .array(z.enum(['code', 'barcode', 'code-gtin', 'name']))
  .min(1)
  .max(4)
  .refine((rules) => new Set(rules).size === rules.length, 'each rule may stand once');

/** Exact decimal text, as everywhere. */
const amount = (least: 'zero' | 'above-zero') =>
  z.string().transform((text, context): Quantity => {
    const reading = quantityFromText(text);
    if (reading.ok && !reading.quantity.startsWith('-') && (least === 'zero' || reading.quantity !== '0')) {
      return reading.quantity;
    }
    context.addIssue({
      code: 'custom',
      message: `must be a number${least === 'zero' ? ', not below 0' : ' above 0'}, with at most 6 decimals`,
    });
    return z.NEVER;
  });

export const numberRules = z
  .strictObject({
    /** Kept back from the shop, in the source's units. */
    buffer: amount('zero'),
    /** How many of the source's units are one piece of the shop: 6 = sold by the six; 0.001 = kilograms sold as grams. */
    packSize: amount('above-zero'),
    rounding: z.enum(['down', 'nearest', 'up']),
    /** What becomes of a level below 0: 0, or itself where the shop sells the product below 0. */
    negative: z.enum(['zero', 'keep_with_backorders']),
  })
  .openapi('NumberRules');

const categoryBuffers = z
  .array(z.strictObject({ categoryId: id, buffer: amount('zero') }))
  .max(500)
  .refine(
    (all) => new Set(all.map(({ categoryId }) => categoryId)).size === all.length,
    'each category may stand once',
  );

const PLAIN_RULES = { buffer: '0', packSize: '1', rounding: 'down', negative: 'zero' } as const;

/** When the source knows of a web order; until then what it took is taken off what the source says. */
const orderRuleInput = z
  .strictObject({
    knownBy: z.enum(ORDER_RULE_KINDS),
    /** Of `status`: statuses of an order in the shop. */
    statuses: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
    /** Of `meta`: a key that an order bears once the source has it, such as the number of its invoice. */
    metaKey: z.string().trim().min(1).max(100).nullable().default(null),
    /** The longest that an order counts as unknown; null = for ever. */
    afterHours: z.number().int().min(1).max(8_760).nullable().default(null),
  })
  .superRefine(({ knownBy, statuses, metaKey, afterHours }, check) => {
    const missing = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
    if (knownBy === 'status' && statuses.length === 0) missing('statuses', 'name at least one status');
    if (knownBy === 'meta' && metaKey === null) missing('metaKey', 'name the key');
    if (knownBy === 'hours' && afterHours === null) missing('afterHours', 'say after how many hours');
  });

export const orderRule = z
  .object({
    knownBy: z.enum(ORDER_RULE_KINDS),
    statuses: z.array(z.string()),
    metaKey: z.string().nullable(),
    afterHours: z.number().nullable(),
  })
  .openapi('OrderRule');

export const connectionInput = z
  .strictObject({
    sourceId: id,
    shopId: id,
    warehouses: chosenWarehouses.default('*'),
    matchBy: matchBy.default(['code', 'name']),
    /** test: everything is recorded and compared, nothing is written. */
    mode: z.enum(['test', 'live']).default('test'),
    /** Lets a product whose code is unknown in the shop be matched by its name. Off by default: a wrong product is worse than none. */
    allowNameAfterCode: z.boolean().default(false),
    /** Holds an item in error until somebody handles it, instead of trying again when a new level arrives. */
    holdErrors: z.boolean().default(false),
    rules: numberRules.prefault(PLAIN_RULES),
    categoryBuffers: categoryBuffers.default([]),
    /** Where stock management is off for a product that was found: tell the owner, or switch it on together with the number. */
    unmanaged: z.enum(['report', 'switch-on']).default('report'),
    /**
     * What becomes of a number that was changed in the shop by something else than an order: written over, kept until
     * the source says something new, or left for a person to decide.
     */
    onDifference: z.enum(['repair', 'keep', 'report']).default('repair'),
    /** Left out: as is usual for the source's kind (GET /source-kinds). */
    orders: orderRuleInput.optional(),
  })
  .openapi('ConnectionInput');

export const connectionPatch = z
  .strictObject({
    warehouses: chosenWarehouses.optional(),
    matchBy: matchBy.optional(),
    mode: z.enum(['test', 'live']).optional(),
    allowNameAfterCode: z.boolean().optional(),
    holdErrors: z.boolean().optional(),
    rules: numberRules.optional(),
    categoryBuffers: categoryBuffers.optional(),
    unmanaged: z.enum(['report', 'switch-on']).optional(),
    onDifference: z.enum(['repair', 'keep', 'report']).optional(),
    orders: orderRuleInput.optional(),
  })
  .openapi('ConnectionPatch');

export const connection = z
  .object({
    id,
    sourceId: id,
    shopId: id,
    warehouses: chosenWarehouses,
    matchBy,
    mode: z.enum(['test', 'live']),
    allowNameAfterCode: z.boolean(),
    holdErrors: z.boolean(),
    rules: z.object({
      buffer: quantityText,
      packSize: quantityText,
      rounding: z.enum(['down', 'nearest', 'up']),
      negative: z.enum(['zero', 'keep_with_backorders']),
    }),
    categoryBuffers: z.array(z.object({ categoryId: id, buffer: quantityText })),
    unmanaged: z.enum(['report', 'switch-on']),
    onDifference: z.enum(['repair', 'keep', 'report']),
    orders: orderRule,
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi('Connection');

export type Connection = z.infer<typeof connection>;
export type ConnectionInput = z.input<typeof connectionInput>;
export type ConnectionPatch = z.input<typeof connectionPatch>;

/** Rules that are not saved yet; what is left out is as it is. */
export const rulesPreviewInput = z
  .strictObject({
    warehouses: chosenWarehouses.optional(),
    rules: numberRules.optional(),
    categoryBuffers: categoryBuffers.optional(),
  })
  .openapi('RulesPreviewInput');

/** How a number came about, line by line. */
export const targetSteps = z.array(
  z.object({
    kind: z.enum(['sum', 'buffer', 'pack', 'rounding', 'orders', 'negative', 'held']),
    by: z.string().nullable(),
    value: z.string(),
  }),
);

export const rulesPreview = z
  .object({
    data: z.array(
      z.object({
        itemId: id,
        code: z.string().nullable(),
        barcode: z.string().nullable(),
        externalId: z.string().nullable(),
        name: z.string().nullable(),
        /** What the shop must show by the rules as they are, and as they would be. */
        before: quantityText.nullable(),
        after: quantityText.nullable(),
        steps: targetSteps,
      }),
    ),
  })
  .openapi('RulesPreview');

export const skuMapping = z.object({ id, reference: z.string(), sku: z.string() }).openapi('SkuMapping');
export const skuMappingPage = page(skuMapping).extend({ count: z.number().int() }).openapi('SkuMappingPage');

export const mappingImport = z
  .strictObject({
    /** Lines `reference:sku`, or CSV with those two columns. */
    text: z.string().max(10_000_000),
    /** replace: what is not among the lines is removed. */
    mode: z.enum(['add', 'replace']).default('add'),
  })
  .openapi('MappingImport');

export const mappingRemoval = z.strictObject({ ids: z.array(id).min(1).max(1000) }).openapi('MappingRemoval');

export const mappingsKept = z
  .object({
    added: z.number().int(),
    changed: z.number().int(),
    removed: z.number().int(),
    /** Items that are matched anew because of it. */
    items: z.number().int(),
  })
  .openapi('MappingsKept');

export const mappingExport = z.object({ csv: z.string() }).openapi('MappingExport');

export const switchedOn = z
  .object({
    itemId: id,
    label: z.string(),
    productId: id,
    variationId: id.nullable(),
    switchedAt: instant,
    undoAskedAt: instant.nullable(),
  })
  .openapi('SwitchedOn');
export const switchedOnPage = page(switchedOn).extend({ count: z.number().int() }).openapi('SwitchedOnPage');
export const undoAnswer = z.object({ affected: z.number().int() }).openapi('UndoAnswer');

export type NumberRulesInput = z.input<typeof numberRules>;
export type RulesPreview = z.infer<typeof rulesPreview>;
export type SkuMappingPage = z.infer<typeof skuMappingPage>;
export type MappingsKept = z.infer<typeof mappingsKept>;
export type SwitchedOnPage = z.infer<typeof switchedOnPage>;

const previewClasses = z.enum([
  'to_change',
  'equal',
  'not_found',
  'ambiguous',
  'not_managed',
  'failed',
  'offline',
  'level_unknown',
  'not_compared',
]);

export const connectionPreview = z
  .object({
    /** Items by what going live would do with them; not_compared: waits to be looked at in the shop. */
    counts: z.record(previewClasses, z.number().int()),
    /** The first hundred whose number would change. */
    changes: z.array(
      z.object({
        itemId: id,
        code: z.string().nullable(),
        barcode: z.string().nullable(),
        externalId: z.string().nullable(),
        name: z.string().nullable(),
        productId: id.nullable(),
        variationId: id.nullable(),
        shown: quantityText.nullable(),
        wanted: quantityText,
      }),
    ),
    /** Products in stock that would go to 0, when they are so many that it looks like a mistake of the source. */
    massZero: z.object({ zeros: z.number().int(), inStock: z.number().int() }).nullable(),
    /** Why the connection cannot go live yet; empty = it can. */
    obstacles: z.array(
      z.enum(['already_live', 'shop_not_tested', 'circuit_open', 'nothing_compared', 'not_all_compared', 'mass_zero']),
    ),
  })
  .openapi('ConnectionPreview');

export const goLiveInput = z
  .strictObject({
    /** A person has seen how many products would go to 0, and wants it so. */
    massZeroSeen: z.boolean().default(false),
  })
  .openapi('GoLiveInput');

export type ConnectionPreview = z.infer<typeof connectionPreview>;
