import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FailureError } from '../../server/domain/failure';
import { ProductLinkRow, SessionRow, ShopRow, SourceRow } from '../../server/store/entities';
import { SecretBox } from '../../server/store/secret-box';
import { productLink } from '../support/builders';
import {
  draftOf,
  APP_KEY,
  feedIn,
  itemOf,
  laneOf,
  NO_LIMITS,
  onEachEngine,
  push,
  pushBody,
  shopIn,
  SMARTBILL_SETTINGS,
  storesOn,
} from '../support/test-stores';

const unreadable = { failure: { code: 'secret_unreadable' } };

describe('A sealed secret', () => {
  const box = new SecretBox(APP_KEY);
  const open = (sealed: string, place = 'shops:1:consumer_key') => box.open(sealed, place);
  const sealed = box.seal('cs_secret ☕️', 'shops:1:consumer_key');

  it('is opened at its place with its key, and holds nothing readable', () => {
    expect(open(sealed)).toBe('cs_secret ☕️');
    expect(sealed).not.toContain('cs_secret');
    expect(open(box.seal('', 'shops:1:consumer_key'))).toBe('');
  });

  it('looks different every time', () => {
    expect(box.seal('x', 'a')).not.toBe(box.seal('x', 'a'));
  });

  it('is not opened at another place, or with another key', () => {
    expect(() => open(sealed, 'shops:2:consumer_key')).toThrow(FailureError);
    expect(() => new SecretBox(Buffer.alloc(32, 8)).open(sealed, 'shops:1:consumer_key')).toThrow(FailureError);
  });

  it('is not opened when a part of it was changed, cut short or left out', () => {
    const parts = sealed.split('.');
    for (let part = 0; part < parts.length; part++) {
      const flipped = parts.with(part, `${parts[part]?.startsWith('A') ? 'B' : 'A'}${parts[part]?.slice(1)}`);
      expect(() => open(flipped.join('.'))).toThrow(FailureError);
      expect(() => open(parts.with(part, '').join('.'))).toThrow(FailureError);
      expect(() => open(parts.slice(0, part).join('.'))).toThrow(FailureError);
    }
    expect(() => open('')).toThrow(FailureError);
    expect(() => open('cs_in_the_clear')).toThrow(FailureError);
  });

  it('is not opened on half a proof that it is whole', () => {
    const parts = sealed.split('.');
    const tag = Buffer.from(parts[3] ?? '', 'base64url');
    for (const length of [15, 12, 8, 4]) {
      const shortened = parts.with(3, tag.subarray(0, length).toString('base64url'));
      expect(() => open(shortened.join('.'))).toThrow(FailureError);
    }
  });
});

