import type { LevelsPage, StockSource } from '../../server/domain/ports/stock-source';
import { quantity } from '../../server/domain/quantity';
import { genericKind } from './generic-kind';
import { stockChange } from './builders';

/** A source whose levels can be asked for, in pages of any size. */
export class AskedSource {
  levels = new Map<string, number>();
  pageSize = 15;
  /** Thrown by the next call. */
  trouble: Error | null = null;
  calls = 0;

  readonly kind: StockSource = {
    ...genericKind(),
    pull: {
      leastMsBetween: 5 * 60_000,
      page: (_settings, { cursor }) => {
        this.calls++;
        const { trouble } = this;
        this.trouble = null;
        return trouble ? Promise.reject(trouble) : Promise.resolve(this.page(Number(cursor ?? 0)));
      },
    },
  };

  private page(from: number): LevelsPage {
    const all = [...this.levels];
    const some = all.slice(from, from + this.pageSize);
    const next = from + some.length < all.length ? String(from + some.length) : null;
    return {
      lines: some.map(([code, level], position) => ({
        change: stockChange({ index: from + position, code, quantity: quantity(String(level)) }),
      })),
      next,
      total: all.length,
    };
  }
}
