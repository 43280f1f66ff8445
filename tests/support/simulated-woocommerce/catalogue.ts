export type SimulatedType = 'simple' | 'variable' | 'variation' | 'grouped' | 'external';
export type Backorders = 'no' | 'notify' | 'yes';

export interface SimulatedCategory {
  readonly id: number;
  readonly name: string;
}

/** What a translation plugin shows: ids as numbers or text by language, or an empty list where there are none. */
export type SimulatedTranslations = Readonly<Record<string, number | string>> | readonly [];

/** What webhooks tell. A product deleted for good without having been in the trash is told by none. */
export type CatalogueEvent = 'created' | 'updated' | 'deleted' | 'restored';

/** Where the shop puts what nobody put anywhere. */
const UNCATEGORIZED: SimulatedCategory = { id: 15, name: 'Uncategorized' };

/** A product or variation as the simulated shop stores it. */
export interface SimulatedProduct {
  readonly id: number;
  readonly parentId: number;
  readonly type: SimulatedType;
  status: string;
  /** As stored; a variation's is "Parent - S". */
  name: string;
  sku: string;
  gtin: string;
  manageStock: boolean;
  stockQuantity: number | null;
  stockStatus: string;
  backorders: Backorders;
  /** Of a product; a variation has none of its own. */
  categories: readonly SimulatedCategory[];
  /** Null without a translation plugin: the field is missing then. */
  translations: SimulatedTranslations | null;
  /** What a variation differs by ("S"); '' for everything else. */
  readonly option: string;
  readonly createdAt: number;
  modifiedAt: number;
  /** Of a variable product. */
  readonly children: number[];
  foldedName: string | null;
}

export interface ProductSeed {
  readonly sku?: string;
  readonly name?: string;
  readonly gtin?: string;
  readonly type?: SimulatedType;
  readonly status?: string;
  /** Given or not decides whether stock is managed; `manageStock` overrules it. */
  readonly stock?: number | null;
  readonly manageStock?: boolean;
  readonly stockStatus?: string;
  readonly backorders?: Backorders;
  readonly categories?: readonly SimulatedCategory[];
  readonly translations?: SimulatedTranslations;
  readonly variations?: readonly VariationSeed[];
}

export interface VariationSeed {
  readonly option: string;
  readonly sku?: string;
  readonly gtin?: string;
  readonly status?: string;
  readonly stock?: number | null;
  readonly manageStock?: boolean;
  readonly backorders?: Backorders;
  readonly translations?: SimulatedTranslations;
}

const MARKS = /\p{M}+/gu;

/** How the shop's database compares text: without case, accents and trailing blanks. */
export const collate = (text: string): string => {
  // Most codes are plain ASCII, and a hundred thousand of them have to be indexed quickly.
  if (/^\p{ASCII}*$/u.test(text)) return text.toLowerCase().trimEnd();
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().trimEnd();
};

/** The products of the simulated shop, with the rules by which WooCommerce keeps their stock. */
export class Catalogue {
  readonly #byId = new Map<number, SimulatedProduct>();
  readonly #bySku = new Map<string, number[]>();
  readonly #byGtin = new Map<string, number[]>();
  readonly #now: () => number;
  #nextId: number;
  #listed: SimulatedProduct[] | null = null;
  #listedVariations: SimulatedProduct[] | null = null;
  readonly #categories = new Map<number, SimulatedCategory>([[UNCATEGORIZED.id, UNCATEGORIZED]]);
  /** Told of what happens to products, once the shop is open. */
  onChange: (event: CatalogueEvent, product: SimulatedProduct) => void = () => undefined;
  /** Told of what is deleted for good, which no webhook tells. */
  onRemoved: (product: SimulatedProduct) => void = () => undefined;
  /** Settings → Products → Inventory → "Enable stock management". */
  manageStockStoreWide = true;

  constructor(now: () => number, firstId = 10) {
    this.#now = now;
    this.#nextId = firstId;
  }

  get size(): number {
    return this.#byId.size;
  }

  add(seed: ProductSeed): SimulatedProduct {
    const type = seed.type ?? (seed.variations === undefined ? 'simple' : 'variable');
    const product = this.#insert(0, type, seed.name ?? `Product ${seed.sku ?? this.#nextId}`, '', seed);
    for (const variation of seed.variations ?? []) this.addVariation(product.id, variation);
    return product;
  }

