import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../../faults/random';
import { shopRoot, shopUrl } from '../../wp-bridge/support/real-shop';
import { type CartLine, filledCart } from '../../wp-bridge/support/storefront-order';
import { pick, pickList, pickNumber, pickText, push } from '../api-client';
import { eventually } from '../eventually';
import type { Connected, RunningService } from '../running-service';
import { type Deviation, deviationOf, DeviationWatch, LEVEL_STEP } from './deviation-watch';
import { Gate } from './gate';
import * as rushShop from './rush-shop';
import type { RushProduct } from './rush-shop';
import { type Figure, ShopFigures } from './shop-figures';
import { UnderWay } from './under-way';

const PRODUCTS = 12;
const CANCELLED = 0.1;
const LONGEST_PAUSE_MS = 600;
const SETTLED_WITHIN_MS = 180_000;
/** Without webhooks the service reads orders every minute. */
const RIGHT_WITHIN_MS = 300_000;

export interface RushOptions {
  readonly orders: number;
  readonly pushes: number;
  readonly shoppers: number;
  readonly seed: number;
  /** Everybody stops after so many orders, and the shop is compared with the truth. */
  readonly checkEvery: number;
  readonly withPlugin: boolean;
  readonly knownBy: 'acknowledged' | 'not_counted';
  /** The source has every order in its level in the moment it sends it: the best that writing plain numbers can hope for. */
  readonly sourceKnows: boolean;
}

/** The shop when nobody bought or pushed, and the service said that all was settled. */
export interface Check {
  readonly orders: number;
  readonly wrong: readonly { readonly code: string; readonly units: number }[];
  /** Until all was right with nobody doing anything; null = it never was. */
  readonly rightAfterMs: number | null;
}

export interface RushEnd {
  readonly orders: number;
  readonly cancelled: number;
  readonly refused: number;
  readonly pushes: number;
  readonly seconds: number;
  readonly callsToShop: number;
  readonly checks: readonly Check[];
  readonly products: readonly { readonly code: string; readonly wanted: number; readonly byRest: number }[];
  /** Each with what the product showed, and with what the service did. */
  readonly deviations: readonly (Deviation & { readonly story: readonly string[] })[];
  readonly looks: number;
  /** Units by which the shop's own history of a product does not add up to what it shows. */
  readonly historyGaps: readonly { readonly code: string; readonly units: number }[];
}

interface Bought {
  readonly id: number;
  readonly lines: readonly CartLine[];
}

/** People buy in a real storefront while a source pushes new levels, both at full speed. */
export class OrderRush {
  private readonly gate = new Gate();
  private readonly checks: Check[] = [];
  private readonly counts = { begun: 0, bought: 0, refused: 0, cancelled: 0, pushes: 0 };

  private constructor(
    private readonly options: RushOptions,
    private readonly products: readonly RushProduct[],
    private readonly running: RunningService,
    private readonly connected: Connected,
    private readonly figures: ShopFigures | null,
    private readonly underWay: { readonly selling: UnderWay; readonly givingBack: UnderWay },
  ) {}

  static async run(options: RushOptions): Promise<RushEnd> {
    const products = await rushShop.makeProducts(PRODUCTS);
    const running = await rushShop.serviceFor(options.withPlugin);
    const figures = shopRoot === '' ? null : await ShopFigures.open(idsIn(products));
    try {
      const connected = await rushShop.connectTo(running, options.knownBy, options.withPlugin);
      const underWay = { selling: new UnderWay(), givingBack: new UnderWay() };
      return await new OrderRush(options, products, running, connected, figures, underWay).toTheEnd();
    } finally {
      await running.stop();
      await figures?.close();
      await rushShop.removeProducts(products);
    }
  }

