import { PUSH_REFUSALS } from '../../domain/ports/sources';
import { PUSH_SAYS } from '../../domain/ports/pushes';
import { failureView, id, instant, quantityText, z } from './common';
import { orderRule } from './connections';

/** The kinds with a connector, in the order in which they are offered; each gives its own settings (see the route's description). */
export const sourceKinds = ['smartbill', 'hiboutik', 'oblio', 'generic'] as const;

export const sourceInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    kind: z.enum(sourceKinds),
    /**
     * generic: {} or {preset?, signatureSecret?, mapping?, signature?, keyInAddress?, fileUrl?, …}; smartbill: {email, apiToken, vatCode}; hiboutik: {account, user, apiKey, …}; oblio: {email, secret, cif}.
     */
    settings: z.record(z.string(), z.unknown()).default({}),
  })
  .openapi('SourceInput');

export const sourcePatch = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    settings: z.record(z.string(), z.unknown()).optional(),
    /** Off: pushes are refused, as the sender's own switch would do. */
    enabled: z.boolean().optional(),
  })
  .openapi('SourcePatch');

export const source = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(sourceKinds),
    enabled: z.boolean(),
    /** Secrets masked. */
    settings: z.record(z.string(), z.string()),
    pushUrl: z.string(),
    /** When the sender last tested the connection with an empty list, and when it last pushed a change. */
    lastTestAt: instant.nullable(),
    lastPushAt: instant.nullable(),
    /** When the last call with a wrong or missing token came in, so that "nothing arrives" can be told from "refused". */
    lastRefusedAt: instant.nullable(),
    lastRefusal: z.enum(PUSH_REFUSALS).nullable(),
    /** Levels that calls only named, and that wait to be read by the vendor's API; why, when the last try failed. */
    toRead: z.object({ count: z.number().int(), oldestAt: instant.nullable(), failure: failureView.nullable() }),
    /** Calls of this month, where the vendor allows only so many; null elsewhere. */
    calls: z.object({ used: z.number().int(), most: z.number().int() }).nullable(),
    /** Whether its levels can be pulled, as it is set up. */
    canPull: z.boolean(),
    /** Whether we can set up at the vendor that it calls us. */
    canSubscribe: z.boolean(),
    /** Whether its calls may bear a secret in the address; a new token makes a new one. */
    secretInAddress: z.boolean(),
    tokens: z.array(z.object({ createdAt: instant, expiresAt: instant.nullable(), lastUsedAt: instant.nullable() })),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi('Source');

export const createdSource = source
  .extend({
    /** Shown this once; only its hash is kept. */
    token: z.string(),
    /** The address with its own secret, for senders that can bear none elsewhere; shown this once. */
    callUrl: z.string().nullable(),
  })
  .openapi('CreatedSource');

export const rotateTokenInput = z
  .strictObject({
    graceSeconds: z
      .number()
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400),
  })
  .openapi('RotateTokenInput');

export const rotatedToken = z
  .object({ token: z.string(), callUrl: z.string().nullable(), previousExpiresAt: instant })
  .openapi('RotatedToken');

export const sourceTest = z
  .object({
    ok: z.boolean(),
    checks: z.array(
      z.object({
        id: z.string(),
        ok: z.boolean(),
        severity: z.enum(['info', 'warning', 'error']),
        code: z.string(),
        params: z.record(z.string(), z.union([z.string(), z.number()])),
        message: z.string(),
        cure: z.string().nullable(),
      }),
    ),
  })
  .openapi('SourceTest');

const sampleField = z.object({
  path: z.string(),
  /** As text, cut off; of a list its length. */
  example: z.string(),
  kind: z.enum(['text', 'number', 'null', 'list', 'object']),
});

export const samples = z
  .object({
    data: z.array(
      z.object({
        pushId: id,
        receivedAt: instant,
        says: z.enum(PUSH_SAYS),
        contentType: z.string().nullable(),
        body: z.string(),
        /** What a mapping may name; null where it can read nothing of it. */
        fields: z
          .object({
            root: z.array(sampleField),
            lists: z.array(z.object({ path: z.string(), length: z.number().int(), fields: z.array(sampleField) })),
          })
          .nullable(),
      }),
    ),
  })
  .openapi('SourceSamples');

export const tryMappingInput = z
  .strictObject({ pushId: id, settings: z.record(z.string(), z.unknown()) })
  .openapi('TryMappingInput');

export const triedMapping = z
  .object({
    says: z.enum(PUSH_SAYS),
    total: z.number().int(),
    /** The first ones. */
    lines: z.array(
      z.object({
        index: z.number().int(),
        code: z.string().nullable(),
        barcode: z.string().nullable(),
        name: z.string().nullable(),
        externalId: z.string().nullable(),
        warehouse: z.string().nullable(),
        quantity: quantityText.nullable(),
        isChange: z.boolean(),
        /** Why the line is none, and the field at fault. */
        refusal: z.string().nullable(),
        path: z.string().nullable(),
      }),
    ),
  })
  .openapi('TriedMapping');

export const warehouses = z
  .object({
    data: z.array(
      z.object({
        name: z.string(),
        /** vendor: named by the vendor's API; push: seen in a push. */
        from: z.enum(['vendor', 'push']),
        lastSeenAt: instant.nullable(),
      }),
    ),
  })
  .openapi('Warehouses');

export const settingField = z
  .object({
    /** As in the settings; `a.b` is the field b of the nested setting a. */
    name: z.string(),
    /** A switch is `yes` or empty. */
    type: z.enum(['text', 'email', 'url', 'secret', 'switch', 'number', 'select']),
    /** Where its words stand in the panel's languages. */
    words: z.string(),
    of: z.string().optional(),
    optional: z.boolean().optional(),
    initial: z.string().optional(),
    options: z
      .array(z.object({ value: z.string(), words: z.string().optional(), name: z.string().optional() }))
      .readonly()
      .optional(),
    group: z.enum(['more', 'file']).optional(),
  })
  .openapi('SettingField');

export const sourceKindList = z
  .object({
    data: z.array(
      z.object({
        kind: z.enum(sourceKinds),
        fields: z.array(settingField),
        /** When such a source usually knows of a web order: the rule of a connection made without one. */
        orders: orderRule,
      }),
    ),
  })
  .openapi('SourceKinds');

export type SourceKinds = z.infer<typeof sourceKindList>;
export type SettingField = z.infer<typeof settingField>;
export type Source = z.infer<typeof source>;
export type SourceInput = z.input<typeof sourceInput>;
export type SourcePatch = z.input<typeof sourcePatch>;
export type CreatedSource = z.infer<typeof createdSource>;
export type SourceTest = z.infer<typeof sourceTest>;
export type SourceSamples = z.infer<typeof samples>;
export type TryMappingInput = z.input<typeof tryMappingInput>;
export type TriedMapping = z.infer<typeof triedMapping>;
export type Warehouses = z.infer<typeof warehouses>;
