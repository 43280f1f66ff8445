import fc from 'fast-check';
import type { DeliverSyncItems } from '../../server/application/deliver-sync-items';
import { settlementOf } from '../../server/application/settle-sync-items';
import { failure, FailureError } from '../../server/domain/failure';
import type { ShopAccess } from '../../server/domain/ports/shop-target';
import type { ClaimedItem, LaneLease, Settlement } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { PRIORITY } from '../../server/domain/sync-item';
import { computeTargetStock } from '../../server/domain/target-stock';
import { ref, shopProduct } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { modelRuns } from '../support/model-runs';
import { shopWork } from '../support/shop-work';
import {
  claim,
  type Feed,
  feedIn,
  itemsOf,
  laneOf,
  LEASE_MS,
  openStores,
  push,
  type Stores,
} from '../support/test-stores';

const SLICE = 1_000;

const PRODUCTS = ['P1', 'P2', 'P3', 'P4'] as const;
/** Smaller than a claim may be, so that one delivery may be several calls. */
const BATCH_SIZE = 2;
const WAREHOUSES = ['Depozit', 'Magazin'] as const;

/** What may happen, in any order. Numbers choose among what is at hand at that moment. */
type Event =
  | { readonly kind: 'push'; readonly lines: readonly LineSent[] }
  | { readonly kind: 'claim'; readonly limit: number; readonly urgentOnly: boolean }
  | { readonly kind: 'deliver' | 'settle' | 'offline' | 'online' | 'relink'; readonly which: number }
  | { readonly kind: 'overtaken'; readonly lines: readonly LineSent[] }
  | { readonly kind: 'trouble'; readonly what: Trouble }
  | { readonly kind: 'crash' | 'minute' | 'resync' };

/** down: no call has an effect; lost: the answer to each write is; half: each write breaks off in its middle. */
type Trouble = 'none' | 'down' | 'lost' | 'half';

interface LineSent {
  readonly code: string;
  readonly warehouse: string;
  readonly quantity: string;
  /** How long before the push the source saw the level. */
  readonly age: number;
}

const which = fc.nat({ max: 20 });
const line: fc.Arbitrary<LineSent> = fc.record({
  code: fc.constantFrom(...PRODUCTS),
  warehouse: fc.constantFrom(...WAREHOUSES),
  quantity: fc.constantFrom('0', '1', '2', '3.5', '8', '-2', '40'),
  age: fc.constantFrom(0, 0, 0, 1, 50, 2_000, 90_000),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('push' as const), lines: fc.array(line, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      limit: fc.integer({ min: 1, max: 3 }),
      urgentOnly: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('offline' as const, 'online' as const, 'relink' as const), which }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('overtaken' as const),
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('trouble' as const),
      what: fc.constantFrom<Trouble>('none', 'down', 'lost', 'half'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'minute' as const, 'resync' as const) }),
  },
);

/** Some items a worker has claimed together, and what it would settle them as once it has delivered them. */
interface Hand {
  readonly claimed: readonly ClaimedItem[];
  settlements: readonly Settlement[] | null;
}

/** One source, one shop and the workers between them, as the events drive them; `levels` is what the source last said. */
class World {
  private readonly shop: FakeShop;
  private readonly deliver: DeliverSyncItems;
  private readonly levels = new Map<string, { readonly observedAt: number; readonly quantity: string }>();
  private readonly hands: Hand[] = [];
  /** Hands of workers that are thought dead: they may still settle, and must not change anything by it. */
  private readonly ghosts: Hand[] = [];
  private lease: LaneLease;
  private workers = 1;

  private constructor(
    private readonly stores: Stores,
    private readonly feed: Feed,
    private readonly access: ShopAccess,
    lease: LaneLease,
  ) {
    this.lease = lease;
    this.shop = new FakeShop(...PRODUCTS.map((code, position) => shopProduct(position + 1, { sku: code })));
    this.deliver = shopWork(stores, this.shop).deliver;
  }

  static async begin(stores: Stores): Promise<World> {
    const feed = await feedIn(stores, { matchBy: ['code'] });
    const access = await stores.shops.access(feed.shop.id);
    if (!access) throw new Error('The shop was just made');
    return new World(stores, feed, access, await laneOf(stores, feed.shop.id, 'worker 1'));
  }