  addCategory(name: string): SimulatedCategory {
    const category = { id: 100 + this.#categories.size, name };
    this.#categories.set(category.id, category);
    return category;
  }

  category(id: number): SimulatedCategory | undefined {
    return this.#categories.get(id);
  }

  removeCategory(id: number): void {
    this.#categories.delete(id);
  }

  addVariation(parentId: number, seed: VariationSeed): SimulatedProduct {
    const parent = this.#byId.get(parentId);
    if (parent === undefined) throw new Error(`No product ${parentId}`);
    const variation = this.#insert(parentId, 'variation', `${parent.name} - ${seed.option}`, seed.option, seed);
    parent.children.push(variation.id);
    this.#followVariations(parent);
    return variation;
  }

  #insert(
    parentId: number,
    type: SimulatedType,
    name: string,
    option: string,
    seed: Omit<ProductSeed, 'name' | 'type' | 'variations'>,
  ): SimulatedProduct {
    const now = this.#now();
    const stock = seed.stock ?? null;
    const product: SimulatedProduct = {
      id: this.#nextId++,
      parentId,
      type,
      status: seed.status ?? 'publish',
      name,
      sku: seed.sku ?? '',
      gtin: seed.gtin ?? '',
      manageStock: seed.manageStock ?? seed.stock !== undefined,
      stockQuantity: stock,
      stockStatus: seed.stockStatus ?? 'instock',
      backorders: seed.backorders ?? 'no',
      categories: type === 'variation' ? [] : (seed.categories ?? [UNCATEGORIZED]),
      translations: seed.translations ?? null,
      option,
      createdAt: now,
      modifiedAt: now,
      children: [],
      foldedName: null,
    };
    this.#byId.set(product.id, product);
    addTo(this.#bySku, collate(product.sku), product.id);
    addTo(this.#byGtin, product.gtin, product.id);
    if (product.manageStock) this.#followQuantity(product);
    this.#forgetLists();
    this.onChange('created', product);
    return product;
  }

  get(id: number): SimulatedProduct | undefined {
    return this.#byId.get(id);
  }

  /** The one product with this SKU, spelled exactly so; a test that names another has a mistake in it. */
  bySku(sku: string): SimulatedProduct {
    const [product] = this.withSku(sku).filter((each) => each.sku === sku);
    if (product === undefined) throw new Error(`The simulated shop has no product with the SKU ${sku}`);
    return product;
  }

  withSku(sku: string): SimulatedProduct[] {
    return this.#all(this.#bySku.get(collate(sku)));
  }

  withGtin(gtin: string): SimulatedProduct[] {
    return this.#all(this.#byGtin.get(gtin));
  }

  #all(ids: readonly number[] | undefined): SimulatedProduct[] {
    return (ids ?? []).flatMap((id) => this.#byId.get(id) ?? []);
  }

  all(): IterableIterator<SimulatedProduct> {
    return this.#byId.values();
  }

  /** Products without variations and without the trash, oldest first: what an unfiltered list walks through. */
  listed(): readonly SimulatedProduct[] {
    this.#listed ??= [...this.#byId.values()].filter((each) => each.type !== 'variation' && each.status !== 'trash');
    return this.#listed;
  }

  /** Every variation that is not in the trash, oldest first. */
  listedVariations(): readonly SimulatedProduct[] {
    this.#listedVariations ??= [...this.#byId.values()].filter(
      (each) => each.type === 'variation' && each.status !== 'trash',
    );
    return this.#listedVariations;
  }

  #forgetLists(): void {
    this.#listed = null;
    this.#listedVariations = null;
  }

  rename(product: SimulatedProduct, name: string): void {
    product.name = name;
    product.foldedName = null;
  }

