import { failureView, instant, z } from './common';

export const bridgeCode = z
  .object({
    /** Shown this once, good for ten minutes. */
    code: z.string(),
    /** The shop’s own page on which it is typed, with it filled in. */
    link: z.string(),
    expiresAt: instant,
  })
  .openapi('BridgeCode');

export const bridgeAttempt = z.strictObject({ code: z.string().trim().min(12).max(40) }).openapi('BridgeAttempt');

export const bridge = z
  .object({
    /** away: paired, and everything goes by plain REST until `retryAt`. */
    state: z.enum(['none', 'code_given', 'paired', 'away']),
    /** Whether the plugin was there when the shop was last tested; null = nobody has looked. */
    installed: z.boolean().nullable(),
    /** Whether the plugin’s file can be downloaded here. */
    download: z.boolean(),
    codeExpiresAt: instant.nullable(),
    pairedAt: instant.nullable(),
    /** As whom the plugin carries out our calls, and whose account here that is. */
    shopUser: z.object({ id: z.number().int(), email: z.string(), displayName: z.string() }).nullable(),
    account: z.string().nullable(),
    versions: z
      .object({
        plugin: z.string(),
        wordpress: z.string(),
        woocommerce: z.string().nullable(),
        php: z.string(),
      })
      .nullable(),
    gains: z.array(z.object({ code: z.string(), words: z.string() })),
    /** Why the plugin goes the slow way; empty where it does not. */
    slowBecause: z.array(z.object({ code: z.string(), detail: z.string(), words: z.string() })),
    events: z
      .object({
        pending: z.number().int(),
        oldestAt: z.string().nullable(),
        lastError: z.string().nullable(),
      })
      .nullable(),
    door: z
      .object({ enabled: z.boolean(), blockedBy: z.string().nullable(), authorizationReaches: z.string() })
      .nullable(),
    /** How far the shop’s clock is ahead of ours; calls are refused from 300 on. */
    clockDifferenceSeconds: z.number().int().nullable(),
    failure: failureView.nullable(),
    awaySince: instant.nullable(),
    retryAt: instant.nullable(),
    lastFailure: failureView.nullable(),
    lastFailureAt: instant.nullable(),
    /** When it last answered or called. */
    lastSeenAt: instant.nullable(),
    checkedAt: instant.nullable(),
    /** A new secret was offered, and the shop has not been seen to use it yet. */
    rotating: z.boolean(),
    /** Calls in the plugin’s name that were refused lately, latest first. */
    refused: z.array(z.object({ at: instant, code: z.string() })),
  })
  .openapi('Bridge');

export const attempted = z
  .object({ state: z.enum(['paired', 'waiting', 'wrong_code', 'expired', 'missing']), bridge })
  .openapi('BridgeAttempted');

export const unpaired = z.object({ shopTold: z.boolean() }).openapi('BridgeUnpaired');

export type Bridge = z.infer<typeof bridge>;
export type BridgeCode = z.infer<typeof bridgeCode>;
export type BridgeAttempted = z.infer<typeof attempted>;
export type BridgeUnpaired = z.infer<typeof unpaired>;