  private async toTheEnd(): Promise<RushEnd> {
    const { products, figures, underWay } = this;
    await this.push(products, (product) => product.level);
    await this.settled();
    if (this.options.withPlugin) await figures?.keepChanges();
    const shownBefore = await figures?.read();
    const callsBefore = await this.callsToShop();
    const begunAt = performance.now();
    const watch = figures && new DeviationWatch(figures, idsIn(products), underWay);
    watch?.start();
    try {
      await this.rush();
    } finally {
      await watch?.stop();
    }
    const seconds = (performance.now() - begunAt) / 1000;
    const byRest = await rushShop.stockByRest(products);
    return {
      orders: this.counts.bought,
      cancelled: this.counts.cancelled,
      refused: this.counts.refused,
      pushes: this.counts.pushes,
      seconds,
      callsToShop: (await this.callsToShop()) - callsBefore,
      checks: this.checks,
      products: products.map(({ code, level, sold }) => ({
        code,
        wanted: level - sold,
        byRest: byRest.get(code) ?? Number.NaN,
      })),
      deviations: await Promise.all(
        (watch?.deviations ?? []).map(async (each) => ({
          ...each,
          story: [watch?.story(each) ?? '', await this.deedsOf(each)],
        })),
      ),
      looks: watch?.looks ?? 0,
      historyGaps: await this.historyGaps(shownBefore),
    };
  }

  private async rush(): Promise<void> {
    const { shoppers, seed } = this.options;
    let open = true;
    const pushing = this.pushOn(Random.for(seed, 'source'), () => open);
    try {
      await Promise.all(Array.from({ length: shoppers }, (_, n) => this.shop(Random.for(seed, 'shopper', n))));
    } finally {
      open = false;
      await pushing;
    }
    await this.check();
  }

  private async shop(random: Random): Promise<void> {
    const mine: Bought[] = [];
    while (this.counts.begun < this.options.orders) {
      this.counts.begun++;
      await this.gate.pass(async () => {
        const bought = await this.buy(random);
        if (bought) mine.push(bought);
        if (random.chance(CANCELLED)) await this.giveBack(mine.splice(random.between(0, mine.length), 1));
      });
      if (this.counts.bought % this.options.checkEvery === 0 && this.counts.begun < this.options.orders) {
        await this.check();
      }
    }
  }

  private async buy(random: Random): Promise<Bought | null> {
    const chosen = random.some(this.products, random.between(1, 3));
    const lines = chosen.map(({ id }) => ({ product: id, pieces: random.between(1, 4) }));
    const checkOut = await filledCart(lines);
    const id = await this.underWay.selling.during(idsOf(lines), checkOut);
    if (id === 0) {
      this.counts.refused++;
      return null;
    }
    this.counts.bought++;
    this.sell(lines, 1);
    return { id, lines };
  }

  private async giveBack(orders: readonly Bought[]): Promise<void> {
    for (const { id, lines } of orders) {
      await this.underWay.givingBack.during(idsOf(lines), () => rushShop.cancel(id));
      this.counts.cancelled++;
      this.sell(lines, -1);
    }
  }

  private sell(lines: readonly CartLine[], sign: 1 | -1): void {
    for (const { product, pieces } of lines) {
      const sold = this.products.find(({ id }) => id === product);
      if (sold) sold.sold += sign * pieces;
    }
  }

  /** As long as people buy, and until so much was pushed. */
  private async pushOn(random: Random, isOpen: () => boolean): Promise<void> {
    while (isOpen() || this.counts.pushes < this.options.pushes) {
      await this.gate.pass(() => {
        this.counts.pushes++;
        const level = () => random.between(50, 150) * LEVEL_STEP;
        return this.push(random.some(this.products, random.between(1, 3)), level);
      });
      await wait(random.between(0, LONGEST_PAUSE_MS));
    }
  }

  private async push(products: readonly RushProduct[], levelOf: (product: RushProduct) => number): Promise<void> {
    const held = this.options.sourceKnows ? await this.figures?.read() : undefined;
    for (const product of products) {
      product.level = levelOf(product);
      product.sent = product.level - (held?.get(product.id)?.held ?? 0);
    }
    const items = products.map(({ code, sent }) => ({ code, quantity: sent }));
    const answer = await push(this.connected.pushUrl, this.connected.token, { items });
    if (answer.status !== 202) throw new Error(`A push was answered ${answer.status}`);
  }

