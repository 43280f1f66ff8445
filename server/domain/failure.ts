import { bridgeFailures } from './failures/bridge-failures';
import type { FailureKind } from './failures/failure-kind';
import { itemFailures } from './failures/item-failures';
import { noticeFailures } from './failures/notice-failures';
import { shopFailures } from './failures/shop-failures';
import { sourceFailures } from './failures/source-failures';

export type { FailureScope, Severity } from './failures/failure-kind';

/** The closed list. A failure that is not in it is `unknown_failure`, which stops the item and asks for a person. */
export const FAILURES = { ...shopFailures, ...bridgeFailures, ...sourceFailures, ...itemFailures, ...noticeFailures };

export type FailureCode = keyof typeof FAILURES;

export type FailureParams = Readonly<Record<string, string | number>>;

/** What is stored and shown: the code, what fills its words, and the proof (what the shop really said). */
export interface Failure {
  readonly code: FailureCode;
  readonly params: FailureParams;
  /** The shop's own words or figures, shortened and free of secrets; null when there is nothing more to show. */
  readonly proof: string | null;
}

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code);

/** The kind behind a code; a code from a newer or older version fails closed as unknown. */
export const failureKind = (code: string): FailureKind =>
  isFailureCode(code) ? FAILURES[code] : FAILURES.unknown_failure;

export const fillWords = (words: string, params: FailureParams): string =>
  words.replace(/\{(\w+)\}/g, (whole, key: string) => (key in params ? String(params[key]) : whole));

export const failureCause = (failure: Failure): string => fillWords(failureKind(failure.code).cause, failure.params);

export const failureCure = (failure: Failure): string => fillWords(failureKind(failure.code).cure, failure.params);

export const failure = (code: FailureCode, params: FailureParams = {}, proof: string | null = null): Failure => ({
  code,
  params,
  proof,
});

/** A failure on its way up the call stack. */
export class FailureError extends Error {
  override readonly name = 'FailureError';

  constructor(
    readonly failure: Failure,
    readonly facts: {
      /** True when the shop may have carried the call out although we have no answer: read before writing again. */
      readonly writeMayHaveHappened?: boolean;
      /** How long the other side asked us to wait, in ms. */
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(failureCause(failure), { cause: facts.cause });
  }
}

/** Anything thrown becomes a failure of the list; what we do not know is an error that stops its item. */
export const asFailure = (thrown: unknown): Failure =>
  thrown instanceof FailureError
    ? thrown.failure
    : failure('unknown_failure', { what: thrown instanceof Error ? thrown.name : typeof thrown });
