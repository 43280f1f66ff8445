import { failure, FailureError } from '../../server/domain/failure';
import type { CatalogProduct, CataloguePage, ShopCatalogue } from '../../server/domain/ports/shop-catalogue';
import type { ShopAccess } from '../../server/domain/ports/shop-target';
import { ref, shopProduct } from './builders';

/** A product as the mirror keeps it: published, simple, keeping its own stock. */
export const catalogProduct = (id: number, changes: Partial<CatalogProduct> = {}): CatalogProduct => ({
  ...shopProduct(id),
  categories: [],
  modifiedAt: null,
  ...changes,
});

/** A variation as the list of variations shows it: under its own part of the name. */
export const catalogVariation = (
  parentId: number,
  id: number,
  own: string,
  changes: Partial<CatalogProduct> = {},
): CatalogProduct => catalogProduct(id, { ref: ref(parentId, id), type: 'variation', name: own, ...changes });

const idOf = ({ ref: { productId, variationId } }: CatalogProduct): number => variationId ?? productId;
const LONG_AFTER_ANY_ID = 1_000_000_000;
/** Products first, by id, and variations behind them: as a shop lists them. */
const placeOf = (product: CatalogProduct): number =>
  idOf(product) + (product.ref.variationId === null ? 0 : LONG_AFTER_ANY_ID);

/** A shop's catalogue in memory, read page by page; its hooks let a test break things and look on. */
export class ScriptedCatalogue implements ShopCatalogue {
  readonly calls: string[] = [];
  products: readonly CatalogProduct[] = [];
  /** The shop's own clock; null = it does not say. */
  shopTime: () => number | null = () => null;
  /** Awaited before a page is read; throws what a failing call throws. */
  beforeCall: (call: string) => Promise<void> | void = () => undefined;

  constructor(private readonly pageSize: number) {}

  list(access: ShopAccess, cursor: string | null, signal: AbortSignal): Promise<CataloguePage> {
    return this.page('full', this.products, cursor, signal);
  }

  listChanged(access: ShopAccess, since: number, cursor: string | null, signal: AbortSignal): Promise<CataloguePage> {
    const changed = this.products.filter(({ modifiedAt }) => modifiedAt !== null && modifiedAt >= since);
    return this.page(`since ${since}`, changed, cursor, signal);
  }

  private async page(
    walk: string,
    listed: readonly CatalogProduct[],
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<CataloguePage> {
    const call = `${walk} from ${cursor ?? 'the begin'}`;
    this.calls.push(call);
    await this.beforeCall(call);
    if (signal.aborted) throw new FailureError(failure('shop_answer_lost', { reason: 'cut off' }));
    const all = [...listed].sort((a, b) => placeOf(a) - placeOf(b));
    const rest = all.filter((product) => placeOf(product) > Number(cursor ?? 0));
    const products = rest.slice(0, this.pageSize);
    const last = products.at(-1);
    const isEnd = last === undefined || rest.length <= this.pageSize;
    const done = all.length - rest.length + products.length;
    return {
      products,
      next: isEnd ? null : String(placeOf(last)),
      done,
      total: all.length,
      shopTime: this.shopTime(),
    };
  }
}
