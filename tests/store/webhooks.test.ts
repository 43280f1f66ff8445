import { ReceiveWebhook } from '../../server/application/receive-webhook';
import { hookPath, WatchWebhooks } from '../../server/application/watch-webhooks';
import { failure, FailureError } from '../../server/domain/failure';
import {
  type ShopWebhook,
  type ShopWebhooks,
  WEBHOOK_TOPICS,
  type WebhookNews,
} from '../../server/domain/ports/shop-webhooks';
import { Refusal } from '../../server/domain/refusal';
import { randomTokens } from '../../server/security/random-tokens';
import { productLink, shopAccess } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { catalogProduct } from '../support/scripted-catalogue';
import { shopWork } from '../support/shop-work';
import { type Feed, feedIn, itemOf, onEachEngine, push } from '../support/test-stores';

const HOUR = 3_600_000;
const { signal } = new AbortController();
const CALL = { headers: {}, body: new Uint8Array() };

/** The webhooks of a shop in memory. */
class FakeWebhooks implements ShopWebhooks {
  all: ShopWebhook[] = [];
  readonly secrets: string[] = [];
  readonly done: string[] = [];
  news: WebhookNews = { kind: 'ping' };
  secretGiven = '';
  fails: (what: string) => boolean = () => false;
  private lastId = 0;

  add(webhook: Partial<ShopWebhook>): void {
    this.all.push({ id: ++this.lastId, topic: 'product.updated', deliveryUrl: '', active: true, ...webhook });
  }

  async list(): Promise<readonly ShopWebhook[]> {
    await this.note('list');
    return this.all;
  }

  async create(...[, webhook]: Parameters<ShopWebhooks['create']>): Promise<ShopWebhook> {
    await this.note(`create ${webhook.topic}`);
    this.secrets.push(webhook.secret);
    this.add(webhook);
    const made = this.all.at(-1);
    if (!made) throw new Error('It was just made');
    return made;
  }

  async revive(...[, id]: Parameters<ShopWebhooks['revive']>): Promise<ShopWebhook> {
    await this.note(`revive ${id}`);
    const found = this.all.find((each) => each.id === id);
    if (!found) throw new Error('There is none to revive');
    const revived = { ...found, active: true };
    this.all = this.all.map((each) => (each.id === id ? revived : each));
    return revived;
  }

  async remove(...[, id]: Parameters<ShopWebhooks['remove']>): Promise<void> {
    await this.note(`remove ${id}`);
    this.all = this.all.filter((each) => each.id !== id);
  }

  read(...[, secret]: Parameters<ShopWebhooks['read']>): WebhookNews {
    this.secretGiven = secret;
    return this.news;
  }

  private note(what: string): Promise<void> {
    this.done.push(what);
    return this.fails(what) ? Promise.reject(new FailureError(failure('shop_maintenance'))) : Promise.resolve();
  }
}

