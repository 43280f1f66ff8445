import { id, instant, z } from './common';

const chosenWarehouses = z.union([z.literal('*'), z.array(z.string().trim().max(200)).min(1).max(200)]);
const matchBy = z
  .array(z.enum(['code', 'barcode', 'name']))
  .min(1)
  .max(3)
  .refine((rules) => new Set(rules).size === rules.length, 'each rule may stand once');

export const connectionInput = z
  .object({
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
  })
  .openapi('ConnectionInput');

export const connectionPatch = z
  .object({
    warehouses: chosenWarehouses.optional(),
    matchBy: matchBy.optional(),
    mode: z.enum(['test', 'live']).optional(),
    allowNameAfterCode: z.boolean().optional(),
    holdErrors: z.boolean().optional(),
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
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi('Connection');

export type Connection = z.infer<typeof connection>;
export type ConnectionInput = z.input<typeof connectionInput>;
export type ConnectionPatch = z.input<typeof connectionPatch>;
