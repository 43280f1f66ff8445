import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiClient, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { ADMIN_TOKEN, type Connected, connect } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { type Good, isHealthy, labelOf, LISTED_ERRORS, makeGoods } from './goods';
import { Ledger } from './ledger';
import { Random } from './random';
import { type Figures, Sender } from './sender';

export interface StageOptions {
  readonly random: Random;
  readonly scale: number;
}

/** How long what is due may take once nothing is wrong any more. */
const QUIET_WITHIN_MS = 90_000;
const SENDERS = 3;

interface Load {
  readonly stop: AbortController;
  readonly done: Promise<unknown>;
}

/** What one item looks like over the API. */
export interface ItemSeen {
  readonly label: string;
  readonly status: string;
  readonly wanted: string | null;
  readonly shown: string | null;
  readonly verified: boolean;
  readonly attempts: number;
  readonly failureCode: string | null;
  readonly cause: string | null;
  readonly dueAt: string | null;
}

/** A source under load, a shop, and everything both said; the service stands between them and may be made to suffer. */
export class Stage {
  readonly figures: Figures = { pushes: 0, acknowledgedLines: 0, unansweredPushes: 0, shopCalls: 0 };
  /** Where the service listens; null while it does not run. */
  url: string | null = null;
  private connected: Connected | null = null;
  private load: Load | null = null;
  private senders: readonly Sender[] = [];
  private readonly watchers = new Set<(what: 'write' | 'acknowledged') => void>();

  private constructor(
    readonly shop: SimulatedWooCommerce,
    readonly ledger: Ledger,
    readonly goods: readonly Good[],
    readonly dataDir: string,
    private readonly random: Random,
    private readonly removals: (() => Promise<void> | void)[],
  ) {}

  static async open({ random, scale }: StageOptions): Promise<Stage> {
    const { goods, seeds } = makeGoods(scale);
    const ledger = new Ledger(goods);
    let told: (() => void) | null = null;
    const shop = await startSimulatedWooCommerce({
      products: seeds,
      onWrite: (write) => {
        ledger.written(write);
        told?.();
      },
    });
    const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-faults-'));
    const stage = new Stage(shop, ledger, goods, dataDir, random, [
      () => shop.close(),
      () => rmSync(dataDir, { recursive: true, force: true }),
    ]);
    told = () => stage.tell('write');
    return stage;
  }

  /** Shop, source and connection, and the levels of all products for a begin. */
  async begin(): Promise<void> {
    this.connected = await connect(
      this.api,
      { url: this.shop.url, ...this.shop.keys.readWrite },
      { connection: { matchBy: ['code', 'barcode', 'name'] } },
    );
    const { token, pushUrl } = this.connected;
    const door = (): string | null => (this.url === null ? null : `${this.url}${new URL(pushUrl).pathname}`);
    this.senders = Array.from({ length: SENDERS }, (_, n) => {
      const options = {
        door,
        token,
        ledger: this.ledger,
        goods: this.goods.filter((__, position) => position % SENDERS === n),
        random: new Random(this.random.between(0, 2 ** 32 - 1)),
        figures: this.figures,
        onAcknowledged: () => this.tell('acknowledged'),
        pauseMs: { least: 0, most: 40 },
      };
      return new Sender(options);
    });
    await this.pushAll();
  }

  /** A new level for every product. */
  async pushAll(): Promise<void> {
    await Promise.all(
      this.senders.map((sender, n) => sender.pushOf(this.goods.filter((_, position) => position % SENDERS === n))),
    );
  }

  get api(): ApiClient {
    if (this.url === null) throw new Error('The service does not run');
    return new ApiClient(this.url, ADMIN_TOKEN);
  }

  get shopId(): number {
    if (this.connected === null) throw new Error('Nothing is connected yet');
    return this.connected.shopId;
  }

  startLoad(): void {
    const stop = new AbortController();
    this.load ??= { stop, done: Promise.all(this.senders.map((sender) => sender.run(stop.signal))) };
  }

  async stopLoad(): Promise<void> {
    const { load } = this;
    this.load = null;
    load?.stop.abort();
    await load?.done;
  }

