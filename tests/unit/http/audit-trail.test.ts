import en from '../../../admin-ui/src/locales/en.json';

import type { AuditEntry } from '../../../server/domain/ports/audit';
import { Refusal } from '../../../server/domain/refusal';
import { actionOf, AuditTrail, fieldNames } from '../../../server/http/audit-trail';
import { adminRoutes, type AdminRoutesOptions } from '../../../server/http/routes/admin';
import type { Caller } from '../../../server/http/route';
import { itemActions } from '../../../server/http/schemas/items';
import { TestClock } from '../../support/test-clock';

describe('the name of an action', () => {
  it.each([
    ['post', '/shops', 'shops.add'],
    ['patch', '/shops/{id}', 'shops.change'],
    ['delete', '/shops/{id}', 'shops.remove'],
    ['post', '/shops/{id}/catalogue/refresh', 'shops.catalogue.refresh'],
    ['patch', '/items/{id}/rules', 'items.rules'],
  ] as const)('of %s %s is %s', (method, path, action) => {
    expect(actionOf({ method, path })).toBe(action);
  });

  it('is known to the panel in words, for every changing call', () => {
    const known = Object.keys(en.audit.action);
    // The definitions alone are looked at; nothing is called.
    const actions = adminRoutes({} as AdminRoutesOptions)
      .filter(({ spec }) => spec.method !== 'get' && spec.audit !== false)
      .map(({ spec }) => (spec.audit || {}).action ?? actionOf(spec))
      .flatMap((action) => (action === 'items.actions' ? itemActions.map((each) => `items.${each}`) : [action]));
    expect(actions.length).toBeGreaterThan(40);
    expect(actions.filter((action) => !known.includes(action.replaceAll('.', '_')))).toEqual([]);
  });
});

describe('the fields of an entry', () => {
  it('are names, those within objects too, and never values', () => {
    const body = { name: 'secret', settings: { apiKey: 'secret' }, list: [1], left: undefined, none: null };
    expect(fieldNames(body)).toEqual(['name', 'settings.apiKey', 'list', 'none']);
    expect(fieldNames(undefined)).toEqual([]);
  });
});

describe('the audit trail', () => {
  const caller: Caller = {
    name: 'owner@example.com',
    role: 'owner',
    userId: 1,
    by: 'session',
    sessionId: 5,
    tokenName: null,
    mustEnrol: false,
  };
  const shop = { method: 'patch', path: '/shops/{id}' } as const;

  function trail(lost: string[] = [], fails = false) {
    const entries: Omit<AuditEntry, 'id'>[] = [];
    const it = new AuditTrail({
      store: {
        add: (entry) => {
          if (fails) return Promise.reject(new Error('the disk is full'));
          entries.push(entry);
          return Promise.resolve();
        },
        list: () => Promise.resolve({ data: [], nextCursor: null }),
        removeBefore: () => Promise.resolve(0),
      },
      clock: new TestClock(),
      nameOf: (kind, id) => Promise.resolve(`${kind} ${id}`),
      onLost: (_, action) => lost.push(action),
    });
    const follow = (
      spec: Parameters<AuditTrail['follow']>[1],
      run: Parameters<AuditTrail['follow']>[3],
      by: Caller | null = caller,
      params: Record<string, string> = { id: '3' },
    ) => it.follow({ params, ip: '192.0.2.1' } as never, spec, by, run);
    return { entries, follow };
  }

  it('tells of a changing call who, what and to what, as it was called before', async () => {
    const { entries, follow } = trail();
    await follow(shop, (note) => {
      note({ fields: ['name'] });
      return Promise.resolve({ id: 3, name: 'New' });
    });
    expect(entries).toMatchObject([
      {
        actor: { kind: 'person', name: 'owner@example.com' },
        address: '192.0.2.1',
        action: 'shops.change',
        outcome: 'done',
        object: { kind: 'shops', id: 3, name: 'shops 3' },
        fields: ['name'],
      },
    ]);
  });

  it('leaves out what only reads, and what was refused where nobody asks for that', async () => {
    const { entries, follow } = trail();
    await follow({ method: 'get', path: '/shops' }, () => Promise.resolve(null));
    await follow({ ...shop, audit: false }, () => Promise.resolve(null));
    const refused = () => Promise.reject(new Refusal('conflict', 'no'));
    await expect(follow(shop, refused)).rejects.toThrow('no');
    expect(entries).toEqual([]);
  });

  it('tells of refusals where the definition asks for it, by the account that was tried', async () => {
    const { entries, follow } = trail();
    const logIn = { method: 'post', path: '/session', audit: { action: 'session.open', refusals: true } } as const;
    const refused = follow(
      logIn,
      (note) => {
        note({ actor: { userId: null, name: 'm@example.com' } });
        return Promise.reject(new Refusal('wrong_credentials', 'no'));
      },
      null,
      {},
    );
    await expect(refused).rejects.toThrow('no');
    expect(entries).toMatchObject([
      { actor: { kind: 'nobody', name: 'm@example.com' }, outcome: 'refused', reason: 'wrong_credentials' },
    ]);
  });

  it('does not undo what was done when it cannot be written down, and says so', async () => {
    const lost: string[] = [];
    const { follow } = trail(lost, true);
    await expect(follow(shop, () => Promise.resolve('done'))).resolves.toBe('done');
    expect(lost).toEqual(['shops.change']);
  });
});
