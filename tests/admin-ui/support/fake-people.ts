import type { AuditEntry } from '../../../server/http/schemas/audit';
import type { Account, ApiToken, Invitation, OwnSession, Person } from '../../../server/http/schemas/people';
import type { LinkState, Session } from '../../../server/http/schemas/session';

/** People and what lets them in, as the fake API keeps them. */
export interface FakeAccess {
  account: Account;
  sessions: OwnSession[];
  people: Person[];
  invitations: Invitation[];
  required: boolean;
  tokens: ApiToken[];
  audit: AuditEntry[];
  /** What the next one-time link is for; null = it is void. */
  link: LinkState | null;
  /** Whether a log-in is asked for its second factor; RIGHT_CODE answers it. */
  asksSecondFactor: boolean;
}

export const RIGHT_CODE = '123456';
export const RIGHT_PASSWORD = 'correct horse battery';

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
const DAY = 86_400;

export const aSession = (user: Partial<Session['user']> = {}): Session => ({
  state: 'open',
  user: { id: 1, email: 'owner@example.com', role: 'owner', ...user },
  csrfToken: 'csrf-token',
  mustEnrol: false,
  version: '0.1.0',
});

export const aPerson = (id: number, more: Partial<Person> = {}): Person => ({
  id,
  email: `person-${id}@example.com`,
  role: 'operator',
  language: 'en',
  secondFactor: false,
  createdAt: ago(90 * DAY),
  lastSeenAt: ago(400 * id),
  ...more,
});

export const aToken = (id: number, more: Partial<ApiToken> = {}): ApiToken => ({
  id,
  name: `Token ${id}`,
  scope: 'read',
  prefix: 'sr_3f9a1b',
  madeBy: 'owner@example.com',
  createdAt: ago(20 * DAY),
  expiresAt: null,
  lastUsedAt: ago(300),
  ...more,
});

export const anAuditEntry = (id: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: ago(1000 - id * 60),
  actorKind: 'person',
  actor: 'owner@example.com',
  tokenName: null,
  address: '192.0.2.7',
  action: 'session.open',
  outcome: 'done',
  reason: null,
  objectKind: 'session',
  objectId: null,
  objectName: null,
  fields: [],
  ...more,
});

export const plainAccess = (): FakeAccess => ({
  account: {
    id: 1,
    email: 'owner@example.com',
    role: 'owner',
    language: 'en',
    createdAt: ago(90 * DAY),
    secondFactor: { on: false, confirmedAt: null, recoveryCodesLeft: 0, required: false },
  },
  sessions: [
    { id: 3, browser: 'Firefox', system: 'Linux', createdAt: ago(4000), lastSeenAt: ago(5), current: true },
    { id: 2, browser: 'Safari', system: 'iPhone', createdAt: ago(2 * DAY), lastSeenAt: ago(7000), current: false },
    { id: 1, browser: null, system: null, createdAt: ago(9 * DAY), lastSeenAt: ago(6 * DAY), current: false },
  ],
  people: [
    aPerson(1, { email: 'owner@example.com', role: 'owner', secondFactor: true, lastSeenAt: ago(5) }),
    aPerson(2, { email: 'ana.popescu-with-a-rather-long-name@ceramics.example.com' }),
    aPerson(3, { email: 'bo@example.com', role: 'viewer', secondFactor: true, lastSeenAt: null }),
  ],
  invitations: [
    {
      id: 8,
      email: 'new@example.com',
      role: 'viewer',
      issuedBy: 'owner@example.com',
      createdAt: ago(DAY),
      expiresAt: ago(-6 * DAY),
    },
    {
      id: 7,
      email: 'late@example.com',
      role: 'operator',
      issuedBy: 'owner@example.com',
      createdAt: ago(9 * DAY),
      expiresAt: ago(2 * DAY),
    },
  ],
  required: false,
  tokens: [
    aToken(3, { name: 'Nightly report', expiresAt: ago(-60 * DAY) }),
    aToken(2, { name: 'Warehouse robot', scope: 'write', lastUsedAt: null, madeBy: 'bo@example.com' }),
    aToken(1, { name: 'Old', scope: 'admin', expiresAt: ago(DAY) }),
  ],
  audit: [
    anAuditEntry(6, {
      action: 'shops.change',
      objectKind: 'shops',
      objectId: 1,
      objectName: 'Ceramics by Ana',
      fields: ['name', 'limits.callsPerMinute'],
    }),
    anAuditEntry(5, { action: 'items.retry', actorKind: 'token', tokenName: 'Warehouse robot', objectKind: 'items' }),
    anAuditEntry(4, {
      outcome: 'refused',
      reason: 'wrong_credentials',
      actorKind: 'nobody',
      actor: 'mallory@example.com',
    }),
    anAuditEntry(3, { action: 'sources.remove', actorKind: 'admin_token', actor: 'ADMIN_TOKEN', objectId: 4 }),
    anAuditEntry(2, { action: 'something.newer' }),
    anAuditEntry(1),
  ],
  link: { kind: 'join', email: 'new@example.com', role: 'operator', expiresAt: ago(-6 * DAY) },
  asksSecondFactor: false,
});