  /** Calls back once, in the moment the count-th thing of this kind from now happens; answers how to forget it. */
  onceAfter(what: 'write' | 'acknowledged', count: number, then: () => void): () => void {
    let left = count;
    const watcher = (seen: 'write' | 'acknowledged'): void => {
      if (seen !== what || --left > 0) return;
      this.watchers.delete(watcher);
      then();
    };
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  async items(): Promise<ReadonlyMap<string, ItemSeen>> {
    const items = new Map<string, ItemSeen>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await this.api.expect(200, 'GET', `/items?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
      for (const row of pickList(page, 'data')) {
        const item = itemSeen(row);
        items.set(item.label, item);
      }
      cursor = textOrNull(pick(page, 'nextCursor'));
    }
    return items;
  }

  /** Waits until nothing is due, and judges everything; answers what is wrong. */
  async audit(): Promise<string[]> {
    const stuck = await this.untilQuiet();
    const wrong = [...this.ledger.violations.splice(0), ...stuck];
    const items = await this.items();
    for (const good of this.goods) wrong.push(...this.judge(good, items.get(labelOf(good))));
    const circuit = pickText(await this.api.expect(200, 'GET', `/shops/${this.shopId}`), 'circuit', 'state');
    if (circuit !== 'closed') wrong.push(`The way to the shop is still ${circuit}`);
    this.figures.shopCalls += this.shop.calls.length;
    this.shop.forgetCalls();
    return wrong;
  }

  async close(): Promise<void> {
    await this.stopLoad();
    for (const remove of this.removals) await remove();
  }

  private async untilQuiet(): Promise<string[]> {
    const startedAt = performance.now();
    let waiting: string;
    do {
      await wait(40);
      try {
        const page = await this.api.expect(200, 'GET', '/items?limit=1');
        const open = ['due', 'writing', 'retrying', 'unverified'].flatMap((status) => {
          const count = pickNumber(page, 'counts', status);
          return count === 0 ? [] : [`${count} ${status}`];
        });
        if (open.length === 0) return [];
        waiting = open.join(', ');
      } catch (error) {
        waiting = error instanceof Error ? error.message : String(error);
      }
    } while (performance.now() - startedAt < QUIET_WITHIN_MS);
    const some = [...(await this.items()).values()]
      .filter(({ status }) => ['due', 'writing', 'retrying', 'unverified'].includes(status))
      .slice(0, 3);
    return [`Not at rest within ${QUIET_WITHIN_MS} ms: ${waiting}; ${JSON.stringify(some)}`];
  }

  private judge(good: Good, item: ItemSeen | undefined): string[] {
    const { ledger } = this;
    const label = labelOf(good);
    if (item === undefined) return ledger.wasAcknowledged(good) ? [`${label} was acknowledged and has no item`] : [];
    const wrong = (expected: string): string[] => [
      `${label} (${good.kind}): expected ${expected}; found ${JSON.stringify(item)}, in the shop ${this.shownOf(good)}; ${ledger.story(good)}`,
    ];
    const finals = ledger.finals(good);
    if (item.wanted === null || !finals.includes(Number(item.wanted))) {
      return finals.length === 0 ? [] : wrong(`the level ${finals.join(' or ')}`);
    }
    const listed = LISTED_ERRORS[good.kind];
    if (listed !== undefined) {
      const isListed = item.status === listed.status && item.failureCode === listed.code && item.cause !== null;
      return isListed ? [] : wrong(`${listed.status} because of ${listed.code}`);
    }
    if (item.status !== 'synced' || !item.verified) return wrong('a verified item');
    return String(this.shownOf(good)) === item.wanted ? [] : wrong('the shop to show it');
  }

  private shownOf(good: Good): number | null {
    return good.sku === null || !isHealthy(good) ? null : this.shop.products.stockOf(good.sku);
  }

  private tell(what: 'write' | 'acknowledged'): void {
    for (const watcher of [...this.watchers]) watcher(what);
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function itemSeen(row: unknown): ItemSeen {
  const failure = pick(row, 'failure');
  return {
    label:
      textOrNull(pick(row, 'code')) ?? textOrNull(pick(row, 'barcode')) ?? textOrNull(pick(row, 'name')) ?? 'nameless',
    status: pickText(row, 'status'),
    wanted: textOrNull(pick(row, 'wanted')),
    shown: textOrNull(pick(row, 'shown')),
    verified: pick(row, 'verified') === true,
    attempts: pickNumber(row, 'attempts'),
    failureCode: failure === null ? null : pickText(failure, 'code'),
    cause: failure === null ? null : pickText(failure, 'cause'),
    dueAt: textOrNull(pick(row, 'dueAt')),
  };
}