  async happen(what: Event): Promise<void> {
    const { items, clock } = this.stores;
    clock.advance(1);
    switch (what.kind) {
      case 'push':
        return this.push(what.lines);
      case 'claim':
        return this.claim(what.limit, what.urgentOnly);
      case 'deliver':
        return this.deliverOne(
          pick(
            this.hands.filter(({ settlements }) => settlements === null),
            what.which,
          ),
        );
      case 'settle':
        return this.settleOne(what.which);
      case 'overtaken':
        return this.overtaken(what.lines);
      case 'offline':
      case 'online':
      case 'relink': {
        const item = pick(await itemsOf(this.stores, this.feed), what.which);
        if (!item) return;
        if (what.kind === 'offline') await items.setOffline([item.id], clock.now());
        else if (what.kind === 'online') await items.setOnline([item.id], clock.now());
        else {
          await items.forgetLinks([item.id]);
          await items.makeDue([item.id], PRIORITY.manual, clock.now());
        }
        return;
      }
      case 'trouble':
        return this.trouble(what.what);
      case 'crash':
        return this.crash();
      case 'resync':
        await items.markAllDue(this.feed.connection, PRIORITY.bulk, clock.now());
        return;
      case 'minute':
        clock.advance(60_000);
        return this.renew();
    }
  }

  /** Nobody pushes any more and the shop is well: what is due is brought to it, found by the sweep alone. */
  async drain(): Promise<void> {
    const { items, clock } = this.stores;
    this.trouble('none');
    // The last worker is killed with whatever it holds, and none takes over before the sweep tells it to.
    this.ghosts.push(...this.hands.splice(0));
    clock.advance(LEASE_MS + 1);
    await items.setOnline(
      (await itemsOf(this.stores, this.feed)).map(({ id }) => id),
      clock.now(),
    );
    for (let round = 0; round < 20; round++) {
      clock.advance(16 * 60_000);
      if (!(await items.shopsWithDueItems(clock.now())).includes(this.feed.shop.id)) return;
      this.lease = await laneOf(this.stores, this.feed.shop.id, `drain ${round}`);
      await items.releaseAbandoned(this.feed.shop.id, clock.now());
      await this.claim(100);
      await this.deliverOne(this.hands[0]);
      await this.settleOne(0);
      await this.stores.lanes.release(this.lease);
    }
    throw new Error('There is always something due');
  }

  async expectInStep(): Promise<void> {
    const found = await itemsOf(this.stores, this.feed);
    const expected = PRODUCTS.flatMap((code) => {
      const said = WAREHOUSES.flatMap((warehouse) => {
        const level = this.levels.get(`${code}/${warehouse}`);
        return level ? [{ warehouse, quantity: quantity(level.quantity) }] : [];
      });
      const target = computeTargetStock(said, '*')?.target;
      return target === undefined ? [] : [{ code, target, status: 'synced', seen: target }];
    });
    const actual = found.map(({ subject, status, shown }) => ({
      code: subject.code,
      target: this.shop.shown(ref(PRODUCTS.findIndex((code) => code === subject.code) + 1)),
      status,
      seen: shown,
    }));
    expect(actual.sort((a, b) => String(a.code).localeCompare(String(b.code)))).toEqual(expected);
  }

  private async push(lines: readonly LineSent[]): Promise<void> {
    const now = this.stores.clock.now();
    const sent = lines.map(({ age, ...rest }) => ({ ...rest, observedAt: new Date(now - age).toISOString() }));
    await push(this.stores, this.feed, sent);
    for (const { code, warehouse, quantity: amount, age } of lines) {
      const key = `${code}/${warehouse}`;
      const known = this.levels.get(key);
      if (!known || now - age >= known.observedAt) this.levels.set(key, { observedAt: now - age, quantity: amount });
    }
  }

  private async claim(limit: number, urgentOnly = false): Promise<void> {
    const claimed = await claim(this.stores, this.lease, limit, urgentOnly);
    const urgent = claimed.filter(({ priority }) => priority < PRIORITY.manual);
    expect([0, claimed.length]).toContain(urgent.length);
    if (urgentOnly) expect(urgent).toEqual(claimed);
    for (const { id, epoch } of claimed) {
      // Two may only hold one item when the first was fenced off by a newer epoch.
      const holders = this.hands.flatMap((hand) => hand.claimed).filter((each) => each.id === id);
      for (const holder of holders) expect(holder.epoch).toBeLessThan(epoch - 1);
    }
    if (claimed.length > 0) this.hands.push({ claimed, settlements: null });
  }

