import type { ProductSeed } from '../support/simulated-woocommerce';

/** What a product of the source is to the shop. Those of the second half can never be synced, each for its reason. */
export type GoodKind =
  | 'simple'
  | 'variation'
  | 'two-warehouses'
  | 'by-barcode'
  | 'by-name'
  | 'decimal'
  | 'unmanaged'
  | 'parent-managed'
  | 'unknown'
  | 'duplicate';

export interface Good {
  readonly kind: GoodKind;
  /** How the source calls it; also what its item is found by. */
  readonly identity: Readonly<Partial<Record<'code' | 'barcode' | 'name', string>>>;
  /** How the shop calls it; null when it does not have it. */
  readonly sku: string | null;
}

/** Where a product that cannot be synced must end up. */
export const LISTED_ERRORS: Readonly<Partial<Record<GoodKind, { readonly status: string; readonly code: string }>>> = {
  unmanaged: { status: 'failed', code: 'stock_not_managed' },
  'parent-managed': { status: 'failed', code: 'stock_managed_by_parent' },
  unknown: { status: 'unmatched', code: 'product_unmatched' },
  duplicate: { status: 'ambiguous', code: 'product_ambiguous' },
};

export const isHealthy = (good: Good): boolean => LISTED_ERRORS[good.kind] === undefined;

export const labelOf = ({ identity }: Good): string => identity.code ?? identity.barcode ?? identity.name ?? '';

const times = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** A few hundred products of every kind, and the shop they belong to; `scale` 1 is the full size. */
export function makeGoods(scale: number): { readonly goods: readonly Good[]; readonly seeds: readonly ProductSeed[] } {
  const goods: Good[] = [];
  const seeds: ProductSeed[] = [];
  const count = (full: number): number => Math.max(2, Math.round(full * scale));
  const ofCode = (kind: GoodKind, code: string, seed: ProductSeed | null): void => {
    goods.push({ kind, identity: { code }, sku: seed === null ? null : code });
    if (seed !== null) seeds.push({ sku: code, name: `Product ${code}`, ...seed });
  };

  times(count(140), (n) => ofCode('simple', `SIM-${n}`, { stock: 0 }));
  times(count(15), (n) => ofCode('two-warehouses', `TWO-${n}`, { stock: 3 }));
  times(count(10), (n) => ofCode('decimal', `DEC-${n}`, { stock: 1 }));
  times(count(8), (n) => ofCode('unmanaged', `UNM-${n}`, { manageStock: false }));
  times(count(8), (n) => ofCode('unknown', `UNK-${n}`, null));
  times(count(6), (n) => {
    ofCode('duplicate', `DUP-${n}`, { stock: 7 });
    seeds.push({ sku: `DUP-${n}`, name: `Twin ${n}`, stock: 7 });
  });
  times(count(6), (parent) => {
    const codes = times(10, (n) => `VAR-${parent}-${n}`);
    for (const code of codes) goods.push({ kind: 'variation', identity: { code }, sku: code });
    seeds.push({
      sku: `PAR-${parent}`,
      name: `Shirt ${parent}`,
      type: 'variable',
      variations: codes.map((sku, n) => ({ option: `Size ${n}`, sku, stock: 0 })),
    });
  });
  const managed = times(count(6), (n) => `OWN-${n}`);
  for (const code of managed) goods.push({ kind: 'parent-managed', identity: { code }, sku: code });
  seeds.push({
    sku: 'OWNER',
    name: 'Owner of the stock',
    type: 'variable',
    stock: 5,
    variations: managed.map((sku, n) => ({ option: `Size ${n}`, sku, manageStock: false })),
  });
  times(count(10), (n) => {
    const barcode = String(5_941_000_000_000 + n);
    goods.push({ kind: 'by-barcode', identity: { barcode }, sku: `BAR-${n}` });
    seeds.push({ sku: `BAR-${n}`, name: `Barcode ${n}`, gtin: barcode, stock: 0 });
  });
  times(count(5), (n) => {
    goods.push({ kind: 'by-name', identity: { name: `Cană ceramică ${n} ș` }, sku: `NAM-${n}` });
    seeds.push({ sku: `NAM-${n}`, name: `Cană ceramică ${n} ș`, stock: 0 });
  });
  return { goods, seeds };
}