export interface FakePeopleState {
  session: Session | null;
  access: FakeAccess;
}

interface Call {
  readonly query: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const gone: Answer = { status: 204 };
const problem = (status: number, code: string, path?: string): Answer => ({
  status,
  body: {
    type: 'about:blank',
    title: code,
    status,
    code,
    requestId: 'req-1',
    ...(path === undefined ? {} : { errors: [{ path, message: 'In the server’s own words.' }] }),
  },
});
const all = (data: readonly unknown[]): Answer => ok({ data, nextCursor: null });
const issued = (id: number, email: string): Answer => ({
  status: 201,
  body: {
    id,
    email,
    link: 'https://relay.example.com/join#token=shown-once-7Hq2',
    expiresAt: ago(-7 * DAY),
    mail: 'not_configured',
    mailFailure: null,
  },
});
const codes = (mark: string): Answer =>
  ok({ recoveryCodes: Array.from({ length: 10 }, (_, n) => `${mark}${n}a1-0bc42-77de0-91f3c`) });

const enter = (state: FakePeopleState): Answer => {
  state.session = aSession();
  return ok(state.session);
};
const stepIn = (state: FakePeopleState): Answer =>
  state.access.asksSecondFactor
    ? ok({ state: 'second_factor_needed', challenge: 'challenge-1', expiresAt: ago(-300) })
    : enter(state);

/** Calls that need no session. */
export const OPEN_PATHS = ['/session', '/session/second-factor', '/join', '/join/look'];

export const peopleRoutes: Record<string, (state: FakePeopleState, call: Call, id: number) => Answer> = {
  'POST /session': (state, { body }) =>
    body['password'] === RIGHT_PASSWORD ? stepIn(state) : problem(401, 'wrong_credentials'),
  'POST /session/second-factor': (state, { body }) => {
    if (body['code'] === RIGHT_CODE || body['recoveryCode'] === 'aaaaa-bbbbb-ccccc-ddddd') return enter(state);
    return problem(401, body['code'] === '999999' ? 'challenge_over' : 'wrong_code');
  },
  'POST /join/look': ({ access }) => (access.link === null ? problem(403, 'forbidden') : ok(access.link)),
  'POST /join': stepIn,
  'GET /account': ({ access }) => ok(access.account),
  'PATCH /account': ({ access }, { body }) => ok(Object.assign(access.account, body)),
  'POST /account/password': (_, { body }) =>
    body['currentPassword'] === RIGHT_PASSWORD ? gone : problem(422, 'invalid_input', 'currentPassword'),
  'GET /account/sessions': ({ access }) => ok({ data: access.sessions }),
  'DELETE /account/sessions': ({ access }) => {
    access.sessions = access.sessions.filter(({ current }) => current);
    return gone;
  },
  'DELETE /account/sessions/#': ({ access }, _, id) => {
    access.sessions = access.sessions.filter((session) => session.id !== id);
    return gone;
  },
  'POST /account/second-factor': () => ({
    status: 201,
    body: {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/Stock%20Relay:owner%40example.com?issuer=Stock%20Relay&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    },
  }),
  'POST /account/second-factor/confirm': ({ access }, { body }) => {
    if (body['code'] !== RIGHT_CODE) return problem(422, 'invalid_input', 'code');
    Object.assign(access.account.secondFactor, { on: true, confirmedAt: ago(0), recoveryCodesLeft: 10 });
    return codes('3f');
  },
  'POST /account/second-factor/recovery-codes': ({ access }, { body }) => {
    if (body['password'] !== RIGHT_PASSWORD) return problem(422, 'invalid_input', 'password');
    access.account.secondFactor.recoveryCodesLeft = 10;
    return codes('9c');
  },
  'POST /account/second-factor/switch-off': ({ access }, { body }) => {
    if (body['password'] !== RIGHT_PASSWORD) return problem(422, 'invalid_input', 'password');
    if (body['code'] !== RIGHT_CODE) return problem(422, 'invalid_input', 'code');
    Object.assign(access.account.secondFactor, { on: false, confirmedAt: null, recoveryCodesLeft: 0 });
    return gone;
  },
  'GET /users': ({ access }) => all(access.people),
  'PATCH /users/#': ({ access }, { body }, id) => {
    const person = access.people.find((one) => one.id === id);
    return person ? ok(Object.assign(person, body)) : problem(404, 'not_found');
  },
  'DELETE /users/#': ({ access }, _, id) => {
    access.people = access.people.filter((person) => person.id !== id);
    return gone;
  },
  'POST /users/#/reset-link': ({ access }, _, id) =>
    issued(21, access.people.find((person) => person.id === id)?.email ?? ''),
  'POST /users/#/second-factor/switch-off': ({ access }, _, id) => {
    const person = access.people.find((one) => one.id === id);
    return person ? ok(Object.assign(person, { secondFactor: false })) : problem(404, 'not_found');
  },
  'GET /invitations': ({ access }) => all(access.invitations),
  'POST /invitations': ({ access }, { body }) => {
    const email = String(body['email']);
    if (access.people.some((person) => person.email === email)) return problem(409, 'conflict');
    const [model] = plainAccess().invitations;
    if (model) access.invitations.unshift({ ...model, id: 20, email, role: body['role'] as Invitation['role'] });
    return issued(20, email);
  },
  'POST /invitations/#/reissue': ({ access }, _, id) =>
    issued(id, access.invitations.find((one) => one.id === id)?.email ?? ''),
  'DELETE /invitations/#': ({ access }, _, id) => {
    access.invitations = access.invitations.filter((one) => one.id !== id);
    return gone;
  },
  'GET /access-rules': ({ access }) => ok({ secondFactorRequired: access.required }),
  'PATCH /access-rules': ({ access }, { body }) => {
    if (!access.account.secondFactor.on) return problem(409, 'conflict');
    access.required = body['secondFactorRequired'] === true;
    return ok({ secondFactorRequired: access.required });
  },
  'GET /tokens': ({ access }) => all(access.tokens),
  'POST /tokens': ({ access }, { body }) => {
    const token = aToken(9, {
      name: String(body['name']),
      scope: body['scope'] as ApiToken['scope'],
      lastUsedAt: null,
    });
    access.tokens.unshift(token);
    return { status: 201, body: { ...token, token: 'sr_shown-once-51c9' } };
  },
  'DELETE /tokens/#': ({ access }, _, id) => {
    access.tokens = access.tokens.filter((token) => token.id !== id);
    return gone;
  },
  'GET /audit': ({ access }, { query }) => {
    const { who = '', action = '' } = query;
    return all(access.audit.filter((entry) => entry.actor.includes(who) && entry.action.startsWith(action)));
  },
};
