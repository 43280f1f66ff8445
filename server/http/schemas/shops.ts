import { isTimeZone } from '../../domain/quiet-hours';
import { failureView, id, instant, z } from './common';

const httpAddress = z
  .string()
  .trim()
  .max(500)
  .refine((text) => {
    try {
      const url = new URL(text);
      return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
    } catch {
      return false;
    }
  }, 'must be an address such as https://shop.example.com, without a user name or password');

/** Keys are pasted, often with blanks around them; a blank after the secret is a 401 that nobody understands. */
const pastedSecret = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} is empty`)
    .max(500)
    // As we show them; stored, they would take the place of the key itself.
    .regex(/^[^•…]*$/, 'must be the key itself, not as it is shown; leave it out to keep the one there is');

const minute = z.number().int().min(0).max(1439);

export const quietHours = z
  .strictObject({
    /** Minutes of the local day; `fromMinute` may lie after `toMinute`: over midnight. */
    fromMinute: minute,
    toMinute: minute,
    timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone such as Europe/Bucharest'),
  })
  .openapi('QuietHours');

const shopLimits = z
  .strictObject({
    /** The most calls a minute; null = as many as the shop bears. */
    callsPerMinute: z.number().int().min(1).max(6_000).nullable().default(null),
    /** Hours in which the shop is not called; what comes in waits. */
    quietHours: quietHours.nullable().default(null),
  })
  .openapi('ShopLimits');

export const shopInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    url: httpAddress,
    consumerKey: pastedSecret('the consumer key'),
    consumerSecret: pastedSecret('the consumer secret'),
    verifyTls: z.boolean().default(true),
    /** Consent to send the keys in the address, where the host drops the Authorization header (https only). */
    allowQueryKeys: z.boolean().default(false),
    limits: shopLimits.default({ callsPerMinute: null, quietHours: null }),
  })
  .openapi('ShopInput');

/** Spelt out, not derived: a default inside a partial schema would switch certificate checking back on by itself. */
export const shopPatch = z
  .strictObject({
    name: shopInput.shape.name.optional(),
    url: httpAddress.optional(),
    consumerKey: shopInput.shape.consumerKey.optional(),
    consumerSecret: shopInput.shape.consumerSecret.optional(),
    verifyTls: z.boolean().optional(),
    allowQueryKeys: z.boolean().optional(),
    limits: shopLimits.optional(),
  })
  .openapi('ShopPatch');

export const approvals = z.object({ possible: z.boolean() }).openapi('ShopApprovals');

export const approvalInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    url: httpAddress,
    /** Whose keys are to be replaced; a shop that is new here without it. */
    shopId: id.optional(),
  })
  .openapi('ShopApprovalInput');

export const approval = z.object({ authorizeUrl: z.url(), expiresAt: instant }).openapi('ShopApproval');

export const circuitView = z
  .object({
    state: z.enum(['closed', 'open']),
    failure: failureView.nullable(),
    openedAt: instant.nullable(),
    probeAt: instant.nullable(),
  })
  .openapi('Circuit');

export const shopCheck = z
  .object({
    id: z.enum([
      'address',
      'reachable',
      'tls',
      'rest_route',
      'keys_valid',
      'keys_may_write',
      'stock_management',
      'products_managed',
      'version',
      'clock',
      'bridge',
    ]),
    ok: z.boolean(),
    severity: z.enum(['info', 'warning', 'error']),
    /** What was found, for a panel to say in its own language; `message` and `cure` say it in English. */
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    message: z.string(),
    cure: z.string().nullable(),
  })
  .openapi('ShopCheck');

export const shopTest = z
  .object({ ok: z.boolean(), testedAt: instant, checks: z.array(shopCheck) })
  .openapi('ShopTest');

export const shop = z
  .object({
    id,
    name: z.string(),
    url: z.string(),
    /** Masked: the first characters and the last four. The secret never leaves. */
    consumerKey: z.string(),
    consumerSecret: z.string(),
    verifyTls: z.boolean(),
    allowQueryKeys: z.boolean(),
    version: z.string().nullable(),
    circuit: circuitView,
    limits: shopLimits,
    lastTest: shopTest.nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi('Shop');

export type Shop = z.infer<typeof shop>;
export type ShopInput = z.input<typeof shopInput>;
export type ShopPatch = z.input<typeof shopPatch>;
export type ShopTest = z.infer<typeof shopTest>;
export type ShopCheck = z.infer<typeof shopCheck>;

export const catalogue = z
  .object({
    /** none: nobody has asked for it yet; loading: never complete so far. */
    state: z.enum(['none', 'loading', 'ready']),
    entries: z.number().int(),
    /** The walk under way: full = everything, changes = what the shop changed lately; null = none. */
    walk: z.enum(['full', 'changes']).nullable(),
    progress: z.object({ done: z.number().int(), total: z.number().int().nullable() }).nullable(),
    loadedAt: instant.nullable(),
    refreshedAt: instant.nullable(),
    nextAt: instant.nullable(),
    failure: failureView.nullable(),
    /** Linked products for which nobody keeps the stock: WooCommerce ignores their number. */
    linked: z.number().int(),
    unmanaged: z.number().int(),
    webhooks: z
      .object({
        state: z.enum(['active', 'no_public_address', 'failed']),
        failure: failureView.nullable(),
        checkedAt: instant.nullable(),
        receivedAt: instant.nullable(),
        /** When the shop was last found to have disabled one by itself. */
        revivedAt: instant.nullable(),
      })
      .nullable(),
  })
  .openapi('Catalogue');

export const shopCategories = z.object({ data: z.array(z.object({ id, name: z.string() })) }).openapi('ShopCategories');

export type Catalogue = z.infer<typeof catalogue>;
export type ShopCategories = z.infer<typeof shopCategories>;
export type ApprovalInput = z.input<typeof approvalInput>;
