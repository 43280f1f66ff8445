import { refKey } from '../domain/batch-plan';
import { failure } from '../domain/failure';
import { type MatchVerdict, referenceOf } from '../domain/matching';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { ShopAccess, ShopProduct, ShopTarget } from '../domain/ports/shop-target';
import type { SkuMappingStore } from '../domain/ports/sku-mappings';
import type { NumberFacts, SyncItemStore } from '../domain/ports/sync-items';
import { matchProducts, verdictFailure } from './match-products';
import type { OwnStore } from './own-store';
import { type Journal, labelOf, type Parcel, wantedOf } from './parcel';
import { catalogueFinder, type ProductFinder, shopFinder, thriftyFinder } from './product-finder';
import type { RefreshCatalogue } from './refresh-catalogue';

/** What is matched by name or barcode is matched against a mirror brought up to date within this time. */
const MIRROR_FRESH_MS = 60_000;

export interface MatchParcelsPorts {
  readonly target: ShopTarget;
  readonly items: Pick<SyncItemStore, 'linkedTo'>;
  readonly mappings: Pick<SkuMappingStore, 'find'>;
  readonly catalog: Pick<CatalogStore, 'find' | 'findByCodes' | 'findByBarcodes' | 'findByNames'>;
  readonly refresh: Pick<RefreshCatalogue, 'freshen'>;
  readonly clock: Clock;
}

/** Finds the one product of the shop that each parcel is for, in one delivery. */
export class MatchParcels {
  private readonly shop: ProductFinder;
  private readonly thrifty: ReturnType<typeof thriftyFinder>;

  constructor(
    private readonly ports: MatchParcelsPorts,
    private readonly access: ShopAccess,
    private readonly journal: Journal,
    private readonly own: OwnStore,
    signal: AbortSignal,
  ) {
    const { target, catalog, refresh } = ports;
    this.shop = shopFinder(target, access, signal);
    this.thrifty = thriftyFinder(this.shop, this.ourOwn(catalogueFinder(catalog, access.shopId)), () =>
      own.askAmong(() => refresh.freshen(access, MIRROR_FRESH_MS, signal)),
    );
  }

  /** In the mirror of the catalogue where that is up to date, else in the shop. */
  match(parcels: readonly Parcel[]): Promise<void> {
    return this.matchBy(this.thrifty, parcels);
  }

  /** In the shop itself: the mirror has just proven to be behind. */
  matchInShop(parcels: readonly Parcel[]): Promise<void> {
    return this.matchBy(this.shop, parcels);
  }

  private async matchBy(finder: ProductFinder, parcels: readonly Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    await this.readMappings(parcels);
    const verdicts = await matchProducts(finder, parcels);
    const takenBy = await this.takenBy(parcels, verdicts);
    const factsOf = await this.productFacts(parcels, verdicts);
    for (const parcel of parcels) {
      const verdict = verdicts.get(parcel);
      if (verdict?.found !== 'one') {
        this.journal.conclude(parcel, 'match', verdict?.found ?? 'none', {
          kind: 'failed',
          failure: verdictFailure(parcel, verdict ?? { found: 'none', tried: [] }),
          shown: null,
        });
        continue;
      }
      const { product, by, twins } = verdict;
      const other = takenBy(parcel, [product, ...twins]);
      if (other !== null) {
        const productId = product.ref.variationId ?? product.ref.productId;
        const what = failure('product_taken', { productId, other });
        this.journal.conclude(parcel, 'match', 'taken', { kind: 'failed', failure: what, shown: null });
        continue;
      }
      const isMirrored = this.thrifty.mirrored.has(product);
      parcel.link = {
        ref: product.ref,
        foundBy: by,
        sku: product.sku,
        name: product.name,
        provenAt: isMirrored ? 0 : this.ports.clock.now(),
        twins: twins.map(({ ref }) => ref),
      };
      parcel.linkChanged = true;
      parcel.facts = factsOf(product);
      parcel.wanted = wantedOf(parcel) ?? parcel.wanted;
      // What the mirror shows may be old: the shop is looked at before anything is written.
      parcel.seen = isMirrored ? null : product;
      this.journal.note(parcel, 'match', 'one', {
        after: isMirrored ? null : product.quantity,
        params: {
          by,
          productId: product.ref.variationId ?? product.ref.productId,
          sku: product.sku,
          name: product.name,
        },
      });
    }
  }

