import { TOKEN_SCOPES } from '../../domain/role';
import { failureView, id, instant, z } from './common';
import { language, newPassword, oneTimeCode, role } from './session';

export const person = z
  .object({
    id,
    email: z.string(),
    role,
    language: z.string(),
    secondFactor: z.boolean(),
    createdAt: instant,
    lastSeenAt: instant.nullable(),
  })
  .openapi('Person');
export type Person = z.infer<typeof person>;

export const personPatch = z.strictObject({ role }).openapi('PersonPatch');

export const invitation = z
  .object({ id, email: z.string(), role, issuedBy: z.string(), createdAt: instant, expiresAt: instant })
  .openapi('Invitation');
export type Invitation = z.infer<typeof invitation>;

export const invitationInput = z.strictObject({ email: z.email().max(254), role }).openapi('InvitationInput');

export const issuedLink = z
  .object({
    id,
    email: z.string(),
    /** Shown this once. */
    link: z.string(),
    expiresAt: instant,
    /** Whether the link went out by e-mail as well. */
    mail: z.enum(['sent', 'failed', 'not_configured']),
    /** Why it did not. */
    mailFailure: failureView.nullable(),
  })
  .openapi('IssuedLink');
export type IssuedLink = z.infer<typeof issuedLink>;

export const accessRules = z
  .strictObject({
    /** Whoever has no second factor must set one up before anything else. */
    secondFactorRequired: z.boolean(),
  })
  .openapi('AccessRules');
export type AccessRules = z.infer<typeof accessRules>;

export const account = z
  .object({
    id,
    email: z.string(),
    role,
    language: z.string(),
    createdAt: instant,
    secondFactor: z.object({
      on: z.boolean(),
      confirmedAt: instant.nullable(),
      recoveryCodesLeft: z.number().int(),
      required: z.boolean(),
    }),
  })
  .openapi('Account');
export type Account = z.infer<typeof account>;

export const accountPatch = z.strictObject({ language }).openapi('AccountPatch');

const password = z.string().min(1).max(1000);
export const passwordInput = z.strictObject({ currentPassword: password, newPassword }).openapi('PasswordInput');
export const ownPassword = z.strictObject({ password }).openapi('OwnPassword');

export const sessions = z
  .object({
    data: z.array(
      z.object({
        id,
        browser: z.string().nullable(),
        system: z.string().nullable(),
        createdAt: instant,
        lastSeenAt: instant,
        /** The one that asks. */
        current: z.boolean(),
      }),
    ),
  })
  .openapi('OwnSessions');
export type OwnSession = z.infer<typeof sessions>['data'][number];

export const enrolment = z
  .object({
    secret: z.string(),
    /** What an authenticator app reads from a QR code. */
    uri: z.string(),
  })
  .openapi('SecondFactorEnrolment');
export type Enrolment = z.infer<typeof enrolment>;

export const confirmInput = z.strictObject({ code: oneTimeCode }).openapi('ConfirmSecondFactor');

/** Each opens one log-in without the app. Shown this once. */
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).openapi('RecoveryCodes');

export const apiToken = z
  .object({
    id,
    name: z.string(),
    /** read: what a viewer may; write: what an operator may; admin: what an owner may. Never more than who made it. */
    scope: z.enum(TOKEN_SCOPES),
    prefix: z.string(),
    madeBy: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
  })
  .openapi('ApiToken');
export type ApiToken = z.infer<typeof apiToken>;

export const apiTokenInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scope: z.enum(TOKEN_SCOPES),
    /** Null: it does not run out. */
    expiresInDays: z.number().int().min(1).max(3650).nullable().default(null),
  })
  .openapi('ApiTokenInput');

export const createdApiToken = apiToken
  .extend({
    /** Shown this once. */
    token: z.string(),
  })
  .openapi('CreatedApiToken');
export type CreatedApiToken = z.infer<typeof createdApiToken>;
