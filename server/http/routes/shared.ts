import type { Request } from 'express';
import { notFound, Refusal } from '../../domain/refusal';
import { pageQuery, z } from '../schemas/common';

/** Rows of a file read in one go: few enough that nobody waits for them. */
export const EXPORTED_AT_ONCE = 500;

export const listQuery = z.strictObject(pageQuery);
export const nothing = z.void();

const CURSOR = /^\d+(?:\.\d+){0,2}$/;

/** Cursors are ours; one that was tampered with is bad input, not a database error. */
export const pageRequest = ({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }) => {
  if (cursor !== undefined && !CURSOR.test(cursor)) {
    throw new Refusal('invalid_input', 'The cursor is not one of ours.', {
      errors: [{ path: 'cursor', message: 'use the nextCursor of the page before' }],
    });
  }
  return { limit, cursor: cursor ?? null };
};

export const mustBe = <Found>(found: Found | null, what: string): Found => {
  if (found === null) throw notFound(what);
  return found;
};

/** The address a sender pushes to, as seen from the outside. */
export type PushUrlOf = (req: Request, sourceKey: string) => string;
