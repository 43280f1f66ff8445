import { setTimeout as wait } from 'node:timers/promises';
import type { Figure, ShopFigures } from './shop-figures';
import type { UnderWay } from './under-way';

/** Levels are whole multiples of this, so that stock and orders together tell by how much the stock is wrong. */
export const LEVEL_STEP = 1_000;
const EVERY_MS = 50;

/** By how much the shop shows too much (a sale was written over) or, below 0, too little. */
export function deviationOf({ stock, held }: Figure): number {
  const rest = (((stock + held) % LEVEL_STEP) + LEVEL_STEP) % LEVEL_STEP;
  return rest > LEVEL_STEP / 2 ? rest - LEVEL_STEP : rest;
}

/** A time during which a product showed a wrong number. */
export interface Deviation {
  readonly product: number;
  readonly units: number;
  readonly from: number;
  /** null = it never was right again. */
  readonly to: number | null;
}

/** Orders that are being placed or cancelled: their stock and their lines are not written in the same moment. */
export interface OrdersUnderWay {
  readonly selling: UnderWay;
  readonly givingBack: UnderWay;
}

interface Open {
  readonly from: number;
  units: number;
  /** No order under way explains it. */
  proven: boolean;
  /** Since when it looks right again, which an order under way may feign too. */
  rightSince: number | null;
}

interface Explained {
  readonly selling: ReadonlySet<number>;
  readonly givingBack: ReadonlySet<number>;
}

/** Looks at the shop's tables all the time, and keeps when which product was wrong, by how much and for how long. */
export class DeviationWatch {
  readonly deviations: Deviation[] = [];
  /** Every number a product showed, with the moment: what tells afterwards how it came about. */
  private readonly trail = new Map<number, { readonly at: number; readonly figure: Figure }[]>();
  private readonly open = new Map<number, Open>();
  private readonly stopped = new AbortController();
  private running: Promise<void> | null = null;
  looks = 0;

  constructor(
    private readonly figures: ShopFigures,
    private readonly products: readonly number[],
    private readonly underWay: OrdersUnderWay,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
    for (const [product, { from, units, proven }] of this.open) {
      if (proven) this.deviations.push({ product, units, from, to: null });
    }
  }

  /** What the product showed around a deviation. */
  story({ product, from, to }: Deviation): string {
    const until = (to ?? Date.now()) + 500;
    return (this.trail.get(product) ?? [])
      .filter(({ at }) => at > from - 1_500 && at < until)
      .map(({ at, figure }) => `${at - from} ms: ${figure.stock} + ${figure.held} (${deviationOf(figure)})`)
      .join(', ');
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const explained = this.explained();
      const at = Date.now();
      const figures = await this.figures.read();
      this.looks++;
      for (const [product, figure] of figures) this.note(product, figure, at, explained);
      await wait(EVERY_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  /** Which products an order is under way for now. */
  private explained(): Explained {
    const { selling, givingBack } = this.underWay;
    return {
      selling: new Set(this.products.filter((product) => selling.has(product))),
      givingBack: new Set(this.products.filter((product) => givingBack.has(product))),
    };
  }

  private note(product: number, figure: Figure, at: number, explained: Explained): void {
    this.remember(product, figure, at);
    const units = deviationOf(figure);
    const known = this.open.get(product);
    const isBusy = (excuse: keyof OrdersUnderWay) =>
      explained[excuse].has(product) || this.underWay[excuse].has(product);
    if (known && units === 0) {
      known.rightSince ??= at;
      if (isBusy('selling') || isBusy('givingBack')) return;
    }
    if (known && Math.sign(known.units) !== Math.sign(units)) {
      this.open.delete(product);
      const to = known.rightSince ?? at;
      if (known.proven) this.deviations.push({ product, units: known.units, from: known.from, to });
    }
    if (units === 0) return;
    const now = this.open.get(product) ?? { from: at, units, proven: false, rightSince: null };
    now.rightSince = null;
    if (Math.abs(units) > Math.abs(now.units)) now.units = units;
    if (!isBusy(units > 0 ? 'givingBack' : 'selling')) now.proven = true;
    this.open.set(product, now);
  }

  private remember(product: number, figure: Figure, at: number): void {
    const trail = this.trail.get(product) ?? [];
    const last = trail.at(-1)?.figure;
    if (last?.stock !== figure.stock || last.held !== figure.held) trail.push({ at, figure });
    this.trail.set(product, trail);
  }
}
