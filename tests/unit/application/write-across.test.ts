import type { Delivery } from '../../../server/application/deliver-sync-items';
import { failure, FailureError } from '../../../server/domain/failure';
import type { Connection } from '../../../server/domain/ports/connections';
import { quantity } from '../../../server/domain/quantity';
import { claimedItem, connection, productLink, ref, shopAccess, shopProduct } from '../../support/builders';
import { FakeAcross } from '../../support/fake-across';
import { FakeShop } from '../../support/fake-shop';
import { deliveryTo } from '../../support/shop-work';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();
const COUNT = 250;
const ids = Array.from({ length: COUNT }, (_, n) => n + 1);

/** Every third is a variation, each of another parent. The source says 7 of each, and the shop shows 0. */
const refOf = (id: number) => (id % 3 === 0 ? ref(1_000 + id, id) : ref(id));
const product = (id: number) =>
  shopProduct(id, { ref: refOf(id), type: id % 3 === 0 ? 'variation' : 'simple', sku: `SKU-${id}` });
const item = (id: number, shown: string | null = '0') =>
  claimedItem(id, {
    link: productLink(id, { ref: refOf(id), provenAt: clock.now() }),
    shown: shown === null ? null : quantity(shown),
  });

function shopWithPlugin(some: readonly number[] = ids) {
  const shop = new FakeShop(...some.map(product));
  const plugin = new FakeAcross(shop);
  shop.across = plugin;
  return { shop, plugin };
}

const deliver = (shop: FakeShop, items = ids.map((id) => item(id)), changes: Partial<Connection> = {}) =>
  deliveryTo(shop, { linkedTo: () => Promise.resolve([]) }, clock).deliver(
    shopAccess,
    new Map([[1, connection(changes)]]),
    items,
    25,
    new AbortController().signal,
  );

const kinds = ({ delivered }: Delivery) => [...new Set(delivered.map(({ outcome }) => outcome.kind))];
const outcomeOf = ({ delivered }: Delivery, id: number) => delivered.find((each) => each.item.id === id)?.outcome;
const stepsOf = ({ steps }: Delivery, id: number) =>
  steps.filter(({ itemId }) => itemId === id).map(({ step, outcome }) => `${step}.${outcome}`);
const lost = () =>
  new FailureError(failure('shop_answer_lost', { reason: 'ECONNRESET' }), { writeMayHaveHappened: true });
const missing = () => new FailureError(failure('bridge_missing', { what: 'rest_no_route' }));

describe('With a plugin in the shop', () => {
  it('all is written in one call, whatever the parents, each with what the shop showed last', async () => {
    const { shop, plugin } = shopWithPlugin();
    const delivery = await deliver(shop);
    expect(kinds(delivery)).toEqual(['synced']);
    expect(plugin.calls).toHaveLength(1);
    expect(plugin.calls[0]?.every(({ expected }) => expected === '0')).toBe(true);
    expect(shop.calls).toEqual([]);
    for (const id of ids) expect(shop.shown(refOf(id))).toBe('7');
    expect(delivery.writing.answered).toMatchObject([{ items: COUNT, across: true }]);
  });

  it('as many calls are made as it takes', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.most = 100;
    expect(kinds(await deliver(shop))).toEqual(['synced']);
    expect(plugin.calls.map((call) => call.length)).toEqual([100, 100, 50]);
  });

  it('what it did not get round to is sent again', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.reaches = [40];
    expect(kinds(await deliver(shop))).toEqual(['synced']);
    expect(plugin.calls.map((call) => call.length)).toEqual([250, 210]);
  });

  it('it is not asked for ever when it gets round to nothing', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.reaches = [0];
    expect(kinds(await deliver(shop))).toEqual(['synced']);
    expect(plugin.calls).toHaveLength(1);
    expect(shop.writes.length).toBeGreaterThan(0);
  });

  it('a product of which nothing is known is written by the shop’s own API, which shows what it is', async () => {
    const { shop, plugin } = shopWithPlugin([1, 2]);
    expect(kinds(await deliver(shop, [item(1), item(2, null)]))).toEqual(['synced']);
    expect(plugin.calls.map((call) => call.map(({ ref: each }) => each))).toEqual([[refOf(1)]]);
    expect(shop.written).toEqual(['2/0=7']);
  });
});