  changeSku(product: SimulatedProduct, sku: string): void {
    removeFrom(this.#bySku, collate(product.sku), product.id);
    product.sku = sku;
    addTo(this.#bySku, collate(sku), product.id);
  }

  changeGtin(product: SimulatedProduct, gtin: string): void {
    removeFrom(this.#byGtin, product.gtin, product.id);
    product.gtin = gtin;
    addTo(this.#byGtin, gtin, product.id);
  }

  changeStatus(product: SimulatedProduct, status: string): void {
    const trashed = status === 'trash' && product.status !== 'trash';
    product.status = status;
    for (const id of product.children) {
      const child = this.#byId.get(id);
      if (child !== undefined && (status === 'trash' || child.status === 'trash')) child.status = status;
    }
    this.#forgetLists();
    if (!trashed) return;
    product.modifiedAt = this.#now();
    this.onChange('deleted', product);
  }

  /** Out of the trash by hand; over REST a new status says no more than that the product was changed. */
  restore(product: SimulatedProduct, status: string): void {
    this.changeStatus(product, status);
    product.modifiedAt = this.#now();
    this.onChange('restored', product);
  }

  remove(product: SimulatedProduct): void {
    for (const id of product.children) {
      const child = this.#byId.get(id);
      if (child !== undefined) this.remove(child);
    }
    this.#byId.delete(product.id);
    this.onRemoved(product);
    removeFrom(this.#bySku, collate(product.sku), product.id);
    removeFrom(this.#byGtin, product.gtin, product.id);
    this.#forgetLists();
  }

  /** Moves the date of a variation and of its parent; webhooks tell of the variation only. */
  touch(product: SimulatedProduct): void {
    product.modifiedAt = this.#now();
    const parent = this.#byId.get(product.parentId);
    if (parent !== undefined) parent.modifiedAt = product.modifiedAt;
    this.onChange('updated', product);
  }

  /** Whose number a product shows. */
  stockOwner(product: SimulatedProduct): 'self' | 'parent' | 'nobody' {
    if (product.type === 'grouped' || product.type === 'external') return 'nobody';
    // With the store-wide switch off only the variations' own switch still counts.
    if (!this.manageStockStoreWide && product.type !== 'variation') return 'nobody';
    if (product.manageStock) return 'self';
    const parent = this.#byId.get(product.parentId);
    return product.type === 'variation' && parent?.manageStock && this.manageStockStoreWide ? 'parent' : 'nobody';
  }

  shownQuantity(product: SimulatedProduct): number | null {
    if (this.stockOwner(product) === 'parent') return this.#byId.get(product.parentId)?.stockQuantity ?? null;
    return product.stockQuantity;
  }

  shownBackorders(product: SimulatedProduct): Backorders {
    if (this.stockOwner(product) === 'parent') return this.#byId.get(product.parentId)?.backorders ?? 'no';
    return product.backorders;
  }

  shownStatus(product: SimulatedProduct): string {
    if (this.stockOwner(product) === 'parent') return this.#byId.get(product.parentId)?.stockStatus ?? 'instock';
    return product.stockStatus;
  }

  /** A number set from outside. Where stock is not managed it is taken without a word and forgotten. */
  setQuantity(product: SimulatedProduct, quantity: number): void {
    if (this.stockOwner(product) !== 'self') return;
    product.stockQuantity = quantity;
    this.#followQuantity(product);
  }

  setStatusOfUnmanaged(product: SimulatedProduct, stockStatus: string): void {
    if (this.stockOwner(product) === 'nobody') product.stockStatus = stockStatus;
  }

  setManageStock(product: SimulatedProduct, managed: boolean): void {
    if (product.type === 'grouped' || product.type === 'external' || !this.manageStockStoreWide) return;
    product.manageStock = managed;
    if (!managed) {
      product.stockQuantity = null;
      product.backorders = 'no';
    }
  }

  /** What another plugin does when it writes to the database itself: nothing else learns of it. */
  overwrite(product: SimulatedProduct, quantity: number): void {
    product.stockQuantity = quantity;
  }

  /** What an order does: relative and atomic, on whoever owns the number. */
  sell(product: SimulatedProduct, pieces: number): void {
    const owner = this.stockOwner(product) === 'parent' ? this.#byId.get(product.parentId) : product;
    if (owner === undefined || !owner.manageStock) return;
    owner.stockQuantity = (owner.stockQuantity ?? 0) - pieces;
    this.#followQuantity(owner);
    this.touch(owner);
  }

  #followQuantity(product: SimulatedProduct): void {
    if ((product.stockQuantity ?? 0) > 0) product.stockStatus = 'instock';
    else product.stockStatus = product.backorders === 'no' ? 'outofstock' : 'onbackorder';
    const parent = this.#byId.get(product.parentId);
    if (parent !== undefined) this.#followVariations(parent);
  }

  #followVariations(parent: SimulatedProduct): void {
    if (parent.manageStock) return;
    const statuses = parent.children.map((id) => {
      const child = this.#byId.get(id);
      return child === undefined ? 'outofstock' : this.shownStatus(child);
    });
    if (statuses.length === 0) return;
    if (statuses.includes('instock')) parent.stockStatus = 'instock';
    else parent.stockStatus = statuses.includes('onbackorder') ? 'onbackorder' : 'outofstock';
  }
}

function addTo(index: Map<string, number[]>, key: string, id: number): void {
  if (key === '') return;
  const ids = index.get(key);
  if (ids) ids.push(id);
  else index.set(key, [id]);
}

function removeFrom(index: Map<string, number[]>, key: string, id: number): void {
  const rest = (index.get(key) ?? []).filter((each) => each !== id);
  if (rest.length === 0) index.delete(key);
  else index.set(key, rest);
}
