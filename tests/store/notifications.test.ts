import { CLOSED } from '../../server/domain/circuit';
import { failure, FailureError } from '../../server/domain/failure';
import type { Shop } from '../../server/domain/ports/shops';
import { onEachEngine, shopIn } from '../support/test-stores';

const down = (facts: FailureError['facts'] = {}) =>
  new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }), facts);
const broken = () => new FailureError(failure('shop_server_error', { status: 500 }));

onEachEngine('Notifications', (stores) => {
  let shop: Shop;
  const now = () => stores().clock.now();
  const open = (cause = down().failure, shopId: number | null = shop.id) =>
    stores().notifications.raise({ kind: 'circuit_open', shopId, failure: cause }, now());
  const heal = (shopId: number | null = shop.id) =>
    stores().notifications.heal({ kind: 'circuit_open', shopId }, now());
  const ofShop = async (shopId: number | null = shop.id) =>
    (await stores().notifications.list({ limit: 100, cursor: null })).data.filter((each) => each.shopId === shopId);

  beforeEach(async () => {
    stores().clock.advance(60_000);
    shop = await shopIn(stores());
  });

  it('are one for as long as the trouble lasts, with its newest cause and its first moment', async () => {
    const raisedAt = now();
    await open();
    stores().clock.advance(1_000);
    await open(broken().failure);
    expect(await ofShop()).toMatchObject([
      { kind: 'circuit_open', shopName: 'Shop', raisedAt, healedAt: null, failure: { code: 'shop_server_error' } },
    ]);
  });

  it('heal once, and trouble that comes back is another', async () => {
    await open();
    stores().clock.advance(1_000);
    const healedAt = now();
    await heal();
    stores().clock.advance(1_000);
    await heal();
    await open();
    expect((await ofShop()).map((each) => each.healedAt)).toEqual([null, healedAt]);
  });

  it('of one shop are not those of another, nor of none', async () => {
    const other = await shopIn(stores());
    await open();
    await open(broken().failure, other.id);
    await open(broken().failure, null);
    await open(broken().failure, null);
    await heal(other.id);
    expect(await ofShop()).toMatchObject([{ healedAt: null }]);
    expect(await ofShop(other.id)).toMatchObject([{ healedAt: now() }]);
    expect(await ofShop(null)).toMatchObject([{ healedAt: null, shopName: null }]);
    await heal(null);
    expect(await ofShop(null)).toMatchObject([{ healedAt: now() }]);
    expect(await ofShop()).toMatchObject([{ healedAt: null }]);
  });

  it('are listed newest first, page by page, each once', async () => {
    for (let n = 0; n < 5; n++) {
      await open();
      await heal();
      stores().clock.advance(1);
    }
    const whole = (await stores().notifications.list({ limit: 1_000, cursor: null })).data;
    expect(whole.map(({ id }) => id)).toEqual(whole.map(({ id }) => id).sort((a, b) => b - a));
    const paged: number[] = [];
    for (let cursor: string | null = null; ;) {
      const page = await stores().notifications.list({ limit: 2, cursor });
      paged.push(...page.data.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole.map(({ id }) => id));
  });

  it('go with their shop', async () => {
    await open();
    await stores().shops.remove(shop.id);
    expect(await ofShop()).toEqual([]);
  });

  describe('and the circuit of a shop', () => {
    const circuit = () => stores().lanes.circuit(shop.id);
    const guard = () => stores().circuit;

    it('open together, once', async () => {
      await guard().open(shop.id, down());
      expect(await circuit()).toMatchObject({
        state: 'open',
        openedAt: now(),
        probeAt: now() + 1_500,
        failures: 1,
        failure: { code: 'shop_unreachable' },
      });
      expect(await ofShop()).toMatchObject([{ raisedAt: now(), healedAt: null }]);
    });

    it('count the same trouble once, however many deliveries side by side meet it', async () => {
      await Promise.all(Array.from({ length: 4 }, () => guard().open(shop.id, down())));
      expect(await circuit()).toMatchObject({ failures: 1, probeAt: now() + 1_500 });
      stores().clock.advance(1_000);
      await guard().open(shop.id, broken());
      expect(await circuit()).toMatchObject({ failures: 1, probeAt: now() + 500 });
      expect(await ofShop()).toHaveLength(1);
    });

    it('wait as long as any of them was asked to wait', async () => {
      await guard().open(shop.id, down());
      await guard().open(shop.id, down({ retryAfterMs: 120_000 }));
      expect(await circuit()).toMatchObject({ failures: 1, probeAt: now() + 120_000 });
    });

    it('stay open for longer when the probe fails, and keep their first moment', async () => {
      const openedAt = now();
      await guard().open(shop.id, down());
      stores().clock.advance(1_500);
      expect((await guard().state(shop.id)).mayCall).toBe(true);
      await guard().open(shop.id, broken());
      expect(await circuit()).toMatchObject({ failures: 2, openedAt, probeAt: now() + 3_000 });
      expect((await guard().state(shop.id)).mayCall).toBe(false);
      expect(await ofShop()).toMatchObject([{ raisedAt: openedAt, failure: { code: 'shop_server_error' } }]);
    });

    it('close together, once', async () => {
      await guard().open(shop.id, down());
      stores().clock.advance(5_000);
      const healedAt = now();
      await guard().close(shop.id);
      stores().clock.advance(5_000);
      await guard().close(shop.id);
      expect(await circuit()).toEqual(CLOSED);
      expect(await ofShop()).toMatchObject([{ healedAt }]);
    });
  });
});
