import type { Request } from 'express';
import { InvitePeople } from '../application/invite-people';
import { KeepAccount } from '../application/keep-account';
import { KeepApiTokens } from '../application/keep-api-tokens';
import { KeepPeople } from '../application/keep-people';
import { KeepSecondFactor } from '../application/keep-second-factor';
import { LogIn } from '../application/log-in';
import { AuditTrail } from '../http/audit-trail';
import { argon2Passwords } from '../security/argon2-passwords';
import { randomTokens } from '../security/random-tokens';
import { totpCodes } from '../security/totp-codes';
import type { Ground } from './ground';
import type { Stores } from './stores';

/** Who may come in, and what is written down of them. */
export function composePeopleSide({ settings, clock, log, stores, notices }: Ground) {
  const { unit, users, sessions, secondFactors, challenges, links, apiTokens: tokenStore, audit } = stores;
  const common = { unit, users, sessions, challenges, passwords: argon2Passwords, tokens: randomTokens, clock };
  const secondFactor = new KeepSecondFactor({
    ...common,
    secondFactors,
    settings: stores.appSettings,
    codes: totpCodes,
  });
  const apiTokens = new KeepApiTokens({ store: tokenStore, tokens: randomTokens, clock });
  return {
    logIn: new LogIn({ ...common, secondFactor }),
    apiTokens,
    auditTrail: new AuditTrail({
      store: audit,
      clock,
      nameOf: (kind, id) => nameOf(stores, kind, id),
      onLost: (error, action) => log.error({ event: 'audit_lost', action, err: error }, 'an audit entry is lost'),
    }),
    routeOptions: {
      keepAccount: new KeepAccount({ ...common, secondFactor }),
      keepSecondFactor: secondFactor,
      keepPeople: new KeepPeople({ unit, users }),
      invitePeople: new InvitePeople({ ...common, links, mail: notices.mail }),
      keepApiTokens: apiTokens,
      userStore: users,
      sessionStore: sessions,
      linkStore: links,
      apiTokenStore: tokenStore,
      auditStore: audit,
      joinUrlOf: (req: Request, token: string) => `${settings.publicUrl ?? originOf(req)}/join#token=${token}`,
    },
  };
}

/** What things are called when the audit log tells of them; null for those that have no name of their own. */
async function nameOf(stores: Stores, kind: string, id: number): Promise<string | null> {
  switch (kind) {
    case 'shops':
      return (await stores.shops.find(id))?.name ?? null;
    case 'sources':
      return (await stores.sourceStore.find(id))?.name ?? null;
    case 'connections': {
      const connection = await stores.connections.find(id);
      if (!connection) return null;
      const ends = [await stores.sourceStore.find(connection.sourceId), await stores.shops.find(connection.shopId)];
      return ends.map((end) => end?.name ?? '?').join(' → ');
    }
    case 'items': {
      const subject = (await stores.items.find(id))?.subject;
      return subject?.name ?? subject?.code ?? subject?.barcode ?? null;
    }
    case 'users':
      return (await stores.users.find(id))?.email ?? null;
    case 'invitations':
      return (await stores.links.findById(id))?.email ?? null;
    case 'tokens':
      return (await stores.apiTokens.find(id))?.name ?? null;
    default:
      return null;
  }
}

export const originOf = (req: Request): string => `${req.protocol}://${req.get('host') ?? 'localhost'}`;
