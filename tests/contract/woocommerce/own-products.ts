import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import type { ShopProductRef } from '../../../server/domain/ports/shop-target';
import type { ShopUnderTest } from './shop-under-test';

const created = z.object({
  create: z.array(z.object({ id: z.number(), error: z.unknown().optional() })),
});

/** The products one run of the suite works on: made over REST under a prefix of their own, deleted for good at the end. */
export interface OwnProducts {
  readonly prefix: string;
  readonly gtin: string;
  readonly ids: Readonly<Record<ProductName, number>>;
  /** The ref of a product or of a variation. */
  ref(name: ProductName, variation?: VariationName): ShopProductRef;
  sku(name: string): string;
  remove(): Promise<void>;
}

const PRODUCTS = [
  'A',
  'B',
  'UNMANAGED',
  'DRAFT',
  'PRIVATE',
  'COMMA',
  'MARK',
  'AMP',
  'EXTERNAL',
  'TRASHED',
  'GONE',
] as const;
const PARENTS = ['OWN', 'SHARED'] as const;
type ProductName = (typeof PRODUCTS)[number] | (typeof PARENTS)[number];
const VARIATIONS = ['S', 'M', 'L'] as const;
type VariationName = (typeof VARIATIONS)[number];

export async function createOwnProducts(shop: ShopUnderTest): Promise<OwnProducts> {
  const prefix = `SR${randomBytes(4).toString('hex').toUpperCase()}`;
  const gtin = `590${String(randomInt(10 ** 9)).padStart(10, '0')}`;
  const sku = (name: string): string => {
    if (name === 'COMMA') return `${prefix},1`;
    return name === 'MARK' ? `${prefix}-ȘTR` : `${prefix}-${name}`;
  };
  const seeds: Readonly<Record<(typeof PRODUCTS)[number], Record<string, unknown>>> = {
    A: { stock_quantity: 10, global_unique_id: gtin },
    B: { stock_quantity: 5 },
    UNMANAGED: { manage_stock: false },
    DRAFT: { stock_quantity: 7, status: 'draft' },
    PRIVATE: { stock_quantity: 8, status: 'private' },
    COMMA: { stock_quantity: 2 },
    MARK: { stock_quantity: 3 },
    AMP: { stock_quantity: 4, name: `${prefix} Sare & piper „fină”` },
    EXTERNAL: { type: 'external', manage_stock: false },
    TRASHED: { stock_quantity: 1 },
    GONE: { stock_quantity: 1 },
  };
  const post = async (route: string, body: unknown): Promise<number[]> => {
    const answer = await shop.raw('POST', route, { body });
    const items = created.parse(answer.json).create;
    const failed = items.find((item) => item.error !== undefined);
    if (failed !== undefined) throw new Error(`The shop did not create a product: ${JSON.stringify(failed.error)}`);
    return items.map((item) => item.id);
  };
  const products = PRODUCTS.map((name) => ({
    name: `${prefix} produs ${name}`,
    sku: sku(name),
    manage_stock: true,
    regular_price: '9.99',
    ...seeds[name],
  }));
  const parents = PARENTS.map((name) => ({
    name: `${prefix} haină ${name}`,
    type: 'variable',
    sku: sku(name),
    attributes: [{ name: 'Mărime', options: [...VARIATIONS], variation: true, visible: true }],
    ...(name === 'SHARED' ? { manage_stock: true, stock_quantity: 50 } : {}),
  }));
  const all = await post('/products/batch', { create: [...products, ...parents] });
  const ids: Record<string, number> = {};
  for (const [index, name] of [...PRODUCTS, ...PARENTS].entries()) ids[name] = all[index] ?? 0;

  const variations: Record<string, number> = {};
  for (const parent of PARENTS) {
    const made = await post(`/products/${ids[parent]}/variations/batch`, {
      create: VARIATIONS.map((option) => ({
        sku: sku(`${parent}-${option}`),
        regular_price: '9.99',
        attributes: [{ name: 'Mărime', option }],
        ...(parent === 'OWN' && option !== 'L' ? { manage_stock: true, stock_quantity: 4 } : {}),
      })),
    });
    for (const [index, option] of VARIATIONS.entries()) variations[`${parent}-${option}`] = made[index] ?? 0;
  }
  await shop.raw('POST', `/products/${ids['TRASHED']}`, { query: { _method: 'DELETE' } });
  await shop.raw('POST', '/products/batch', { body: { delete: [ids['GONE']] } });

  const idOf = (name: ProductName): number => ids[name] ?? 0;
  return {
    prefix,
    gtin,
    ids: ids as Record<ProductName, number>,
    sku,
    ref: (name, variation) => ({
      productId: idOf(name),
      variationId: variation === undefined ? null : (variations[`${name}-${variation}`] ?? 0),
    }),
    remove: async () => {
      await shop.raw('POST', '/products/batch', { body: { delete: Object.values(ids) } });
    },
  };
}