onEachEngine('Secrets at rest', (stores, engineName) => {
  const SECRETS = ['ck_0123456789abcdef', 'cs_fedcba9876543210', SMARTBILL_SETTINGS.apiToken];

  const shop = () =>
    stores().shops.create(
      {
        name: 'Shop',
        url: 'https://shop.example',
        consumerKey: 'ck_0123456789abcdef',
        consumerSecret: 'cs_fedcba9876543210',
        verifyTls: true,
        allowQueryKeys: false,
        limits: NO_LIMITS,
      },
      stores().clock.now(),
    );

  it('are nowhere in the clear: not in a table, nor in a file of the database', async () => {
    const { id } = await shop();
    const feed = await feedIn(stores(), { kind: 'smartbill' });
    await pushBody(stores(), feed, '[]');
    const secrets = [...SECRETS, feed.token];
    const { dataSource } = stores();
    const tables = dataSource.entityMetadatas.map(({ tableName }) => tableName);
    let rows = 0;
    for (const table of tables) {
      const found = await dataSource.query<unknown[]>(`SELECT * FROM ${table}`);
      rows += found.length;
      for (const secret of secrets) expect([table, JSON.stringify(found).includes(secret)]).toEqual([table, false]);
    }
    expect(rows).toBeGreaterThan(5);
    expect((await stores().shops.access(id))?.consumerSecret).toBe('cs_fedcba9876543210');

    if (engineName === 'SQLite') {
      const file = String(dataSource.options.database);
      const folder = path.dirname(file);
      const contents = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
      expect(contents.some((bytes) => bytes.includes('https://shop.example'))).toBe(true);
      for (const secret of secrets) expect(contents.some((bytes) => bytes.includes(secret))).toBe(false);
    }
  });

  it('are readable only with the key they were saved with', async () => {
    const { id } = await shop();
    const feed = await feedIn(stores(), { kind: 'smartbill' });
    const other = storesOn(stores().dataSource, stores().clock, Buffer.alloc(32, 9));
    await expect(other.shops.access(id)).rejects.toMatchObject(unreadable);
    await expect(other.sources.settings(feed.sourceId)).rejects.toMatchObject(unreadable);
    expect(await other.shops.find(id)).toMatchObject({ name: 'Shop', consumerKeyHint: 'ck_…cdef' });
  });

  it('cannot be read in another row or column than their own', async () => {
    const [one, two] = [await shop(), await shop()];
    const { entities } = stores().unit;
    const row = await entities.findOneByOrFail(ShopRow, { id: one.id });
    await entities.update(ShopRow, two.id, { consumerSecret: row.consumerSecret });
    await expect(stores().shops.access(two.id)).rejects.toMatchObject(unreadable);
    await entities.update(ShopRow, one.id, { consumerSecret: row.consumerKey });
    await expect(stores().shops.access(one.id)).rejects.toMatchObject(unreadable);
    const [a, b] = [await feedIn(stores()), await feedIn(stores())];
    const { settings } = await entities.findOneByOrFail(SourceRow, { id: a.sourceId });
    await entities.update(SourceRow, b.sourceId, { settings });
    await expect(stores().sources.settings(b.sourceId)).rejects.toMatchObject(unreadable);
  });

  it('never come out with the shop, and a new one makes what the last test found void', async () => {
    const { id } = await shop();
    await stores().shops.recordFindings(
      id,
      { test: { ok: true, testedAt: 1, checks: [] }, authentication: 'basic', routeStyle: 'pretty', version: '9.1' },
      stores().clock.now(),
    );
    const before = await stores().shops.find(id);
    expect(before).toMatchObject({ authentication: 'basic', routeStyle: 'pretty', lastTest: { ok: true } });
    expect(JSON.stringify(before)).not.toMatch(/0123456789|fedcba98/);
    expect(await stores().shops.change(id, { name: 'Renamed' }, 2)).toMatchObject({ authentication: 'basic' });
    const rekeyed = await stores().shops.change(id, { consumerKey: 'ck_new' }, 3);
    expect(rekeyed).toMatchObject({ authentication: null, routeStyle: null, lastTest: null, consumerKeyHint: '…' });
    expect(await stores().shops.access(id)).toMatchObject({
      consumerKey: 'ck_new',
      consumerSecret: 'cs_fedcba9876543210',
    });
  });

  it('of a source stay when its other settings change, and are shown masked', async () => {
    const feed = await feedIn(stores(), { kind: 'smartbill' });
    const changed = await stores().keepSource.change(feed.sourceId, { settings: { vatCode: 'RO999' } });
    expect(await stores().sources.settings(feed.sourceId)).toEqual({ ...SMARTBILL_SETTINGS, vatCode: 'RO999' });
    expect(await stores().keepSource.shownSettings(changed)).toMatchObject({ apiToken: '••••••••', vatCode: 'RO999' });
  });
});

