export const ROLES = ['owner', 'operator', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const RANK: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, owner: 3 };

export const mayAct = (role: Role, least: Role): boolean => RANK[role] >= RANK[least];

export const TOKEN_SCOPES = ['read', 'write', 'admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

const ROLE_OF_SCOPE: Readonly<Record<TokenScope, Role>> = { read: 'viewer', write: 'operator', admin: 'owner' };

/** A token may what its scope says, and never more than who made it may today. */
export const roleOfToken = (scope: TokenScope, maker: Role): Role =>
  mayAct(maker, ROLE_OF_SCOPE[scope]) ? ROLE_OF_SCOPE[scope] : maker;

export const mayGrant = (maker: Role, scope: TokenScope): boolean => mayAct(maker, ROLE_OF_SCOPE[scope]);
