import { InvitePeople } from '../../server/application/invite-people';
import { KeepPeople } from '../../server/application/keep-people';
import { AUDIT_KEPT_MS, removeOldRecords } from '../../server/application/remove-old-records';
import type { AuditEntry } from '../../server/domain/ports/audit';
import type { Mail } from '../../server/domain/ports/outgoing-mail';
import type { Role } from '../../server/domain/role';
import { randomTokens } from '../../server/security/random-tokens';
import { SecretBox } from '../../server/store/secret-box';
import { TypeormSecondFactorStore } from '../../server/store/second-factor-store';
import { onEachEngine } from '../support/test-stores';

let numbers = 0;

onEachEngine('People', (stores) => {
  const somebody = (role: Role = 'viewer') => {
    const { users, clock } = stores();
    return users.create(
      { email: `user-${++numbers}@example.com`, role, language: 'en', passwordHash: 'x' },
      clock.now(),
    );
  };
  const session = async (userId: number, name: string) => {
    const { sessions, clock } = stores();
    const tokenHash = name.padEnd(64, '0');
    await sessions.open({ tokenHash, userId, userAgent: null, expiresAt: clock.now() + 1000 }, clock.now());
    return tokenHash;
  };

  it('are listed page by page, with when they were last seen', async () => {
    const { users, sessions, clock } = stores();
    const [first, second] = [await somebody(), await somebody('operator')];
    const token = await session(second.id, `seen-${second.id}`);
    clock.advance(100);
    const open = await sessions.find(token, clock.now());
    if (!open) throw new Error('The session is gone');
    await sessions.touch(open, clock.now());
    const page = await users.list({ limit: 1, cursor: String(first.id) });
    expect(page.data).toMatchObject([{ id: second.id, role: 'operator', lastSeenAt: clock.now() }]);
    expect((await users.list({ limit: 1, cursor: String(first.id - 1) })).nextCursor).toBe(String(first.id));
  });

  it('take everything along that lets them in, and leave what they did', async () => {
    const { users, sessions, secondFactors, challenges, apiTokens, links, audit, clock } = stores();
    const { id, email } = await somebody('operator');
    const token = await session(id, `gone-${id}`);
    await secondFactors.keepPending(id, 'SECRET');
    await secondFactors.replaceRecoveryCodes(id, ['a'.repeat(64)]);
    await challenges.open({ tokenHash: `c-${id}`, userId: id, expiresAt: clock.now() + 1 }, clock.now());
    const draft = { userId: id, name: 'T', scope: 'write', prefix: 'sr_1', expiresAt: null } as const;
    await apiTokens.create({ ...draft, tokenHash: `t-${id}` }, clock.now());
    const link = {
      kind: 'reset',
      userId: id,
      email,
      role: 'operator',
      issuedBy: 'o',
      expiresAt: clock.now() + 1,
    } as const;
    await links.issue({ ...link, tokenHash: `l-${id}` }, clock.now());
    await audit.add(entry({ actor: { kind: 'person', userId: id, name: email, tokenName: null } }));

    expect(await users.remove(id)).toBe(true);
    expect(await users.remove(id)).toBe(false);
    expect(await sessions.find(token, clock.now())).toBeNull();
    expect(await secondFactors.find(id)).toBeNull();
    expect(await secondFactors.countRecoveryCodes(id)).toBe(0);
    expect(await challenges.takeTry(`c-${id}`, 5, clock.now())).toBeNull();
    expect(await apiTokens.findByHash(`t-${id}`, clock.now())).toBeNull();
    expect(await links.find(`l-${id}`, clock.now())).toBeNull();
    expect((await audit.list({ ...ALL, who: email }, { limit: 5, cursor: null })).data).toHaveLength(1);
  });

  it('keep one owner, however many take each other out at the same moment', async () => {
    const { unit, users } = stores();
    const keep = new KeepPeople({ unit, users });
    for (const id of await users.holdOwners()) await users.change(id, { role: 'viewer' });
    const owners = await Promise.all([somebody('owner'), somebody('owner'), somebody('owner')]);
    const results = await Promise.allSettled(owners.map(({ id }) => keep.changeRole(id, 'viewer', null)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await users.holdOwners()).toHaveLength(1);
    const [last = 0] = await users.holdOwners();
    await expect(keep.remove(last, null)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('end one session of their own, never of another, or all but one', async () => {
    const { sessions, clock } = stores();
    const [mine, other] = [await somebody(), await somebody()];
    for (const name of ['a', 'b', 'c']) await session(mine.id, `${name}-${mine.id}`);
    const [first, second] = await sessions.listOf(mine.id, clock.now());
    expect(await sessions.closeOne(other.id, first?.id ?? 0)).toBe(false);
    expect(await sessions.closeOne(mine.id, first?.id ?? 0)).toBe(true);
    expect(await sessions.closeAllOf(mine.id, second?.id ?? 0)).toBe(1);
    expect(await sessions.listOf(mine.id, clock.now())).toMatchObject([{ id: second?.id }]);
    clock.advance(2000);
    expect(await sessions.listOf(mine.id, clock.now())).toEqual([]);
  });

  describe('second factors', () => {
    it('are kept encrypted, count once confirmed, and take a time step once', async () => {
      const { unit, secondFactors } = stores();
      const { id } = await somebody();
      await secondFactors.keepPending(id, 'FIRST');
      await secondFactors.keepPending(id, 'SECRET');
      expect(await secondFactors.find(id)).toEqual({ secret: null, pendingSecret: 'SECRET', confirmedAt: null });
      await secondFactors.confirm(id, 100, 7);
      expect(await secondFactors.find(id)).toEqual({ secret: 'SECRET', pendingSecret: null, confirmedAt: 7 });
      const [row] = await unit.entities.query<{ secret: string }[]>(
        'SELECT secret FROM second_factors WHERE user_id = ?',
        [id],
      );
      expect(row?.secret).toMatch(/^v1\./);
      const other = new TypeormSecondFactorStore(unit, new SecretBox(Buffer.alloc(32, 9)));
      await expect(other.find(id)).rejects.toMatchObject({ failure: { code: 'secret_unreadable' } });

      expect(await secondFactors.takeStep(id, 100)).toBe(false);
      const taken = await Promise.all([101, 101, 101].map((step) => secondFactors.takeStep(id, step)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it('use a recovery code up, also when two come at once', async () => {
      const { secondFactors } = stores();
      const { id } = await somebody();
      const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
      await secondFactors.replaceRecoveryCodes(id, [one, two]);
      const taken = await Promise.all([one, one].map((code) => secondFactors.takeRecoveryCode(id, code)));
      expect(taken.toSorted()).toEqual([false, true]);
      expect(await secondFactors.countRecoveryCodes(id)).toBe(1);
    });

    it('give a challenge its tries and no more, whoever counts at the same moment', async () => {
      const { challenges, clock } = stores();
      const { id } = await somebody();
      const tokenHash = `challenge-${id}`;
      await challenges.open({ tokenHash, userId: id, expiresAt: clock.now() + 1000 }, clock.now());
      const tries = await Promise.all(Array.from({ length: 8 }, () => challenges.takeTry(tokenHash, 5, clock.now())));
      expect(tries.filter((userId) => userId === id)).toHaveLength(5);
      expect(await challenges.countTries(id, clock.now() - 1)).toBe(5);
      expect(await Promise.all([challenges.close(tokenHash), challenges.close(tokenHash)])).toContain(false);
    });
  });

  describe('one-time links', () => {
    const invitePeople = (sent: Mail[] | null, fails = false) =>
      new InvitePeople({
        ...stores(),
        passwords: { hash: (text) => Promise.resolve(`h:${text}`), verify: () => Promise.resolve(true) },
        tokens: randomTokens,
        mail: {
          isConfigured: () => sent !== null,
          send: (mail) => {
            sent?.push(mail);
            return fails ? Promise.reject(new Error('no way')) : Promise.resolve();
          },
        },
      });
    const by = { name: 'owner@example.com', language: 'fr', linkOf: (token: string) => `#${token}` };

    it('make one account, however many take them up at the same moment', async () => {
      const invite = invitePeople(null);
      const email = `both-${++numbers}@example.com`;
      const { link } = await invite.invite(email, 'operator', by);
      const takers = await Promise.allSettled([1, 2].map(() => invite.accept(link.slice(1), 'password', 'ro')));
      expect(takers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await stores().users.findByEmail(email)).toMatchObject({ role: 'operator', language: 'ro' });
    });

    it('go out in the language of whom they concern, and a letter that fails spoils nothing', async () => {
      const sent: Mail[] = [];
      const user = await somebody();
      const reset = await invitePeople(sent).resetPassword(user.id, by);
      const invited = await invitePeople(sent).invite(`new-${++numbers}@example.com`, 'viewer', by);
      expect(sent).toMatchObject([
        { to: user.email, subject: expect.stringMatching(/new password/) },
        { subject: expect.stringMatching(/invité/), text: expect.stringContaining(invited.link) },
      ]);
      expect([reset.mail, invited.mail]).toEqual(['sent', 'sent']);
      const failed = await invitePeople(sent, true).resetPassword(user.id, by);
      expect(failed.mail).toMatchObject({ code: 'unknown_failure', params: { what: 'Error' } });
      await expect(invitePeople(null).look(reset.link.slice(1))).rejects.toMatchObject({ code: 'forbidden' });
      expect(await invitePeople(null).look(failed.link.slice(1))).toMatchObject({ kind: 'reset' });
    });
  });

  it('of an API token are known with it, and it does not outlive its time', async () => {
    const { apiTokens, clock } = stores();
    const maker = await somebody('operator');
    const tokenHash = `api-${maker.id}`;
    const draft = { userId: maker.id, name: 'Robot', scope: 'write', prefix: 'sr_abc' } as const;
    const made = await apiTokens.create({ ...draft, tokenHash, expiresAt: clock.now() + 10 }, clock.now());
    expect(await apiTokens.findByHash(tokenHash, clock.now())).toMatchObject({
      id: made.id,
      maker: { id: maker.id, email: maker.email, role: 'operator' },
      lastUsedAt: null,
    });
    await apiTokens.touch(made.id, clock.now());
    expect((await apiTokens.list(maker.id, { limit: 5, cursor: null })).data).toMatchObject([
      { name: 'Robot', lastUsedAt: clock.now() },
    ]);
    expect(await apiTokens.findByHash(tokenHash, clock.now() + 10)).toBeNull();
  });

  describe('the audit log', () => {
    it('is found by person, kind and time, newest first', async () => {
      const { audit } = stores();
      const name = `100%-${++numbers}@example.com`;
      const actor = { kind: 'person', userId: 1, name, tokenName: null } as const;
      for (const [at, action] of [
        [10, 'shops.add'],
        [20, 'shops.change'],
        [30, 'shopsful.add'],
      ] as const) {
        await audit.add(entry({ at, action, actor, fields: ['a', 'b.c'] }));
      }
      const list = async (filter: object) =>
        (await audit.list({ ...ALL, who: name.toUpperCase(), ...filter }, { limit: 2, cursor: null })).data;
      expect((await list({})).map(({ at }) => at)).toEqual([30, 20]);
      expect((await list({ action: 'shops' })).map(({ at }) => at)).toEqual([20, 10]);
      expect((await list({ action: 'shops.add' })).map(({ at }) => at)).toEqual([10]);
      expect((await list({ from: 20, to: 30 })).map(({ at }) => at)).toEqual([20]);
      expect(await list({ who: '10%' })).toEqual([]);
      expect((await list({}))[0]).toMatchObject({ actor, fields: ['a', 'b.c'], object: { name: 'Șaș ☕️' } });
    });

    it('is kept for 400 days', async () => {
      const { audit, clock } = stores();
      const actor = { kind: 'nobody', userId: null, name: 'old@example.com', tokenName: null } as const;
      const now = clock.now();
      await audit.add(entry({ at: now - AUDIT_KEPT_MS - 1, actor }));
      await audit.add(entry({ at: now - AUDIT_KEPT_MS, actor }));
      const removed = await removeOldRecords(stores());
      expect(removed.audit).toBeGreaterThanOrEqual(1);
      const left = await audit.list({ ...ALL, who: actor.name }, { limit: 5, cursor: null });
      expect(left.data.map(({ at }) => at)).toEqual([now - AUDIT_KEPT_MS]);
    });
  });
});

const ALL = { who: null, action: null, from: null, to: null };

const entry = (more: Partial<AuditEntry>): Omit<AuditEntry, 'id'> => ({
  at: 1,
  actor: { kind: 'person', userId: 1, name: 'a@example.com', tokenName: null },
  address: '2001:db8::1',
  action: 'shops.add',
  outcome: 'done',
  reason: null,
  object: { kind: 'shops', id: 1, name: 'Șaș ☕️' },
  fields: [],
  ...more,
});
