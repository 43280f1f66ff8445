import { ROLES } from '../../domain/role';
import { instant, z } from './common';

export const languages = ['en', 'ro', 'fr', 'es', 'pt-BR'] as const;
export const language = z.enum(languages);
export const role = z.enum(ROLES);
export const newPassword = z.string().min(12, 'at least 12 characters').max(1000);
const password = z.string().min(1).max(1000);

export const credentials = z
  .strictObject({ email: z.string().trim().min(3).max(254), password })
  .openapi('Credentials');

export const setupInput = z
  .strictObject({
    token: z.string().min(1).max(200),
    email: z.email().max(254),
    password: newPassword,
    language: language.default('en'),
  })
  .openapi('SetupInput');

export const setupState = z.object({ needed: z.boolean() }).openapi('SetupState');

export const user = z
  .object({
    id: z.number().int(),
    email: z.string(),
    role,
    /** Told when somebody comes in. */
    language: z.string().optional(),
  })
  .openapi('User');

export const session = z
  .object({
    state: z.literal('open'),
    user,
    /** To be sent as X-CSRF-Token with every changing call of this session. */
    csrfToken: z.string(),
    /** Everybody must have a second factor, and this user has none yet: until then nothing else may be done. */
    mustEnrol: z.boolean(),
    version: z.string(),
  })
  .openapi('Session');

export type Session = z.infer<typeof session>;

export const challenge = z
  .object({
    state: z.literal('second_factor_needed'),
    /** To be sent to /session/second-factor with a code. */
    challenge: z.string(),
    expiresAt: instant,
  })
  .openapi('LoginChallenge');

/** Logged in, or half-way: whoever has a second factor proves it first. */
export const logInAnswer = z.discriminatedUnion('state', [session, challenge]).openapi('LogInAnswer');

export type LogInAnswer = z.infer<typeof logInAnswer>;

export const oneTimeCode = z.string().trim().min(6).max(20);
export const recoveryCode = z.string().trim().min(16).max(60);

/** A code of the app, or one of the recovery codes. */
const proofShape = { code: oneTimeCode.optional(), recoveryCode: recoveryCode.optional() };
const isOneProof = (given: { code?: string | undefined; recoveryCode?: string | undefined }): boolean =>
  (given.code === undefined) !== (given.recoveryCode === undefined);
const ONE_PROOF = { path: ['code'], message: 'a code or a recovery code' };

export const secondFactorInput = z
  .strictObject({ challenge: z.string().min(1).max(200), ...proofShape })
  .refine(isOneProof, ONE_PROOF)
  .openapi('SecondFactorInput');

export const switchOffInput = z
  .strictObject({ password, ...proofShape })
  .refine(isOneProof, ONE_PROOF)
  .openapi('SwitchSecondFactorOff');

export const linkToken = z.strictObject({ token: z.string().min(1).max(200) }).openapi('LinkToken');

export const linkState = z
  .object({
    /** join: makes an account; reset: sets a new password for one. */
    kind: z.enum(['join', 'reset']),
    email: z.string(),
    role,
    expiresAt: instant,
  })
  .openapi('LinkState');

export type LinkState = z.infer<typeof linkState>;

export const joinInput = z
  .strictObject({ token: z.string().min(1).max(200), password: newPassword, language: language.default('en') })
  .openapi('JoinInput');
