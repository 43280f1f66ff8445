import { instant, z } from './common';

export const service = z
  .object({
    version: z.string(),
    startedAt: instant,
    database: z.enum(['sqlite', 'mysql']),
    /** Whether several processes wake each other through Redis. */
    redis: z.boolean(),
    /** Where it is reached from outside; null while it does not know. */
    publicUrl: z.string().nullable(),
    /** Who its e-mails are from; null while it sends none. */
    mailFrom: z.string().nullable(),
    /** Whether shops and sources may lie in a private network. */
    privateNetwork: z.boolean(),
    /** How long what came in and what was done is kept; levels and links are kept for good. */
    keptDays: z.object({ history: z.number().int(), audit: z.number().int() }),
  })
  .openapi('Service');

export type Service = z.infer<typeof service>;
