import { z } from './common';

export const languages = ['en', 'ro', 'fr', 'es', 'pt-BR'] as const;

export const credentials = z
  .object({ email: z.string().trim().min(3).max(254), password: z.string().min(1).max(1000) })
  .openapi('Credentials');

export const setupInput = z
  .object({
    token: z.string().min(1).max(200),
    email: z.email().max(254),
    password: z.string().min(12, 'at least 12 characters').max(1000),
    language: z.enum(languages).default('en'),
  })
  .openapi('SetupInput');

export const setupState = z.object({ needed: z.boolean() }).openapi('SetupState');

export const user = z
  .object({ id: z.number().int(), email: z.string(), role: z.enum(['owner', 'operator', 'viewer']) })
  .openapi('User');

export const session = z
  .object({
    user,
    /** To be sent as X-CSRF-Token with every changing call of this session. */
    csrfToken: z.string(),
    version: z.string(),
  })
  .openapi('Session');

export type Session = z.infer<typeof session>;
