import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import type { HiboutikCalls } from './hiboutik-calls';
import { accountOf } from './hiboutik-settings';

export interface HiboutikProduct {
  readonly id: string;
  readonly name: string;
  /** Sold online, and not laid aside. */
  readonly isOnline: boolean;
}

const KEPT_MS = 15 * 60_000;
const MOST_KEPT = 10_000;

/** What the stock lists do not say of a product. Each look costs calls, so it is taken only where needed. */
export class HiboutikProducts {
  private readonly kept = new Map<string, { readonly product: HiboutikProduct; readonly readAt: number }>();

  constructor(
    private readonly calls: HiboutikCalls,
    private readonly clock: Clock,
  ) {}

  async readAll(settings: SourceSettings, signal: AbortSignal): Promise<ReadonlyMap<string, HiboutikProduct>> {
    const rows = await this.calls.all(settings, '/products/', signal, { forPull: true });
    return new Map(rows.map(productOf).map((product) => [product.id, product]));
  }

  /** null = there is none. */
  async find(settings: SourceSettings, id: string, signal: AbortSignal): Promise<HiboutikProduct | null> {
    const key = `${accountOf(settings)} ${id}`;
    const kept = this.kept.get(key);
    if (kept && this.clock.now() - kept.readAt < KEPT_MS) return kept.product;
    this.kept.delete(key);
    const [row] = (await this.calls.list(settings, `/products/${id}`, 1, signal, { mayBeGone: true })).rows;
    if (row === undefined) return null;
    const product = productOf(row);
    // One that is not online is looked at anew each time: being put online is what its next call may be about.
    if (product.isOnline) this.keep(key, product);
    return product;
  }

  private keep(key: string, product: HiboutikProduct): void {
    const [oldest] = this.kept.keys();
    if (oldest !== undefined && this.kept.size >= MOST_KEPT) this.kept.delete(oldest);
    this.kept.set(key, { product, readAt: this.clock.now() });
  }
}

const productOf = (row: LosslessObject): HiboutikProduct => ({
  id: textOf(row['product_id']),
  name: textOf(row['product_model']),
  isOnline: textOf(row['product_display_www']) !== '0' && textOf(row['product_arch']) !== '1',
});
