import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { systemClock } from '../../server/clock/system-clock';
import { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import { createWooCommerceOrders } from '../../server/connectors/woocommerce/read-orders';
import { createWooCommerceWebhooks } from '../../server/connectors/woocommerce/woocommerce-webhooks';
import { FailureError } from '../../server/domain/failure';
import type { OrderRule } from '../../server/domain/order-rule';
import type { ShopAccess } from '../../server/domain/ports/shop-target';
import { createHttpClient } from '../../server/outbound/http-client';
import { modelRuns } from '../support/model-runs';
import {
  type OrderStatus,
  type SimulatedOrder,
  type SimulatedWooCommerce,
  startSimulatedWooCommerce,
} from '../support/simulated-woocommerce';
import { type Feed, feedIn, openStores, type Stores } from '../support/test-stores';

/** PROPERTY_RUNS=3000 is the whole. */
const SLICE = 100;
const SECOND = 1_000;
const MINUTE = 60_000;
const HOURS_50 = 50 * 60 * MINUTE;
const SECRET = 'only the shop and we know it';
const NEVER: OrderRule = { knownBy: 'never', statuses: [], metaKey: null, afterHours: null };
const STATUSES: readonly OrderStatus[] = ['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'failed'];

/** What happens to orders in the shop. Numbers choose among the orders there are at that moment. */
type Deed =
  | { readonly kind: 'place'; readonly pieces: number; readonly status: OrderStatus; readonly count: number }
  | { readonly kind: 'change'; readonly which: number; readonly status: OrderStatus }
  | { readonly kind: 'edit' | 'refund' | 'refund_only'; readonly which: number; readonly pieces: number }
  | { readonly kind: 'trash' | 'restore' | 'remove'; readonly which: number };
type Event =
  | Deed
  /** A webhook comes in time; one that came before comes once more. What nobody tells is lost. */
  | { readonly kind: 'tell' | 'replay'; readonly which: number }
  /** The orders are read, while things happen; at some call the shop fails, or we are stopped. */
  | {
      readonly kind: 'read';
      readonly during: readonly Deed[];
      readonly ends: 'well' | 'fails' | 'stopped';
      readonly at: number;
    }
  | { readonly kind: 'restart' }
  | { readonly kind: 'pass'; readonly ms: number };

const which = fc.nat({ max: 400 });
const status = fc.constantFrom(...STATUSES);
const pieces = fc.integer({ min: 1, max: 4 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    // More at once than an answer has room for, in one second.
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      pieces,
      status,
      count: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 3, 130),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('change' as const), which, status }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('edit' as const, 'refund', 'refund_only'), which, pieces }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('trash' as const, 'trash', 'restore', 'remove'), which }),
  },
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: deed },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('tell' as const, 'tell', 'replay'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      during: fc.array(deed, { maxLength: 3 }),
      ends: fc.constantFrom('well' as const, 'well', 'fails', 'stopped'),
      at: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(200, SECOND, SECOND, 90 * SECOND, 6 * MINUTE, HOURS_50),
    }),
  },
);

/** What was once found to go wrong. */
const FOUND: [Deed[], Event[]][] = [
  // Thrown away two days before a reading that was cut off before it came to those, by a process that is gone.
  [
    [],
    [
      {
        kind: 'read',
        during: [{ kind: 'place', pieces: 1, status: 'processing', count: 1 }],
        ends: 'well',
        at: 1,
      },
      { kind: 'change', which: 0, status: 'pending' },
      { kind: 'trash', which: 0 },
      { kind: 'pass', ms: HOURS_50 },
      { kind: 'read', during: [], ends: 'stopped', at: 2 },
      { kind: 'restart' },
    ],
  ],
];

const heldBy = ({ lines }: SimulatedOrder): number => lines.reduce((sum, { reduced }) => sum + (reduced ?? 0), 0);

/** One shop over HTTP, and what keeps its orders. */
class World {
  private readonly orders: SimulatedOrder[] = [];
  private readonly told: { readonly topic: string; readonly body: string }[] = [];
  private keeper: KeepOrderLedger;

  private constructor(
    private readonly stores: Stores,
    private readonly http: ReturnType<typeof createHttpClient>,
    private readonly shop: SimulatedWooCommerce,
    private readonly feed: Feed,
    private readonly access: ShopAccess,
  ) {
    this.keeper = this.started();
  }

  /** Some orders are older than the counting. */
  static async begin(
    stores: Stores,
    http: ReturnType<typeof createHttpClient>,
    earlier: readonly Deed[],
  ): Promise<World> {
    const { clock } = stores;
    const shop = await startSimulatedWooCommerce({
      now: () => clock.now(),
      products: [{ sku: 'A', name: 'A', stock: 10_000 }],
    });
    const feed = await feedIn(stores, { orders: NEVER });
    const access = { shopId: feed.shop.id, url: shop.url, ...shop.keys.readWrite };
    const how = { verifyTls: false, allowQueryKeys: false, authentication: null, routeStyle: null };
    const world = new World(stores, http, shop, feed, { ...access, ...how });
    for (const each of earlier) {
      world.do(each);
      clock.advance(MINUTE);
    }
    await world.read();
    return world;
  }

  end(): Promise<void> {
    return this.shop.close();
  }

  async happen(what: Event): Promise<void> {
    switch (what.kind) {
      case 'tell':
        return this.tell(what.which);
      case 'replay': {
        const before = this.told[what.which % Math.max(1, this.told.length)];
        return before && this.hear(before);
      }
      case 'read':
        return this.readWhile(what);
      case 'restart':
        this.keeper = this.started();
        return;
      case 'pass':
        this.stores.clock.advance(what.ms);
        return;
      default:
        this.do(what);
    }
  }

