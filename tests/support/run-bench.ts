import { AskForRun } from '../../server/application/ask-for-run';
import { RUN_LEASE_MS, type StepEnd } from '../../server/application/held-run';
import { WorkRun } from '../../server/application/work-run';
import { createSourceRegistry } from '../../server/connectors/registry';
import { refKey } from '../../server/domain/batch-plan';
import type { RunKind } from '../../server/domain/flow-run';
import type { FlowRun, RunLease, RunLine } from '../../server/domain/ports/flow-runs';
import type { ShopCatalogue } from '../../server/domain/ports/shop-catalogue';
import type { ShopOrders, ShopSale } from '../../server/domain/ports/shop-orders';
import type { ShopProduct } from '../../server/domain/ports/shop-target';
import type { UnitOfWork } from '../../server/domain/ports/unit-of-work';
import { quantity } from '../../server/domain/quantity';
import { AskedSource } from './asked-source';
import { ref, shopProduct } from './builders';
import { FakeShop } from './fake-shop';
import { type Feed, feedIn, itemOf, type Stores } from './test-stores';
import { WorkerBench } from './worker-bench';

const MINUTE = 60_000;
const MOST_TURNS = 5_000;
const PAGE = 15;

/** The process was killed: nothing of the transaction it was in is kept. */
export class Killed extends Error {}

/** Runs over the real stores and a fake shop whose catalogue is mirrored, with a source that can be asked. */
export class RunBench {
  readonly source = new AskedSource();
  readonly ask: AskForRun;
  readonly sales: ShopSale[] = [];
  /** Thrown by the next looks at the shop's orders. */
  readonly ordersTroubles: Error[] = [];
  /** Thrown by the next look at the shop's catalogue. */
  catalogueTrouble: Error | null = null;
  /** How many more transactions of the run's worker go through before it is killed in one. */
  transactionsToLive = Infinity;
  private readonly workRun: WorkRun;
  private readonly modifiedAt = new Map<string, number>();
  private readonly worker: WorkerBench;

  private constructor(
    readonly stores: Stores,
    readonly feed: Feed,
    readonly shop: FakeShop,
  ) {
    const { unit, runs, connections, stock, items, ledger, catalog, clock } = stores;
    const sources = createSourceRegistry(['generic'], [this.source.kind]);
    const ports = {
      unit,
      runs,
      connections,
      sourceStore: stores.sources,
      sources,
      stock,
      items,
      ledger,
      catalog,
      clock,
    };
    this.workRun = new WorkRun({ ...ports, unit: this.mortal(unit), laneSignal: { announce: () => undefined } });
    this.ask = new AskForRun({ ...ports, onAsked: () => undefined });
    this.worker = new WorkerBench(stores, shop, 'this worker', { catalogue: this.catalogue(), orders: this.orders() });
  }

  /** `count` products that shop and source both have at 10, in step with each other. */
  static async open(stores: Stores, count: number, how: Parameters<typeof feedIn>[1] = {}): Promise<RunBench> {
    stores.clock.advance(60 * MINUTE);
    const feed = await feedIn(stores, { matchBy: ['code'], ...how });
    const numbers = Array.from({ length: count }, (_, n) => n + 1);
    const shop = new FakeShop(...numbers.map((n) => shopProduct(n, { quantity: quantity('10') })));
    const bench = new RunBench(stores, feed, shop);
    for (const n of numbers) bench.source.levels.set(`SKU-${n}`, 10);
    await stores.catalog.request(feed.shop.id, 'full', stores.clock.now());
    await bench.workLane();
    await bench.finish((await bench.start('pull')).id);
    bench.advance(60 * MINUTE);
    shop.calls.length = 0;
    return bench;
  }

  now(): number {
    return this.stores.clock.now();
  }

  advance(ms: number): void {
    this.stores.clock.advance(ms);
  }

  shown(n: number): string | null {
    return this.shop.shown(ref(n));
  }

  item(n: number) {
    return itemOf(this.stores, this.feed, `SKU-${n}`);
  }

  /** A storefront order: the shop counts down and moves the product's date. */
  sell(n: number, pieces: number, order: string): void {
    this.setShown(n, String(Number(this.shown(n)) - pieces));
    this.modifiedAt.set(refKey(ref(n)), this.now());
    this.sales.push({ ref: ref(n), quantity: quantity(String(pieces)), order, at: this.now() });
  }

  /** A person saves another number in the shop. */
  edit(n: number, number: string): void {
    this.setShown(n, number);
    this.modifiedAt.set(refKey(ref(n)), this.now());
  }