  private async deliverOne(hand: Hand | undefined): Promise<void> {
    if (hand) hand.settlements = await this.settlementsOf(hand);
  }

  private async settlementsOf(hand: Hand): Promise<Settlement[]> {
    const { connection } = this.feed;
    const connections = new Map([[connection.id, connection]]);
    const { signal } = new AbortController();
    // What was set offline or relinked meanwhile is still delivered: no worker can know of it.
    const { delivered } = await this.deliver.deliver(this.access, connections, hand.claimed, BATCH_SIZE, signal);
    return delivered.map((each) => settlementOf(each, this.stores.clock.now(), 0.5));
  }

  private async settleOne(which: number): Promise<void> {
    const { items, clock } = this.stores;
    const hand = pick(
      [...this.hands, ...this.ghosts].filter(({ settlements }) => settlements !== null),
      which,
    );
    if (!hand?.settlements) return;
    const settled = await items.settle(hand.settlements, [], clock.now());
    if (this.ghosts.includes(hand)) expect(settled).toBe(0);
    for (const hands of [this.hands, this.ghosts]) if (hands.includes(hand)) hands.splice(hands.indexOf(hand), 1);
  }

  /**
   * A worker is held beyond its lease in the middle of a call. Another takes the lane and brings newer levels to the
   * shop; then the first one's old numbers arrive there after all.
   */
  private async overtaken(lines: readonly LineSent[]): Promise<void> {
    const { items, clock } = this.stores;
    await this.claim(3);
    const sleeper = this.hands.at(-1);
    if (!sleeper || sleeper.settlements) return;
    await this.crash();
    await this.push(lines);
    await this.claim(3);
    const hand = this.hands.at(-1);
    await this.deliverOne(hand);
    await this.settleOne(this.hands.length - 1);
    const tooLate = await this.settlementsOf(sleeper);
    expect(await items.settle(tooLate, [], clock.now())).toBe(0);
    this.ghosts.splice(this.ghosts.indexOf(sleeper), 1);
  }

  /** The worker is gone in the middle of everything; another one takes the lane over. */
  private async crash(): Promise<void> {
    const { items, clock } = this.stores;
    this.ghosts.push(...this.hands.splice(0));
    clock.advance(LEASE_MS + 1);
    this.lease = await laneOf(this.stores, this.feed.shop.id, `worker ${++this.workers}`);
    await items.releaseAbandoned(this.feed.shop.id, clock.now());
  }

  private async renew(): Promise<void> {
    expect(await this.stores.lanes.renew(this.lease, this.stores.clock.now() + LEASE_MS)).toBe(true);
  }

  private trouble(what: Trouble): void {
    const down = new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }));
    const lost = new FailureError(failure('shop_answer_lost', { reason: 'reset' }), { writeMayHaveHappened: true });
    this.shop.beforeCall = () => (what === 'down' ? down : null);
    this.shop.carriesOut = ({ writes }) => (what === 'half' ? writes.slice(0, Math.floor(writes.length / 2)) : writes);
    this.shop.afterWrite = () => (what === 'lost' || what === 'half' ? lost : null);
  }
}

const pick = <Each>(all: readonly Each[], which: number): Each | undefined => all[which % Math.max(1, all.length)];

describe('Whatever happens in whatever order', () => {
  let stores: Stores;

  beforeAll(async () => {
    // The store as it is, in memory: a crash is one of the workers here, never one of the machine.
    stores = await openStores('sqlite::memory:');
  });
  afterAll(() => stores.dataSource.destroy());

  // A failing run prints its seed, its path and the shortest list of events that shows it.
  it('the shop ends up showing what the source said last, and no item is ever in two hands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 30, size: 'max' }), async (events) => {
        const world = await World.begin(stores);
        for (const each of events) await world.happen(each);
        await world.drain();
        await world.expectInStep();
      }),
      modelRuns(SLICE),
    );
  });
});