  /** Once all is over, one reading is enough. */
  async expectAllKnown(): Promise<void> {
    const { clock, ledger } = this.stores;
    clock.advance(MINUTE);
    await this.read();
    const state = await ledger.state(this.feed.shop.id);
    if (!state) throw new Error('The ledger never began');
    const there = this.orders.filter(({ id, modifiedAt }) => this.exists(id) && modifiedAt >= state.beganAt);
    const known = await this.known();
    const held = there.map((order) => [order.id, heldBy(order)]);
    expect(there.map(({ id }) => [id, known.get(id)?.held ?? 0])).toEqual(held);
    const since = there.filter(({ createdAt }) => createdAt >= state.beganAt);
    expect(since.map(({ id }) => known.get(id)?.unseen ?? 0)).toEqual(since.map(heldBy));
  }

  private async known() {
    const { ledger } = this.stores;
    const known = new Map<number, { readonly held: number; readonly unseen: number }>();
    for (let cursor: string | null = null; ;) {
      const page = await ledger.list({ shopId: this.feed.shop.id }, { limit: 100, cursor });
      for (const { orderId, lines } of page.data) {
        const held = lines.reduce((sum, line) => sum + Number(line.held), 0);
        const released = lines.flatMap(({ releases }) => releases.map(({ quantity }) => Number(quantity)));
        known.set(orderId, { held, unseen: held - released.reduce((sum, each) => sum + each, 0) });
      }
      cursor = page.nextCursor;
      if (cursor === null) return known;
    }
  }

  private do(what: Deed): void {
    if (what.kind === 'place') {
      for (let more = what.count; more > 0; more--) {
        this.orders.push(this.shop.orders.place({ A: what.pieces }, what.status));
      }
      return;
    }
    const order = this.orders[what.which % Math.max(1, this.orders.length)];
    if (!order || !this.exists(order.id)) return;
    const { orders } = this.shop;
    if (what.kind === 'change') orders.change(order, what.status);
    else if (what.kind === 'edit') orders.edit(order, what.pieces - 1);
    else if (what.kind === 'refund') orders.refund(order, what.pieces, { restocks: true });
    else if (what.kind === 'refund_only') orders.refund(order, what.pieces, { restocks: false });
    else if (what.kind === 'trash') orders.trash(order);
    else if (what.kind === 'restore') orders.restore(order);
    else orders.remove(order);
  }

  private exists(id: number): boolean {
    return this.shop.orders.find(id) !== undefined;
  }

  private async tell(number: number): Promise<void> {
    const order = this.orders[number % Math.max(1, this.orders.length)];
    if (!order) return;
    const isGone = order.status === 'trash' || !this.exists(order.id);
    const news = isGone
      ? { topic: 'order.deleted', body: JSON.stringify({ id: order.id }) }
      : { topic: 'order.updated', body: JSON.stringify(this.shop.orders.shown(order)) };
    this.told.push(news);
    await this.hear(news);
  }

  private async hear({ topic, body }: { readonly topic: string; readonly body: string }): Promise<void> {
    const signature = createHmac('sha256', SECRET).update(body).digest('base64');
    const headers = { 'x-wc-webhook-topic': topic, 'x-wc-webhook-signature': signature };
    const webhooks = createWooCommerceWebhooks({ http: this.http, clock: this.stores.clock, version: 'test' });
    const news = webhooks.read({ headers, body: Buffer.from(body) }, SECRET);
    const shopId = this.feed.shop.id;
    if (news.kind === 'order') await this.keeper.hear(shopId, news.order, 'webhook');
    else if (news.kind === 'order_gone') await this.keeper.hearGone(shopId, news.orderId);
    else throw new Error(`A webhook of an order was taken for ${news.kind}`);
  }

  private async readWhile({ during, ends, at }: Extract<Event, { kind: 'read' }>): Promise<void> {
    const stopping = new AbortController();
    const deeds = [...during];
    let calls = 0;
    const happens = (): void => {
      calls += 1;
      const next = deeds.shift();
      if (next) this.do(next);
      if (calls === at && ends === 'fails') this.shop.faults.next({ kind: 'server-error' });
      if (calls === at && ends === 'stopped') stopping.abort();
    };
    this.shop.faults.always({ kind: 'meanwhile', happens }, { method: 'GET' });
    try {
      await this.keeper.read(this.access, stopping.signal);
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
    } finally {
      this.shop.faults.clear();
    }
  }

  private read(): Promise<void> {
    return this.keeper.read(this.access, new AbortController().signal);
  }

  private started(): KeepOrderLedger {
    const { unit, ledger, connections, items, clock } = this.stores;
    const orders = createWooCommerceOrders({ http: this.http, clock, version: 'test' });
    return new KeepOrderLedger({ unit, ledger, connections, items, clock, orders });
  }
}

describe('Whatever is lost, late, cut off or told twice', () => {
  let stores: Stores;
  const http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });

  beforeAll(async () => {
    stores = await openStores('sqlite::memory:');
  });
  afterAll(async () => {
    http.close();
    await stores.dataSource.destroy();
  });

  // A failing run prints its seed, its path and the shortest list of events that shows it.
  it('the ledger ends up holding what every order of the shop holds', async () => {
    const events = fc.array(event, { minLength: 5, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 4 }), events, async (earlier, later) => {
        const world = await World.begin(stores, http, earlier);
        try {
          for (const each of later) await world.happen(each);
          await world.expectAllKnown();
        } finally {
          await world.end();
        }
      }),
      { ...modelRuns(SLICE), examples: FOUND },
    );
  }, 1_800_000);
});