  /** Another plugin changes the number past WooCommerce. */
  overwrite(n: number, number: string): void {
    this.setShown(n, number);
  }

  start(kind: Exclude<RunKind, 'undo'>): Promise<FlowRun> {
    this.advance(6 * MINUTE);
    return this.ask.start(this.feed.connection.id, kind, { person: 'owner' });
  }

  take(owner = 'worker') {
    return this.stores.runs.take(owner, this.now(), this.now() + RUN_LEASE_MS);
  }

  step(lease: RunLease): Promise<StepEnd> {
    return this.workRun.step(lease, new AbortController().signal);
  }

  async find(id: number): Promise<FlowRun> {
    const run = await this.stores.runs.find(id);
    if (!run) throw new Error(`There is no run ${id}`);
    return run;
  }

  lines(id: number): Promise<readonly RunLine[]> {
    return this.stores.runs.lines(id, -1, 100_000);
  }

  /** The line about one product. */
  async line(id: number, n: number): Promise<RunLine> {
    const line = (await this.lines(id)).find(({ code }) => code === `SKU-${n}`);
    if (!line) throw new Error(`The run has no line about SKU-${n}`);
    return line;
  }

  async stepsOf(id: number): Promise<string[]> {
    return (await this.stores.runs.notes(id)).map(({ step }) => step);
  }

  /** Lets the shop's lane do what there is to do. */
  async workLane(): Promise<void> {
    await this.worker.workFor(this.feed.shop.id, 1_000);
    if (this.worker.failures.length > 0) throw this.worker.failures[0];
  }

  /** Works until the run is over or asks, the lane included. */
  async finish(id: number, between: (run: FlowRun) => Promise<void> | void = () => undefined): Promise<FlowRun> {
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const run = await this.find(id);
      if (run.status !== 'queued' && run.status !== 'running') break;
      const taken = await this.take();
      if (taken) {
        for (let end: StepEnd = 'more'; end === 'more';) {
          await between(await this.find(id));
          end = await this.step(taken.lease);
        }
        await this.workLane();
      }
      this.advance(1_000);
    }
    return this.find(id);
  }

  async run(kind: Exclude<RunKind, 'undo'>, between?: (run: FlowRun) => Promise<void> | void): Promise<FlowRun> {
    return this.finish((await this.start(kind)).id, between);
  }

  async close(): Promise<void> {
    await this.worker.worker.drain(0);
    const { data } = await this.stores.runs.list(
      { connectionId: this.feed.connection.id },
      { limit: 200, cursor: null },
    );
    for (const { id } of data) await this.stores.runs.askCancel(id, this.now());
    this.advance(RUN_LEASE_MS + 1);
    for (let taken = await this.take('last'); taken; taken = await this.take('last')) await this.step(taken.lease);
  }

  private setShown(n: number, number: string): void {
    this.shop.put({ ...this.product(n), quantity: quantity(number) });
  }

  private product(n: number): ShopProduct {
    const product = this.shop.products().find(({ ref: { productId } }) => productId === n);
    if (!product) throw new Error(`The shop has no product ${n}`);
    return product;
  }

  private catalogue(): ShopCatalogue {
    const list: ShopCatalogue['list'] = (_access, cursor) => {
      const trouble = this.catalogueTrouble;
      this.catalogueTrouble = null;
      if (trouble) return Promise.reject(trouble);
      const all = this.shop.products();
      const from = Number(cursor ?? 0);
      const products = all.slice(from, from + PAGE).map((product) => ({
        ...product,
        categories: [],
        modifiedAt: this.modifiedAt.get(refKey(product.ref)) ?? 0,
      }));
      const done = from + products.length;
      return Promise.resolve({
        products,
        next: done < all.length ? String(done) : null,
        done,
        total: all.length,
        shopTime: this.now(),
      });
    };
    return { list, listChanged: (access, _since, cursor, signal) => list(access, cursor, signal) };
  }

  private orders(): ShopOrders {
    return {
      salesSince: (_access, since) => {
        const trouble = this.ordersTroubles.shift();
        if (trouble) return Promise.reject(trouble);
        return Promise.resolve({ sales: this.sales.filter(({ at }) => at >= since), complete: true });
      },
      changedSince: () => Promise.resolve({ orders: [], complete: true, shopTime: this.now() }),
    };
  }

  private mortal(unit: UnitOfWork): UnitOfWork {
    return {
      run: (work) =>
        unit.run(async () => {
          const result = await work();
          if (this.transactionsToLive-- <= 0) throw new Killed();
          return result;
        }),
    };
  }
}