  private async readMappings(parcels: readonly Parcel[]): Promise<void> {
    const byConnection = new Map<number, Parcel[]>();
    for (const parcel of parcels) {
      const group = byConnection.get(parcel.connection.id);
      if (group) group.push(parcel);
      else byConnection.set(parcel.connection.id, [parcel]);
    }
    for (const [connectionId, group] of byConnection) {
      const references = group.flatMap(({ subject }) => referenceOf(subject) ?? []);
      const skus = await this.own.ask(() => this.ports.mappings.find(connectionId, references));
      for (const parcel of group) {
        parcel.mappedSku = skus.get(referenceOf(parcel.subject) ?? '') ?? null;
      }
    }
  }

  /**
   * Two source products on one shop product would overwrite each other for ever: the first keeps it. Counts those of
   * this delivery as well as those already linked.
   */
  private async takenBy(
    parcels: readonly Parcel[],
    verdicts: ReadonlyMap<Parcel, MatchVerdict>,
  ): Promise<(parcel: Parcel, products: readonly ShopProduct[]) => string | null> {
    const refs = parcels.flatMap((parcel) => {
      const verdict = verdicts.get(parcel);
      return verdict?.found === 'one' ? [verdict.product, ...verdict.twins].map(({ ref }) => ref) : [];
    });
    const owners = new Map<string, { readonly itemId: number; readonly label: string }>();
    // Those matched here have let go of what they had: two products may just have swapped their SKUs.
    const lettingGo = new Set(parcels.map((parcel) => parcel.item.id));
    const linked = await this.own.ask(() => this.ports.items.linkedTo(this.access.shopId, refs));
    for (const { ref, itemId, label } of linked) {
      if (!lettingGo.has(itemId)) owners.set(refKey(ref), { itemId, label });
    }
    return (parcel, products) => {
      for (const { ref } of products) {
        const owner = owners.get(refKey(ref));
        if (owner && owner.itemId !== parcel.item.id) return owner.label;
      }
      for (const { ref } of products) owners.set(refKey(ref), { itemId: parcel.item.id, label: labelOf(parcel) });
      return null;
    };
  }

  /**
   * Some rules depend on the product: the first number written to it must keep to them, too. Categories are those the
   * mirror knows, and a variation's are its parent's.
   */
  private async productFacts(
    parcels: readonly Parcel[],
    verdicts: ReadonlyMap<Parcel, MatchVerdict>,
  ): Promise<(product: ShopProduct) => Pick<NumberFacts, 'backorders' | 'categoryIds'>> {
    const ids = parcels.flatMap((parcel) => {
      const verdict = verdicts.get(parcel);
      const depends = verdict?.found === 'one' && parcel.connection.categoryBuffers.length > 0;
      return depends ? [verdict.product.ref.productId] : [];
    });
    const refs = [...new Set(ids)].map((productId) => ({ productId, variationId: null }));
    const entries =
      refs.length === 0 ? [] : await this.own.ask(() => this.ports.catalog.find(this.access.shopId, refs));
    const categories = new Map(
      entries.map(({ product }) => [product.ref.productId, product.categories.map(({ id }) => id)]),
    );
    return ({ ref, backorders }) => ({ backorders, categoryIds: categories.get(ref.productId) ?? [] });
  }

  private ourOwn(finder: ProductFinder): ProductFinder {
    return {
      byCodes: (codes) => this.own.ask(() => finder.byCodes(codes)),
      byBarcodes: (barcodes) => this.own.ask(() => finder.byBarcodes(barcodes)),
      byNames: (names) => this.own.ask(() => finder.byNames(names)),
    };
  }
}
