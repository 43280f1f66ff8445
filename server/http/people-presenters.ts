import type { IssuedLink } from '../application/invite-people';
import { deviceOf } from '../domain/device';
import type { AccessLink } from '../domain/ports/access-links';
import type { ApiToken } from '../domain/ports/api-tokens';
import type { AuditEntry } from '../domain/ports/audit';
import type { Person, SessionRecord } from '../domain/ports/users';
import { instantOf, instantOrNull, showFailure } from './presenters';

// People and what lets them in, in the shapes of the API.

export const showPerson = ({ hasSecondFactor, createdAt, lastSeenAt, ...person }: Person) => ({
  ...person,
  secondFactor: hasSecondFactor,
  createdAt: instantOf(createdAt),
  lastSeenAt: instantOrNull(lastSeenAt),
});

export const showInvitation = ({ id, email, role, issuedBy, createdAt, expiresAt }: AccessLink) => ({
  id,
  email,
  role,
  issuedBy,
  createdAt: instantOf(createdAt),
  expiresAt: instantOf(expiresAt),
});

export const showIssuedLink = ({ issued, link, mail }: IssuedLink) => ({
  id: issued.id,
  email: issued.email,
  link,
  expiresAt: instantOf(issued.expiresAt),
  mail: typeof mail === 'string' ? mail : ('failed' as const),
  mailFailure: typeof mail === 'string' ? null : showFailure(mail),
});

export const showSession = ({ userAgent, createdAt, lastSeenAt, id }: SessionRecord, current: number | null) => ({
  id,
  ...deviceOf(userAgent),
  createdAt: instantOf(createdAt),
  lastSeenAt: instantOf(lastSeenAt),
  current: id === current,
});

export const showApiToken = ({ maker, createdAt, expiresAt, lastUsedAt, ...token }: ApiToken) => ({
  ...token,
  madeBy: maker.email,
  createdAt: instantOf(createdAt),
  expiresAt: instantOrNull(expiresAt),
  lastUsedAt: instantOrNull(lastUsedAt),
});

export const showAuditEntry = ({ actor, object, at, fields, ...entry }: AuditEntry) => ({
  ...entry,
  at: instantOf(at),
  actorKind: actor.kind,
  actor: actor.name,
  tokenName: actor.tokenName,
  objectKind: object?.kind ?? null,
  objectId: object?.id ?? null,
  objectName: object?.name ?? null,
  fields: [...fields],
});
