import type { Quantity } from '../quantity';

/** How the shop lets us in: the header over https, a signature over http, or keys in the address with the owner's consent. */
export type ShopAuthentication = 'basic' | 'oauth1' | 'query';

/** How the shop spells its REST routes: pretty (`/wp-json/…`), through index.php, or `?rest_route=` under plain permalinks. */
export type ShopRouteStyle = 'pretty' | 'index-php' | 'rest-route';

/** What it takes to talk to one shop. Secrets are in the clear here and must not be logged or stored from here. */
export interface ShopAccess {
  readonly shopId: number;
  /** Address of the shop as the owner knows it, without a trailing slash. */
  readonly url: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly verifyTls: boolean;
  /** The owner's consent to send the keys in the address (https only) where the host strips the header. */
  readonly allowQueryKeys: boolean;
  /** What the last connection test found to work; null = not known yet, use the safe default for the address. */
  readonly authentication: ShopAuthentication | null;
  readonly routeStyle: ShopRouteStyle | null;
  /** Awaited before every single call: where the shop's owner limits the calls, this is where they wait. */
  readonly beforeCall?: (signal: AbortSignal) => Promise<void>;
}

export interface ShopProductRef {
  /** The product, or the parent when `variationId` is set. */
  readonly productId: number;
  readonly variationId: number | null;
}

export type ShopProductType = 'simple' | 'variation' | 'variable' | 'grouped' | 'external' | 'other';

/** Who owns the number: the product itself, its parent, or nobody (stock management off). */
export type StockOwner = 'self' | 'parent' | 'nobody';

/** What the shop shows of one product or variation, read from its own answer. */
export interface ShopProduct {
  readonly ref: ShopProductRef;
  readonly type: ShopProductType;
  readonly sku: string;
  /** As shown to a person: entities decoded; a variation as "Parent - S" where the shop says so. */
  readonly name: string;
  readonly gtin: string | null;
  /** publish, draft, pending, private, trash … */
  readonly status: string;
  readonly stockOwner: StockOwner;
  /** null when the shop keeps no number for it. */
  readonly quantity: Quantity | null;
  readonly stockStatus: string;
  /** The shop sells it below 0. */
  readonly backorders: boolean;
  /** Ids of all translations of this product, itself among them, where a translation plugin tells; else empty. */
  readonly translations: readonly number[];
}

/** One value to write. The quantity is whole and was checked by us: the shop would store "abc" as 0 without a word. */
export interface StockWrite {
  readonly ref: ShopProductRef;
  readonly quantity: Quantity;
  /**
   * What the shop showed just before. Where it is said, only the difference is sent: what an order takes between that
   * look and the write is not written over.
   */
  readonly from?: Quantity;
  /** True: switches stock management on for it in the same call, or WooCommerce would ignore the number. */
  readonly switchOn?: boolean;
}

/** One call: simple products (parentId null) or the variations of one parent; at most 100. */
export interface ShopWriteBatch {
  readonly parentId: number | null;
  readonly writes: readonly StockWrite[];
}

/**
 * What the shop answered for one line of a batch, in the order sent. The name of a variation is only its own part ("S")
 * here: the call that writes does not tell the parent's.
 */
export type ShopWriteAnswer =
  | { readonly ref: ShopProductRef; readonly kind: 'answered'; readonly product: ShopProduct }
  | {
      readonly ref: ShopProductRef;
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly status: number;
    };

export type ShopReadAnswer =
  | { readonly ref: ShopProductRef; readonly kind: 'found'; readonly product: ShopProduct }
  | { readonly ref: ShopProductRef; readonly kind: 'gone' };

/** A write that is carried out only where the shop still shows what it is known to have shown. */
export interface GuardedWrite extends StockWrite {
  /** Null = not known. */
  readonly expected: Quantity | null;
}

/**
 * What became of one line of a call across parents, in the order sent:
 * - shown: whose number it is now shows `quantity`
 * - changed_meanwhile: the shop shows `quantity`, which is not what was expected; nothing was written
 * - not_reached: its time was up; nothing was done
 * - unclear: anything else; it is for the shop's own API to say
 */
export type GuardedAnswer =
  | { readonly kind: 'shown'; readonly quantity: Quantity; readonly before: Quantity | null; readonly written: boolean }
  | { readonly kind: 'changed_meanwhile'; readonly quantity: Quantity | null }
  | { readonly kind: 'gone' | 'not_managed' | 'not_reached' | 'unclear' };

/** One call for many products of whatever parents, where the shop has a way for it beside its own API. */
export interface WritesAcross {
  /** The most lines a call takes now; 0 = there is no such way, or it is away. */
  room(shopId: number): Promise<number>;
  /** Exactly one call. After a failure there is no room for a while. */
  write(access: ShopAccess, writes: readonly GuardedWrite[], signal: AbortSignal): Promise<readonly GuardedAnswer[]>;
}

/** One line of the connection doctor. `code` names what was found, so that every language can say it. */
export interface ShopCheck {
  readonly id:
    | 'address'
    | 'reachable'
    | 'tls'
    | 'rest_route'
    | 'keys_valid'
    | 'keys_may_write'
    | 'stock_management'
    | 'products_managed'
    | 'version'
    | 'clock'
    | 'bridge';
  readonly ok: boolean;
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

export interface ShopExamination {
  readonly ok: boolean;
  readonly checks: readonly ShopCheck[];
  /** What worked, to be stored with the shop; null where nothing did. */
  readonly authentication: ShopAuthentication | null;
  readonly routeStyle: ShopRouteStyle | null;
  readonly version: string | null;
}

/**
 * The shop side. Every method throws a FailureError of the closed list when a call as a whole fails; what concerns one
 * item is in that item's answer. No method retries: deciding that is the engine's.
 */
export interface ShopTarget {
  readonly across?: WritesAcross;
  /** Products and variations whose SKU the shop takes for one of these codes: at most 100 codes a call. Key = code as asked. */
  findByCodes(
    access: ShopAccess,
    codes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly ShopProduct[]>>;
  /** Products and variations whose GTIN or SKU is one of these barcodes. Key = barcode as asked. */
  findByBarcodes(
    access: ShopAccess,
    barcodes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly ShopProduct[]>>;
  /** Every product and variation whose name could equal this one; complete, since "exactly one" must be proven. */
  findByName(access: ShopAccess, name: string, signal: AbortSignal): Promise<readonly ShopProduct[]>;
  /** What the shop shows now, one answer per ref in the order asked, in as few calls as the shop allows. */
  read(access: ShopAccess, refs: readonly ShopProductRef[], signal: AbortSignal): Promise<readonly ShopReadAnswer[]>;
  /** Exactly one call. */
  write(access: ShopAccess, batch: ShopWriteBatch, signal: AbortSignal): Promise<readonly ShopWriteAnswer[]>;
  /** Switches stock management off for products it had been switched on for: exactly one call, at most 100. */
  stopManaging(
    access: ShopAccess,
    batch: { readonly parentId: number | null; readonly refs: readonly ShopProductRef[] },
    signal: AbortSignal,
  ): Promise<readonly ShopWriteAnswer[]>;
  /** Proves that the shop answers and lets us write, without writing anything: one call. */
  ping(access: ShopAccess, signal: AbortSignal): Promise<void>;
  /** The connection doctor. Never throws for what the shop does; what it found is in the checks. */
  examine(access: ShopAccess, signal: AbortSignal): Promise<ShopExamination>;
}
