import { instant, z } from './common';

export const overviewQuery = z.strictObject({
  /** How far back the hours go. */
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 90)
    .default(24),
});

export const overview = z
  .object({
    /** The oldest of the proofs that what is in step rests on; null while nothing is proven. */
    provenSince: instant.nullable(),
    /** What is on its way to a shop, and since when the oldest of it is. */
    waiting: z.object({ count: z.number().int(), since: instant.nullable() }),
    /** The hours in which anything was done, oldest first. */
    hours: z.array(
      z.object({
        at: instant,
        /** Products written, and then shown right by the shop. */
        changes: z.number().int(),
        /** Tries that came to nothing. */
        failures: z.number().int(),
        /** From a change becoming due to the shop showing it; null where nothing was written. */
        usualDelayMs: z.number().int().nullable(),
        longestDelayMs: z.number().int().nullable(),
      }),
    ),
  })
  .openapi('Overview');

export type Overview = z.infer<typeof overview>;
