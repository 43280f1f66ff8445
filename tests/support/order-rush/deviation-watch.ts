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
}

/** How long a product has looked as it does, right or wrong. */
interface Look {
  readonly isRight: boolean;
  readonly since: number;
}

type Explained = Readonly<Record<keyof OrdersUnderWay, ReadonlySet<number>>>;

/** Looks at the shop's tables all the time, and keeps when which product was wrong, by how much and for how long. */
export class DeviationWatch {
  readonly deviations: Deviation[] = [];
  /** Every number a product showed, with the moment: what tells afterwards how it came about. */
  private readonly trail = new Map<number, { readonly at: number; readonly figure: Figure }[]>();
  private readonly open = new Map<number, Open>();
  private readonly last = new Map<number, Look>();
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
    for (const [product, { from, units }] of this.open) this.deviations.push({ product, units, from, to: null });
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

  /** Products that an order is under way for now. */
  private explained(): Explained {
    const those = (underWay: UnderWay) => new Set(this.products.filter((product) => underWay.has(product)));
    return { selling: those(this.underWay.selling), givingBack: those(this.underWay.givingBack) };
  }

  /**
   * An order that is being placed makes its product show too little for a moment, one that is being cancelled too much:
   * the other way round it is wrong. That it is right again is proven only with none under way.
   */
  private note(product: number, figure: Figure, at: number, explained: Explained): void {
    this.remember(product, figure, at);
    const units = deviationOf(figure);
    const isRight = units === 0;
    const before = this.last.get(product);
    const { since } = before?.isRight === isRight ? before : { since: at };
    this.last.set(product, { isRight, since });
    const isBusy = (kind: keyof OrdersUnderWay) => explained[kind].has(product) || this.underWay[kind].has(product);
    if (isBusy(units > 0 ? 'givingBack' : 'selling') || (isRight && isBusy('givingBack'))) return;
    const known = this.open.get(product);
    if (isRight) {
      this.open.delete(product);
      if (known) this.deviations.push({ product, ...known, to: since });
    } else if (known) {
      if (Math.abs(units) > Math.abs(known.units)) known.units = units;
    } else this.open.set(product, { from: since, units });
  }

  private remember(product: number, figure: Figure, at: number): void {
    const trail = this.trail.get(product) ?? [];
    const last = trail.at(-1)?.figure;
    if (last?.stock !== figure.stock || last.held !== figure.held) trail.push({ at, figure });
    this.trail.set(product, trail);
  }
}
