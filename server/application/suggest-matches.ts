import type { Page, PageRequest } from '../domain/page';
import type { CatalogStore } from '../domain/ports/catalog';
import type { CatalogProduct } from '../domain/ports/shop-catalogue';
import type { ConnectionStore } from '../domain/ports/connections';
import type { ItemFilter, SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { rankSuggestions, searchWords, type Suggestion } from '../domain/suggestions';

export interface SuggestMatchesPorts {
  readonly items: Pick<SyncItemStore, 'list' | 'linkedTo'>;
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly catalog: CatalogStore;
}

/** An item that found nothing, or too much, with what it might be. */
export interface DeskItem {
  readonly item: SyncItemView;
  readonly suggestions: readonly (Suggestion & {
    /** What already gets its stock from there; null = nothing does. */
    readonly takenBy: string | null;
  })[];
}

/** Looked at for one item; the rarest words come first. */
const CANDIDATES = 200;

/** The match desk: what a person may link, with reasons. Nothing here links anything. */
export class SuggestMatches {
  constructor(private readonly ports: SuggestMatchesPorts) {}

  async page(filter: ItemFilter, request: PageRequest): Promise<Page<DeskItem>> {
    const page = await this.ports.items.list(filter, request);
    const data: DeskItem[] = [];
    for (const item of page.data) data.push({ item, suggestions: await this.suggestionsFor(item) });
    return { ...page, data };
  }

  private async suggestionsFor(item: SyncItemView): Promise<DeskItem['suggestions']> {
    const { catalog, connections, items } = this.ports;
    const connection = await connections.find(item.connectionId);
    if (!connection) return [];
    const { shopId } = connection;
    const { code, barcode, name } = item.subject;
    // Exact ones first: those of an ambiguous item are among them, whatever their words.
    const exact = [
      ...(code === null ? [] : [catalog.findByCodes(shopId, [code]), catalog.findByBarcodes(shopId, [code])]),
      ...(barcode === null ? [] : [catalog.findByBarcodes(shopId, [barcode])]),
      ...(name === null ? [] : [catalog.findByNames(shopId, [name])]),
    ];
    const candidates = new Map<string, CatalogProduct>();
    const add = (products: Iterable<CatalogProduct>): void => {
      for (const each of products) candidates.set(`${each.ref.productId}/${each.ref.variationId ?? 0}`, each);
    };
    for (const found of await Promise.all(exact)) for (const some of found.values()) add(some);
    add(await catalog.findByWords(shopId, searchWords(name), CANDIDATES));
    const ranked = rankSuggestions(item.subject, [...candidates.values()]);
    const linked = await items.linkedTo(
      shopId,
      ranked.map(({ product }) => product.ref),
    );
    return ranked.map((suggestion) => {
      const { ref } = suggestion.product;
      const owner = linked.find(
        (each) =>
          each.itemId !== item.id && each.ref.productId === ref.productId && each.ref.variationId === ref.variationId,
      );
      return { ...suggestion, takenBy: owner?.label ?? null };
    });
  }
}
