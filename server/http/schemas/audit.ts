import { id, instant, pageQuery, z } from './common';

export const auditFilter = {
  /** A part of who it was. */
  who: z.string().trim().max(254).optional(),
  /** An action such as shops.change, or the first part of its name. */
  action: z
    .string()
    .regex(/^[a-z.-]{1,60}$/)
    .optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
};

export const auditQuery = z.strictObject({ ...pageQuery, ...auditFilter });

export const auditEntry = z
  .object({
    id,
    at: instant,
    /** nobody: a try to get in; `actor` is then the e-mail address that was tried. */
    actorKind: z.enum(['person', 'token', 'admin_token', 'nobody']),
    actor: z.string(),
    tokenName: z.string().nullable(),
    address: z.string().nullable(),
    action: z.string(),
    outcome: z.enum(['done', 'refused']),
    reason: z.string().nullable(),
    objectKind: z.string().nullable(),
    objectId: z.number().int().nullable(),
    objectName: z.string().nullable(),
    /** Names of what was changed, never values. */
    fields: z.array(z.string()),
  })
  .openapi('AuditEntry');

export type AuditEntry = z.infer<typeof auditEntry>;