onEachEngine('The webhooks of a shop', (stores) => {
  let feed: Feed;
  let shop: FakeWebhooks;

  beforeEach(async () => {
    feed = await feedIn(stores());
    shop = new FakeWebhooks();
  });
  const watch = (publicUrl: string | null = 'https://relay.example') => {
    const { webhooks, connections, clock } = stores();
    const ports = { webhooks: shop, store: webhooks, connections, tokens: randomTokens, clock, publicUrl };
    return new WatchWebhooks(ports).watch({ ...shopAccess, shopId: feed.shop.id }, signal);
  };
  const record = async () => {
    const found = await stores().webhooks.find(feed.shop.id);
    if (!found) throw new Error('The shop has a record');
    return found;
  };
  const again = async (publicUrl?: string): Promise<string[]> => {
    stores().clock.advance(HOUR);
    shop.done.length = 0;
    await watch(publicUrl);
    return shop.done;
  };

  it('are not touched while every connection of the shop is in test mode', async () => {
    await stores().connections.change(feed.connection.id, { mode: 'test' }, stores().clock.now());
    await watch();
    expect(shop.done).toEqual([]);
    await stores().connections.change(feed.connection.id, { mode: 'live' }, stores().clock.now());
    await watch();
    expect(shop.all).toHaveLength(WEBHOOK_TOPICS.length);
  });

  describe('are set up', () => {
    it('one for each topic, at an address nobody can guess and with one secret, and looked at every hour', async () => {
      await watch();
      const { hookKey, state, failure: why, checkedAt } = await record();
      expect({ state, why, checkedAt }).toEqual({ state: 'active', why: null, checkedAt: stores().clock.now() });
      expect(shop.all.map(({ topic }) => topic)).toEqual([...WEBHOOK_TOPICS]);
      expect(new Set(shop.all.map(({ deliveryUrl }) => deliveryUrl))).toEqual(
        new Set([`https://relay.example${hookPath(hookKey)}`]),
      );
      expect(hookKey).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(shop.secrets)).toEqual(new Set([await stores().webhooks.secretOf(feed.shop.id)]));
      expect(shop.secrets[0]).not.toBe(hookKey);

      shop.done.length = 0;
      stores().clock.advance(HOUR - 1);
      await watch();
      expect(shop.done).toEqual([]);
      stores().clock.advance(1);
      await watch();
      expect(shop.done).toEqual(['list']);
    });

    it('and one that is missing is created, one that the shop disabled is revived, which is noted', async () => {
      await watch();
      shop.all = shop.all
        .filter(({ topic }) => topic !== 'product.deleted')
        .map((each) => (each.topic === 'product.created' ? { ...each, active: false } : each));
      expect(await again()).toEqual(['list', 'revive 1', 'create product.deleted']);
      const revivedAt = stores().clock.now();
      expect(await record()).toMatchObject({ state: 'active', revivedAt });
      expect(await again()).toEqual(['list']);
      expect((await record()).revivedAt).toBe(revivedAt);
    });

    it('and doubles are removed, also those of a former address, and nobody else’s', async () => {
      await watch('https://relay.example/behind');
      const path = hookPath((await record()).hookKey);
      const [first] = shop.all;
      shop.add({ ...first, id: 50 });
      shop.add({ id: 51, deliveryUrl: `https://former.example${path}` });
      shop.add({ id: 52, deliveryUrl: `https://relay.example/hooks/woocommerce/another` });
      shop.add({ id: 53, deliveryUrl: 'https://erp.example/products' });
      expect(await again('https://relay.example/behind')).toEqual(['list', 'remove 50', 'remove 51']);
      expect(shop.all.map(({ id }) => id)).toEqual([1, 2, 3, 4, 52, 53]);
    });

    it('not where nobody said under which address the shop reaches us', async () => {
      await watch(null);
      expect(shop.done).toEqual([]);
      expect(await record()).toMatchObject({ state: 'no_public_address', failure: null });
      expect((await again())[0]).toBe('list');
      expect((await record()).state).toBe('active');
    });

    it.each(['list', 'create product.deleted'])('not where the shop refuses to %s, which is noted', async (what) => {
      shop.fails = (done) => done === what;
      await watch();
      expect(await record()).toMatchObject({ state: 'failed', failure: { code: 'shop_maintenance' } });
      shop.fails = () => false;
      await again();
      expect(await record()).toMatchObject({ state: 'active', failure: null });
      expect(shop.all).toHaveLength(WEBHOOK_TOPICS.length);
    });
  });

  describe('tell', () => {
    let receive: ReceiveWebhook;
    const announced: number[] = [];

    beforeEach(async () => {
      const { unit, webhooks, catalog, items, clock } = stores();
      announced.length = 0;
      const laneSignal = { announce: (shopIds: Iterable<number>) => void announced.push(...shopIds) };
      const orders = shopWork(stores(), new FakeShop()).keepOrders;
      receive = new ReceiveWebhook({
        unit,
        webhooks: shop,
        store: webhooks,
        catalog,
        items,
        orders,
        laneSignal,
        clock,
      });
      await webhooks.create(feed.shop.id, randomTokens.random(), 'the secret');
      await catalog.request(feed.shop.id, 'full', clock.now() + HOUR);
      await catalog.keepChanged(feed.shop.id, catalogProduct(1, { modifiedAt: 5_000 }), clock.now());
    });
    const received = async (news: WebhookNews) => {
      shop.news = news;
      return receive.receive((await record()).hookKey, CALL);
    };
    const refusedAs = async (work: Promise<unknown>): Promise<string> => {
      const thrown: unknown = await work.catch((error: unknown) => error);
      return thrown instanceof Refusal ? thrown.code : 'not refused';
    };
    const nameOf = async (id: number) =>
      (await stores().catalog.find(feed.shop.id, [productLink(id).ref]))[0]?.product.name;
    const linked = async (): Promise<number> => {
      stores().clock.advance(1);
      await push(stores(), feed, [{ code: 'A', quantity: 1 }]);
      const { id } = await itemOf(stores(), feed, 'A');
      const { items, clock } = stores();
      await items.setLink(id, productLink(1, { provenAt: clock.now() }), clock.now());
      return id;
    };

    it('nothing at an address that is none', async () => {
      expect(await refusedAs(receive.receive('another', CALL))).toBe('not_found');
    });

    it('nothing that is forged: it is refused, and nothing is changed', async () => {
      expect(await refusedAs(received({ kind: 'forged' }))).toBe('not_authenticated');
      expect(shop.secretGiven).toBe('the secret');
      expect((await record()).receivedAt).toBeNull();
      expect(announced).toEqual([]);
    });

    it('that they are there, which is answered and not noted', async () => {
      expect(await received({ kind: 'ping' })).toEqual({ shopId: feed.shop.id, news: 'ping' });
      expect((await record()).receivedAt).toBeNull();
    });

    it('of other things, which is noted as received alone', async () => {
      await received({ kind: 'other' });
      expect((await record()).receivedAt).toBe(stores().clock.now());
    });

    it('what nobody can read, and a walk is asked for', async () => {
      const { catalog, clock } = stores();
      expect((await received({ kind: 'unreadable' })).news).toBe('unreadable');
      expect(await catalog.state(feed.shop.id)).toMatchObject({ dueAt: clock.now(), fullDueAt: clock.now() + HOUR });
    });

    it('of a product that changed: the mirror knows it, and its item looks anew', async () => {
      const id = await linked();
      await received({ kind: 'changed', product: catalogProduct(1, { name: 'New', modifiedAt: 6_000 }) });
      expect(await nameOf(1)).toBe('New');
      expect((await stores().items.find(id))?.link?.provenAt).toBe(0);
      expect(announced).toEqual([feed.shop.id]);
      expect((await record()).receivedAt).toBe(stores().clock.now());
    });

    it('of a number alone, as every write of ours makes them tell, and nobody is woken', async () => {
      const id = await linked();
      await received({ kind: 'changed', product: catalogProduct(1, { stockStatus: 'outofstock', modifiedAt: 6_000 }) });
      expect((await stores().items.find(id))?.link?.provenAt).not.toBe(0);
      expect(announced).toEqual([]);
    });

    it('late of what is known to be newer, and that is left alone', async () => {
      await received({ kind: 'changed', product: catalogProduct(1, { name: 'Older', modifiedAt: 4_000 }) });
      expect(await nameOf(1)).toBe('Product 1');
      expect(announced).toEqual([]);
    });

    it('of a product that is gone, and again when it is back', async () => {
      const id = await linked();
      await received({ kind: 'deleted', id: 1 });
      expect(await nameOf(1)).toBeUndefined();
      expect((await stores().items.find(id))?.link?.provenAt).toBe(0);
      await received({ kind: 'deleted', id: 1 });
      expect(announced).toEqual([feed.shop.id]);
      await received({ kind: 'changed', product: catalogProduct(1) });
      expect(announced).toEqual([feed.shop.id, feed.shop.id]);
    });
  });
});
