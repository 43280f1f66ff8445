import { ActOnSyncItems } from '../../server/application/act-on-sync-items';
import { GroupProblems } from '../../server/application/group-problems';
import { TestShop } from '../../server/application/test-shop';
import { failure, type Failure, FailureError } from '../../server/domain/failure';
import type { Problem } from '../../server/domain/problem';
import type { SyncItemStatus } from '../../server/domain/sync-item';
import { FakeShop } from '../support/fake-shop';
import { noBridgeCheck } from '../support/shop-work';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  laneOf,
  onEachEngine,
  push,
  type Stores,
  syncedSettlement,
} from '../support/test-stores';

const MINUTE = 60_000;

/** The whole of what a person sees and does about problems, over real stores. */
function problemsOn(stores: Stores): GroupProblems {
  const target = new FakeShop();
  const laneSignal = { announce: () => undefined };
  return new GroupProblems({
    ...stores,
    actOnItems: new ActOnSyncItems({ ...stores, target, laneSignal }),
    testShop: new TestShop({ ...stores, target, checkBridge: noBridgeCheck, laneSignal }),
  });
}

onEachEngine('Problems', (stores) => {
  let feed: Feed;
  const now = () => stores().clock.now();
  const groups = () => problemsOn(stores());
  const mine = (found: readonly Problem[]) =>
    found.filter(({ connectionId, shopId }) => connectionId === feed.connection.id || shopId === feed.shop.id);
  const list = async () => mine(await groups().list());
  const note = async () => stores().problems.note(await stores().problems.troubles(), now());

  /** Settles everything that is due: each product by its code as told, the rest as synced. */
  async function settle(outcomes: Readonly<Record<string, { status: SyncItemStatus; failure: Failure }>>) {
    stores().clock.advance(MINUTE);
    const lease = await laneOf(stores(), feed.shop.id);
    const claimed = await claim(stores(), lease);
    const left = claimed.map((item) =>
      syncedSettlement(item, { ...outcomes[item.subject.code ?? ''], syncedAt: now(), shown: undefined }),
    );
    expect(await stores().items.settle(left, [], now())).toBe(claimed.length);
  }
  const off = (productId: number) => ({
    status: 'failed' as const,
    failure: failure('stock_not_managed', { productId }, `product ${productId}`),
  });
  const refused = (code: string) => ({
    status: 'failed' as const,
    failure: failure('shop_refused_item', { message: `no ${Math.random()}`, code }),
  });

  beforeEach(async () => {
    stores().clock.advance(2 * 24 * 60 * MINUTE);
    await note();
    feed = await feedIn(stores());
    await push(
      stores(),
      feed,
      ['A', 'B', 'C', 'D', 'E'].map((code) => ({ code, name: `Product ${code}`, quantity: 1 })),
    );
  });

  it('are one for each cause, with how many, since when and an example', async () => {
    await settle({ A: off(1), B: off(2), C: refused('locked'), D: refused('locked'), E: refused('bad_sku') });
    const since = now();
    const found = await list();
    expect(found.map(({ failure: what, count }) => [what?.code, what?.params['code'] ?? null, count])).toEqual([
      ['shop_refused_item', 'locked', 2],
      ['stock_not_managed', null, 2],
      ['shop_refused_item', 'bad_sku', 1],
    ]);
    expect(found[1]).toMatchObject({
      about: 'items',
      connectionId: feed.connection.id,
      asks: true,
      waiting: 0,
      since,
      healedAt: null,
      failure: { proof: 'product 1' },
      examples: [{ subject: { code: 'A' } }, { subject: { code: 'B' } }],
    });
  });

  it('list their own products and no others', async () => {
    await settle({ A: off(1), C: refused('locked'), E: refused('bad_sku') });
    const [bad] = (await list()).filter(({ failure: what }) => what?.params['code'] === 'bad_sku');
    const filter = { connectionId: null, status: null, text: null };
    const codesOf = async (cause: string | null) =>
      (
        await stores().items.list(
          { ...filter, connectionId: feed.connection.id, failure: { code: 'shop_refused_item', cause } },
          { limit: 10, cursor: null },
        )
      ).data.map(({ subject }) => subject.code);
    expect(await codesOf(bad?.cause ?? null)).toEqual(['E']);
    expect(await codesOf(null)).toEqual(['C', 'E']);
  });

  it('are tried again as a whole, and say how far that is', async () => {
    await settle({ A: off(1), B: off(2), E: refused('bad_sku') });
    const [problem] = await list();
    expect(await groups().retry(problem?.key ?? '', 'ana')).toBe(2);
    expect((await list()).map(({ count, waiting }) => [count, waiting])).toEqual([
      [1, 0],
      [2, 2],
    ]);
    await settle({ B: off(2) });
    expect((await list()).map(({ count, waiting }) => [count, waiting])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect((await itemOf(stores(), feed, 'A')).status).toBe('synced');
    expect((await itemOf(stores(), feed, 'E')).failure?.code).toBe('shop_refused_item');
  });

  it('that ask which number is right are not tried again: that would write over what was set in the shop', async () => {
    const differs = (shown: string) => ({
      status: 'failed' as const,
      failure: failure('shop_differs', { shown, wanted: '1' }),
    });
    await settle({ A: differs('12'), B: differs('30') });
    const [problem] = await list();
    expect(problem).toMatchObject({ failure: { code: 'shop_differs' }, count: 2, asks: true });
    await expect(groups().retry(problem?.key ?? '', 'ana')).rejects.toMatchObject({ code: 'conflict' });
    expect((await itemOf(stores(), feed, 'A')).status).toBe('failed');
  });

  it('keep when they began over every retry, and say when they healed', async () => {
    await settle({ A: off(1), B: off(2) });
    const since = now();
    await note();
    await groups().retry((await list())[0]?.key ?? '', 'ana');
    await settle({ A: off(1) });
    await note();
    expect((await list()).map((each) => [each.count, each.since])).toEqual([[1, since]]);
    await groups().retry((await list())[0]?.key ?? '', 'ana');
    const seen = now();
    await settle({});
    expect(await list()).toMatchObject([{ asks: false, since, healedAt: seen, count: 2 }]);
    await note();
    expect(await list()).toMatchObject([{ asks: false, since, healedAt: now(), count: 2 }]);
    stores().clock.advance(24 * 60 * MINUTE + 1);
    expect(await list()).toEqual([]);
    expect(await stores().problems.removeHealedBefore(now())).toBeGreaterThan(0);
  });

  it('ask for nobody while they pass by themselves, and leave out what is no trouble', async () => {
    await settle({
      A: { status: 'retrying', failure: failure('shop_server_error', { status: 500 }) },
      B: { status: 'due', failure: failure('level_unknown') },
      C: off(3),
    });
    expect((await list()).map(({ failure: what, asks }) => [what?.code, asks])).toEqual([
      ['stock_not_managed', true],
      ['shop_server_error', false],
    ]);
  });

  it('of a shop are one, with everything that waits for it, and end when it is resumed', async () => {
    const lost = new FailureError(failure('keys_read_only', {}, 'woocommerce_rest_cannot_edit'));
    await stores().circuit.open(feed.shop.id, lost);
    const [shop] = await list();
    expect(shop).toMatchObject({
      about: 'shop',
      count: 5,
      asks: true,
      since: now(),
      failure: { code: 'keys_read_only' },
    });
    expect(await groups().retry(shop?.key ?? '', 'ana')).toBe(5);
    expect(await list()).toMatchObject([{ about: 'shop', asks: false, healedAt: now() }]);
  });

  it('that are over, or never were, cannot be tried again', async () => {
    await expect(groups().retry(`shop.${feed.shop.id}`, 'ana')).rejects.toMatchObject({ code: 'not_found' });
    await expect(groups().retry('items.1.no_such_code', 'ana')).rejects.toMatchObject({ code: 'not_found' });
    await expect(groups().retry(`items.${feed.connection.id}.product_gone`, 'ana')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(groups().retry('alarm.1', 'ana')).rejects.toMatchObject({ code: 'conflict' });
  });
});
