/**
 * - info: nothing to do; a rule was applied and is on record.
 * - retry: it passes by itself; the engine tries again.
 * - error: a person has to act; the cure says how.
 */
export type Severity = 'info' | 'retry' | 'error';

/**
 * What a failure speaks of: the whole shop (its circuit opens and no item is charged), the plugin in it (everything goes
 * on without it), one item, a source, or telling people.
 */
export type FailureScope = 'shop' | 'bridge' | 'item' | 'source' | 'notice';

export interface FailureKind {
  readonly severity: Severity;
  readonly scope: FailureScope;
  /** True when the same call could succeed later without anybody doing anything. */
  readonly retryHelps: boolean;
  /** In words for the owner; `{name}` is filled from the failure's params. The panel says the same in its languages. */
  readonly cause: string;
  readonly cure: string;
}

type Scoped<Codes> = { readonly [Code in keyof Codes]: FailureKind };

/** Kinds of one scope, each by its code. */
export const kindsOf = <const Codes extends Record<string, Omit<FailureKind, 'scope'>>>(
  scope: FailureScope,
  codes: Codes,
): Scoped<Codes> =>
  // The keys stay those of the list: the mapped type cannot say it of Object.fromEntries.
  Object.fromEntries(Object.entries(codes).map(([code, kind]) => [code, { ...kind, scope }])) as Scoped<Codes>;