onEachEngine('Removing', (stores) => {
  const rows = async (table: string, where: string, id: number): Promise<number> => {
    const found = await stores().dataSource.query<unknown[]>(`SELECT 1 FROM ${table} WHERE ${where} = ${id}`);
    return found.length;
  };

  const busyFeed = async () => {
    const feed = await feedIn(stores());
    const { pushId } = await push(stores(), feed, [{ code: 'A', quantity: 1 }]);
    const item = await itemOf(stores(), feed, 'A');
    await laneOf(stores(), feed.shop.id);
    await stores().items.setLink(item.id, productLink(5), stores().clock.now());
    await stores().items.recordSteps([
      {
        itemId: item.id,
        at: 1,
        step: 'write',
        outcome: 'written',
        before: null,
        after: null,
        wanted: null,
        params: {},
        failure: null,
        by: null,
      },
    ]);
    return { feed, item, pushId };
  };

  it('a shop takes its lane, connections, items, links and timelines along, and leaves the source', async () => {
    const { feed, item } = await busyFeed();
    expect(await stores().shops.remove(feed.shop.id)).toBe(true);
    expect(await stores().shops.find(feed.shop.id)).toBeNull();
    expect(await stores().connections.find(feed.connection.id)).toBeNull();
    expect(await stores().items.find(item.id)).toBeNull();
    expect(await rows('lanes', 'shop_id', feed.shop.id)).toBe(0);
    expect(await rows('product_links', 'item_id', item.id)).toBe(0);
    expect(await rows('sync_attempts', 'item_id', item.id)).toBe(0);
    expect(await stores().sources.find(feed.sourceId)).not.toBeNull();
    expect(await rows('source_products', 'source_id', feed.sourceId)).toBe(1);
    expect(await stores().shops.remove(feed.shop.id)).toBe(false);
  });

  it('a source takes everything it told along, and leaves the shop', async () => {
    const { feed, item, pushId } = await busyFeed();
    expect(await stores().sources.remove(feed.sourceId)).toBe(true);
    expect(await stores().items.find(item.id)).toBeNull();
    expect(await rows('stock_pushes', 'source_id', feed.sourceId)).toBe(0);
    expect(await rows('stock_push_lines', 'push_id', pushId)).toBe(0);
    expect(await rows('source_products', 'source_id', feed.sourceId)).toBe(0);
    expect(await rows('stock_levels', 'push_id', pushId)).toBe(0);
    expect(await rows('warehouses', 'source_id', feed.sourceId)).toBe(0);
    expect(await rows('source_tokens', 'source_id', feed.sourceId)).toBe(0);
    expect(await stores().shops.find(feed.shop.id)).not.toBeNull();
    expect(await stores().pushes.findSource(feed.sourceKey)).toBeNull();
  });

  it('a connection takes its items along, and leaves levels and pushes', async () => {
    const { feed, item, pushId } = await busyFeed();
    expect(await stores().connections.remove(feed.connection.id)).toBe(true);
    expect(await stores().items.find(item.id)).toBeNull();
    expect(await stores().unit.entities.countBy(ProductLinkRow, { itemId: item.id })).toBe(0);
    expect(await stores().pushes.find(pushId)).not.toBeNull();
    expect(await rows('stock_levels', 'push_id', pushId)).toBe(1);
  });

  it('one of two feeds of a shop leaves the other one’s items', async () => {
    const first = await feedIn(stores());
    const second = await feedIn(stores(), { shop: first.shop });
    await push(stores(), second, [{ code: 'B', quantity: 1 }]);
    await stores().sources.remove(first.sourceId);
    expect(await itemOf(stores(), second, 'B')).toMatchObject({ status: 'due' });
  });

  it('expired sessions leaves those that live, and a session of nobody cannot be', async () => {
    const { users, sessions, clock } = stores();
    const draft = { email: 'Owner@Shop.example', role: 'owner', language: 'en', passwordHash: 'x' } as const;
    const user = await users.create(draft, clock.now());
    expect(await users.findByEmail(' owner@shop.EXAMPLE ')).toMatchObject({ id: user.id });
    for (const [token, expiresAt] of [
      ['a'.repeat(64), clock.now()],
      ['b'.repeat(64), clock.now() + 1],
    ] as const) {
      await sessions.open({ tokenHash: token, userId: user.id, userAgent: null, expiresAt }, clock.now());
    }
    expect(await sessions.find('a'.repeat(64), clock.now())).toBeNull();
    expect(await sessions.closeExpired(clock.now())).toBe(1);
    expect(await sessions.find('b'.repeat(64), clock.now())).toMatchObject({ user: { id: user.id } });
    await sessions.close('b'.repeat(64));
    expect(await stores().unit.entities.countBy(SessionRow, { userId: user.id })).toBe(0);
  });

  it('and making a second connection of the same pair is no connection', async () => {
    const feed = await feedIn(stores());
    const draft = draftOf(feed.connection);
    const { sourceId } = draft;
    expect(await stores().connections.create(draft, 1)).toBeNull();
    expect(await stores().connections.forShop((await shopIn(stores())).id)).toEqual([]);
    expect(await stores().connections.forSource(sourceId)).toEqual([feed.connection]);
  });
});
