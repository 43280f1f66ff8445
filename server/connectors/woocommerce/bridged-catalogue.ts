import { z } from 'zod';
import { FailureError } from '../../domain/failure';
import type { CataloguePage, CatalogProduct, ShopCatalogue } from '../../domain/ports/shop-catalogue';
import type { BridgeGuard } from '../../domain/ports/shop-bridge';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { type BridgeApi, createBridgeApi } from './bridge-api';
import { parentId, productId } from './bridge-shapes';
import { catalogProduct, catalogVariation } from './catalog-product';
import type { WooApiOptions } from './woo-api';

/** A page is kept in one transaction, and nobody must wait for long behind it. */
const ENTRIES_PER_CALL = 2_000;

const counter = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,20}$/));

const entry = z.object({
  id: productId,
  parentId: parentId.default(0),
  type: z.string(),
  sku: z.string().nullish(),
  gtin: z.string().nullish(),
  name: z.string(),
  attributes: z.string().nullish(),
  status: z.string(),
  manages: z.enum(['yes', 'no', 'parent']),
  quantity: z.union([z.string(), z.number()]).nullable(),
  stockStatus: z.string(),
  backorders: z.string(),
  modified: z.iso.datetime({ offset: true }),
  categories: z.array(z.object({ id: productId, name: z.string().optional() })).optional(),
  translations: z.array(z.union([z.number(), z.string()])).optional(),
});

const listing = z.object({
  counter,
  entries: z.array(entry).max(5_000),
  deleted: z.array(productId).default([]),
  next: productId.nullable(),
});

/** Where a walk through the plugin goes on; `counter` is what the shop had counted when it began. */
const walk = z.object({
  bridge: z.literal(1),
  since: counter.nullable(),
  after: parentId,
  counter: counter.nullable(),
  done: parentId,
});

type Walk = z.infer<typeof walk>;

const begin = (since: string | null): Walk => ({ bridge: 1, since, after: 0, counter: null, done: 0 });

function walkIn(cursor: string): Walk | null {
  try {
    return walk.parse(JSON.parse(cursor));
  } catch {
    return null;
  }
}

/** The same as the shop's own API would show it. */
function productOf(given: z.infer<typeof entry>): CatalogProduct {
  const isVariation = given.type === 'variation';
  const row = {
    id: given.id,
    parent_id: given.parentId,
    type: given.type,
    status: given.status,
    name: isVariation ? (given.attributes ?? given.name) : given.name,
    sku: given.sku ?? '',
    global_unique_id: given.gtin ?? null,
    manage_stock: given.manages === 'parent' ? ('parent' as const) : given.manages === 'yes',
    stock_quantity: given.quantity,
    stock_status: given.stockStatus,
    backorders: given.backorders,
    translations: given.translations ? Object.fromEntries(given.translations.entries()) : undefined,
    categories: given.categories ?? [],
    date_modified_gmt: new Date(given.modified).toISOString().slice(0, 19),
  };
  return isVariation && given.parentId > 0 ? catalogVariation(row, given.parentId) : catalogProduct(row);
}

/** A plugin that does not tell a product's categories tells too little: what is kept back depends on them. */
const tellsEnough = (entries: readonly z.infer<typeof entry>[]): boolean =>
  entries.every(({ type, categories }) => type === 'variation' || categories !== undefined);

/** The catalogue through the shop's plugin where that is at hand; a walk it leaves in the middle begins anew without it. */
export function createBridgedCatalogue(
  plain: ShopCatalogue,
  options: WooApiOptions,
  guard: BridgeGuard,
): ShopCatalogue {
  const api = createBridgeApi(options);

  /** Null where it is not to be had this way. */
  async function page(access: ShopAccess, at: Walk, signal: AbortSignal): Promise<CataloguePage | null> {
    const pairing = await guard.atHand(access.shopId);
    if (pairing?.pairingId == null) return null;
    try {
      return await readPage(api, guard, access, pairing.pairingId, at, signal);
    } catch (thrown) {
      if (!(thrown instanceof FailureError) || signal.aborted) throw thrown;
      return null;
    }
  }

  return {
    async list(access, cursor, signal) {
      const at = cursor === null ? begin(null) : walkIn(cursor);
      if (at === null) return plain.list(access, cursor, signal);
      return (await page(access, at, signal)) ?? plain.list(access, null, signal);
    },
    async listChanged(access, since, cursor, signal, mark = null) {
      const at = cursor === null ? await marked(guard, access.shopId, mark) : walkIn(cursor);
      const bridged = at && (await page(access, at, signal));
      if (bridged) return bridged;
      const ofAnother = at === null ? cursor : null;
      return plain.listChanged(access, since, ofAnother, signal);
    },
  };
}

/** What a shop has counted is told from another's, and from its own before it was paired anew, by the pairing's name. */
async function marked(guard: BridgeGuard, shopId: number, mark: string | null): Promise<Walk | null> {
  const [pairingId, since] = mark?.split(':') ?? [];
  if (since === undefined || (await guard.atHand(shopId))?.pairingId !== pairingId) return null;
  return begin(since);
}

async function readPage(
  api: BridgeApi,
  guard: BridgeGuard,
  access: ShopAccess,
  pairingId: string,
  at: Walk,
  signal: AbortSignal,
): Promise<CataloguePage | null> {
  const query = {
    after: String(at.after),
    limit: String(ENTRIES_PER_CALL),
    ...(at.since === null ? {} : { since: at.since }),
  };
  const { data, shopTime } = await guard.cross(access, signal, (link) =>
    api.call({ access, link, method: 'GET', route: '/catalogue', query, shape: listing, signal }),
  );
  if (!tellsEnough(data.entries)) return null;
  const done = at.done + data.entries.length;
  // What changes while the walk is under way is counted beyond this, and is met by the next.
  const counted = at.counter ?? data.counter;
  const next: Walk | null = data.next === null ? null : { ...at, after: data.next, counter: counted, done };
  return {
    products: data.entries.map(productOf),
    next: next && JSON.stringify(next),
    done,
    total: next === null ? done : null,
    shopTime,
    mark: `${pairingId}:${counted}`,
    removed: data.deleted,
  };
}