describe('A number that changed between our look and our write', () => {
  it('is not overwritten: the shop is read, and what it shows now decides', async () => {
    const { shop, plugin } = shopWithPlugin([1, 2]);
    plugin.meanwhile = ({ ref: each }) => {
      if (plugin.calls.length === 1 && each.productId === 1) shop.put({ ...product(1), quantity: quantity('3') });
    };
    const delivery = await deliver(shop, [item(1), item(2)]);
    expect(kinds(delivery)).toEqual(['synced']);
    expect(stepsOf(delivery, 1)).toEqual(['write.conflict', 'write.written']);
    expect(delivery.steps.find(({ outcome }) => outcome === 'conflict')).toMatchObject({ before: '0', after: '3' });
    expect(plugin.calls[1]).toMatchObject([{ ref: refOf(1), expected: '3' }]);
  });

  it('is left where it came right by itself', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    plugin.meanwhile = () => shop.put({ ...product(1), quantity: quantity('7') });
    const delivery = await deliver(shop, [item(1)]);
    expect(outcomeOf(delivery, 1)).toEqual({ kind: 'synced', shown: '7', how: 'already' });
    expect(plugin.calls).toHaveLength(1);
  });

  it('is left to the next turn where it changes faster than we look', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    let sold = 100;
    plugin.meanwhile = () => shop.put({ ...product(1), quantity: quantity(String((sold -= 1))) });
    const delivery = await deliver(shop, [item(1)]);
    expect(outcomeOf(delivery, 1)).toMatchObject({
      kind: 'unverified',
      failure: { code: 'shop_shows_other' },
      shown: '98',
    });
    expect(shop.writes).toEqual([]);
  });

  it('that is no longer this product’s is looked for anew in the next turn', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    plugin.meanwhile = () => shop.put({ ...product(1), quantity: quantity('3'), sku: 'ANOTHER' });
    const delivery = await deliver(shop, [item(1)]);
    expect(outcomeOf(delivery, 1)).toMatchObject({ kind: 'unverified', failure: { code: 'write_unproven' } });
    expect(delivery.delivered[0]?.link).toMatchObject({ provenAt: 0 });
    expect(shop.shown(ref(1))).toBe('3');
  });
});

describe('What the plugin answers', () => {
  it('is named in the shop’s own words where it is not a number that is shown', async () => {
    const { shop, plugin } = shopWithPlugin([1, 2, 4, 5]);
    shop.put(shopProduct(2, { stockOwner: 'nobody', quantity: null }));
    shop.remove(ref(4));
    plugin.answerTo = (answer, { ref: each }) => (each.productId === 5 ? { kind: 'unclear' } : answer);
    const delivery = await deliver(
      shop,
      [1, 2, 4, 5].map((id) => item(id)),
    );
    expect(outcomeOf(delivery, 1)).toMatchObject({ kind: 'synced' });
    expect(outcomeOf(delivery, 2)).toMatchObject({ kind: 'failed', failure: { code: 'stock_not_managed' } });
    expect(outcomeOf(delivery, 4)).toMatchObject({ kind: 'failed', failure: { code: 'product_unmatched' } });
    expect(outcomeOf(delivery, 5)).toMatchObject({ kind: 'synced' });
    expect(shop.writes.flatMap(({ writes }) => writes.map(({ ref: each }) => each.productId))).toEqual([2, 5]);
  });

  it('switches stock management on where the connection says so, and says that it was', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    shop.put(shopProduct(1, { stockOwner: 'nobody', quantity: null }));
    const delivery = await deliver(shop, [item(1)], { unmanaged: 'switch-on' });
    expect(outcomeOf(delivery, 1)).toMatchObject({ kind: 'synced', shown: '7' });
    expect(delivery.delivered[0]?.switchedOn).toEqual([ref(1)]);
    expect(plugin.calls.at(-1)).toMatchObject([{ switchOn: true, expected: null }]);
  });

  it('is not taken for synced when it shows another number than was sent', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    plugin.answerTo = (answer) => (answer.kind === 'shown' ? { ...answer, quantity: quantity('6') } : answer);
    await deliver(shop, [item(1)]);
    expect(shop.written).toEqual(['1/0=7']);
  });
});

describe('A plugin that goes away', () => {
  it('before it did anything leaves everything to the shop’s own API, in the same delivery', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.fails = missing;
    const delivery = await deliver(shop);
    expect(kinds(delivery)).toEqual(['synced']);
    expect(delivery.shopFailure).toBeNull();
    expect(delivery.writing.troubled).toBeNull();
    expect(new Set(shop.stored).size).toBe(COUNT);
  });

  it('after it wrote, its answer lost, has the shop read first, and nothing is written twice', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.loses = lost;
    const delivery = await deliver(shop);
    expect(kinds(delivery)).toEqual(['synced']);
    expect(shop.writes).toEqual([]);
    expect(stepsOf(delivery, 1)).toEqual(['write.unknown', 'verify.equal']);
  });

  it('half way, its answer lost, leaves only the rest to be written', async () => {
    const { shop, plugin } = shopWithPlugin();
    let carriedOut = 0;
    plugin.meanwhile = () => {
      if (carriedOut++ === 100) {
        plugin.isThere = false;
        throw lost();
      }
    };
    expect(kinds(await deliver(shop))).toEqual(['synced']);
    expect(shop.stored).toHaveLength(COUNT - 100);
    for (const id of ids) expect(shop.shown(refOf(id))).toBe('7');
  });

  it('together with the shop is the shop’s trouble: nothing is charged to any item', async () => {
    const { shop, plugin } = shopWithPlugin();
    plugin.fails = lost;
    shop.beforeCall = () => new FailureError(failure('shop_unreachable', { reason: 'x', host: 'y' }));
    const delivery = await deliver(shop);
    expect(kinds(delivery)).toEqual(['released']);
    expect(delivery.shopFailure?.failure.code).toBe('shop_unreachable');
  });

  it('is not blamed for our own database', async () => {
    const { shop, plugin } = shopWithPlugin([1]);
    plugin.fails = () => new Error('the database is locked');
    await expect(deliver(shop, [item(1)])).rejects.toThrow('the database is locked');
  });
});