  private check(): Promise<void> {
    return this.gate.whileEmpty(async () => {
      await this.settled();
      const wrong = await this.wrong();
      const since = performance.now();
      const isRight = async () => (await this.wrong()).length === 0;
      const repaired = this.options.knownBy === 'acknowledged' && wrong.length > 0;
      const right = repaired && (await eventually(isRight, RIGHT_WITHIN_MS, 50).catch(() => false));
      const rightAfterMs = wrong.length === 0 ? 0 : right ? performance.now() - since : null;
      this.checks.push({ orders: this.counts.bought, wrong, rightAfterMs });
    });
  }

  /** By the shop's tables where they can be read, else by what it answers and what the shoppers got. */
  private async wrong(): Promise<Check['wrong']> {
    const figures = await this.figures?.read();
    const byRest = figures ? null : await rushShop.stockByRest(this.products);
    return this.products.flatMap(({ code, id, level, sold }) => {
      const figure = figures?.get(id);
      const units = figure ? deviationOf(figure) : (byRest?.get(code) ?? Number.NaN) - (level - sold);
      return units === 0 ? [] : [{ code, units }];
    });
  }

  /** The service says that every product shows what it has to. */
  private settled(): Promise<unknown> {
    return eventually(
      async () => {
        const query = `connectionId=${this.connected.connectionId}&limit=200&counts=no`;
        const items = pickList(await this.running.api.expect(200, 'GET', `/items?${query}`), 'data');
        const byCode = new Map(items.map((item) => [pick(item, 'code'), item]));
        return this.products.every(({ code, sent }) => isSettled(byCode.get(code), sent));
      },
      SETTLED_WITHIN_MS,
      100,
    );
  }

  private async deedsOf({ product, from, to }: Deviation): Promise<string> {
    const code = this.products.find(({ id }) => id === product)?.code;
    const items = pickList(await this.running.api.expect(200, 'GET', `/items?q=${code}&limit=200`), 'data');
    const id = items.filter((item) => pick(item, 'code') === code).map((item) => pickNumber(item, 'id'))[0];
    const entries = pickList(await this.running.api.expect(200, 'GET', `/items/${id}/timeline?limit=200`), 'data');
    return entries
      .map((entry) => ({ at: Date.parse(pickText(entry, 'at')) - from, entry }))
      .filter(({ at }) => at > -1_500 && at < (to ?? Date.now()) - from + 500)
      .map(({ at, entry }) => {
        const [step, outcome, ...numbers] = ['step', 'outcome', 'before', 'after', 'wanted'].map((key) =>
          pick(entry, key),
        );
        return `${at} ms: ${step} ${outcome} ${numbers.join(' ')}`;
      })
      .reverse()
      .join(', ');
  }

  private async callsToShop(): Promise<number> {
    const text = await (await fetch(`${this.running.url}/metrics`)).text();
    const host = new URL(shopUrl).host;
    return text
      .split('\n')
      .filter((line) => line.startsWith('stock_relay_outbound_call_seconds_count') && line.includes(`host="${host}"`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** A write that started from an old number leaves a history whose steps do not lead to what is shown. */
  private async historyGaps(begin: ReadonlyMap<number, Figure> | undefined): Promise<RushEnd['historyGaps']> {
    if (!this.figures || !this.options.withPlugin) return [];
    const changes = await this.figures.changes();
    await this.figures.forgetChanges();
    const shown = await this.figures.read();
    return this.products.flatMap(({ code, id }) => {
      const steps = changes.filter(({ product }) => product === id).map(({ before, after }) => after - before);
      const led = steps.reduce((sum, step) => sum + step, begin?.get(id)?.stock ?? 0);
      const units = (shown.get(id)?.stock ?? 0) - led;
      return units === 0 ? [] : [{ code, units }];
    });
  }
}

const idsIn = (products: readonly RushProduct[]): number[] => products.map(({ id }) => id);

const idsOf = (lines: readonly CartLine[]): number[] => lines.map(({ product }) => product);

function isSettled(item: unknown, sent: number): boolean {
  if (item === undefined || pick(item, 'status') !== 'synced' || pick(item, 'verified') !== true) return false;
  return pick(item, 'dueAt') === null && pickText(pickList(item, 'steps')[0], 'value') === String(sent);
}
