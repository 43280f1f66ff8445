import type { Failure, FailureCode } from '../failure';
import type { LeftAs, SalesInAll } from '../hand-edit';
import type { UnseenSale } from '../order-rule';
import type { MatchMethod, MatchSubject } from '../matching';
import type { Page, PageRequest } from '../page';
import type { Quantity } from '../quantity';
import type { SyncItemStatus } from '../sync-item';
import type { WarehouseLevel } from '../target-stock';
import type { ShopProduct, ShopProductRef } from './shop-target';

/**
 * - undo: what an undo gave back
 * - edited: somebody set it in the shop, and by the connection's rule it stays
 * - asked: somebody set it in the shop, and a person is asked which number is right
 */
export const HELD_WHY = ['undo', 'edited', 'asked'] as const;

/** A number before web orders are taken off. */
export interface HeldNumber {
  readonly quantity: Quantity;
  readonly why: (typeof HELD_WHY)[number];
}

/** What a product's number depends on besides its levels and its connection. */
export interface NumberFacts {
  /** Set for this product alone; null = as its category or connection says. */
  readonly buffer: Quantity | null;
  readonly packSize: Quantity | null;
  /** As the mirror of the catalogue knows them of the linked product; false and none while it knows nothing. */
  readonly backorders: boolean;
  readonly categoryIds: readonly number[];
  /** A number of its own, until the source says something new. */
  readonly held: HeldNumber | null;
  /** What web orders took from the product in the shop and the source does not know of, the oldest order first. */
  readonly unseen: readonly UnseenSale[];
}

/** Which shop product a source product is, how that was found, and when it was last proven. */
export interface ProductLink {
  readonly ref: ShopProductRef;
  readonly foundBy: MatchMethod;
  readonly sku: string;
  readonly name: string;
  readonly provenAt: number;
  /** Translations of the product: they get the same number, and the item is in step only when all of them show it. */
  readonly twins: readonly ShopProductRef[];
}

/** A due item in a worker's hands. Only who holds this epoch may settle it. */
export interface ClaimedItem {
  readonly id: number;
  readonly connectionId: number;
  readonly sourceProductId: number;
  readonly epoch: number;
  readonly version: number;
  readonly priority: number;
  readonly attempts: number;
  /** Since when it has something to bring to the shop; null where that is not known. */
  readonly waitingSince: number | null;
  readonly subject: MatchSubject;
  readonly levels: readonly WarehouseLevel[];
  readonly facts: NumberFacts;
  readonly link: ProductLink | null;
  /** What the shop showed last; null where that is not known. */
  readonly shown: Quantity | null;
  /** Whether the source has said something new since the item was last in step. */
  readonly news: boolean;
  /** Why it did not come in step the last time it was tried. */
  readonly failure: Failure | null;
  /** How the shop was left when the item was last in step; null where that is not known. */
  readonly left: LeftAs | null;
  /** Until then a difference that was sent may still be added to what the shop shows; null = there is none. */
  readonly doubtedUntil: number | null;
}

/** One step that was taken for an item; the timeline is made of these. */
export interface AttemptStep {
  readonly itemId: number;
  readonly at: number;
  readonly step: 'match' | 'look' | 'write' | 'verify' | 'change';
  readonly outcome: string;
  readonly before: Quantity | null;
  readonly after: Quantity | null;
  readonly wanted: Quantity | null;
  readonly params: Readonly<Record<string, string | number>>;
  readonly failure: Failure | null;
  readonly by: string | null;
}

/** What a worker leaves an item as. */
export interface Settlement {
  readonly item: Pick<ClaimedItem, 'id' | 'epoch' | 'version' | 'link' | 'waitingSince' | 'connectionId'>;
  readonly status: SyncItemStatus;
  /** When to come back to it; null = only when something new arrives. */
  readonly dueAt: number | null;
  readonly priority: number;
  readonly attempts: number;
  readonly failure: Failure | null;
  /** undefined = not seen this time, keep what was last seen. */
  readonly shown: Quantity | null | undefined;
  readonly syncedAt: number | null;
  /** When this delivery wrote to the product; null when it did not. */
  readonly writtenAt: number | null;
  /** undefined = as it was; null = forgotten. */
  readonly link: ProductLink | null | undefined;
  /** What it was linked to and the shop no longer has. */
  readonly gone: readonly ShopProductRef[];
  /** Products whose stock management this delivery switched on. */
  readonly switchedOn: readonly ShopProductRef[];
  /** What web orders had taken in all when the shop showed this; null = not known, undefined = as it was. */
  readonly sales: SalesInAll | null | undefined;
  /** The number of its own that it has from now on; undefined = as it was. */
  readonly held: HeldNumber | null | undefined;
  /** undefined = as it was. */
  readonly doubtedUntil: number | null | undefined;
}

export interface LaneLease {
  readonly shopId: number;
  readonly owner: string;
  readonly epoch: number;
}

export interface ClaimRequest {
  readonly limit: number;
  /** True for the hot lane: movements and retries alone, so that bulk work cannot hold them up. */
  readonly urgentOnly: boolean;
}

export interface ItemFilter {
  readonly connectionId: number | null;
  readonly status: SyncItemStatus | null;
  readonly text: string | null;
  /** Those with this failure; of no cause in particular where that is null. */
  readonly failure?: { readonly code: string; readonly cause: string | null } | null;
}

/** added: the first one first. changed: the last one first. code: by source, then by code. */
export const ITEM_ORDERS = ['added', 'changed', 'code'] as const;
export type ItemOrder = (typeof ITEM_ORDERS)[number];

/** A part of a long list by its place in it. */
export interface ItemWindow {
  readonly order: ItemOrder;
  /** Counted from the first row, or, where it is negative, from behind the last. */
  readonly offset: number;
  readonly limit: number;
}

export interface SyncItemView {
  readonly id: number;
  readonly connectionId: number;
  readonly sourceProductId: number;
  readonly subject: MatchSubject;
  readonly status: SyncItemStatus;
  readonly levels: readonly WarehouseLevel[];
  readonly facts: NumberFacts;
  readonly shown: Quantity | null;
  readonly lastSyncedAt: number | null;
  /** When we last wrote to its product. */
  readonly writtenAt: number | null;
  readonly dueAt: number | null;
  readonly attempts: number;
  readonly link: ProductLink | null;
  readonly failure: Failure | null;
  readonly updatedAt: number;
}

export interface TimelineRow extends Omit<AttemptStep, 'step'> {
  /** order: what a web order took, as far as it is known by now. */
  readonly step: AttemptStep['step'] | 'push' | 'order';
  readonly pushId: number | null;
}

/** What was wanted and what the shop showed at one moment; null = not told then. */
export interface StockPoint {
  readonly at: number;
  readonly wanted: Quantity | null;
  readonly shown: Quantity | null;
}

export type Selection =
  { readonly ids: readonly number[] } | { readonly filter: ItemFilter; readonly except?: readonly number[] };

/** Where work waits, looked at across all shops. */
export interface SyncItemSweep {
  /** Shops at which something is to be done, and whose circuit lets a call through. */
  shopsWithDueItems(at: number): Promise<readonly number[]>;
}

/** What a worker takes into its hands, and gives back. */
export interface SyncItemClaims {
  /**
   * Most urgent first, urgent and bulk work never in one claim, and with variations their siblings that are due too.
   * Empty when the lease is no longer ours.
   */
  claim(lease: LaneLease, ask: ClaimRequest, at: number, leaseUntil: number): Promise<readonly ClaimedItem[]>;
  /**
   * Returns how many were ours to settle. The rest was claimed anew or taken out of our hands meanwhile, which is
   * normal; it becomes due, since what we wrote may have come after what somebody else did.
   */
  settle(settlements: readonly Settlement[], steps: readonly AttemptStep[], at: number): Promise<number>;
  /**
   * From before a difference is sent until it is settled what became of it: whoever is given the item meanwhile sends no
   * other. A worker that is killed settles nothing, and the shop may go on with its call.
   */
  doubtUntil(ids: readonly number[], until: number): Promise<void>;
  /** What a worker that is gone had claimed becomes due again, under a new epoch. */
  releaseAbandoned(shopId: number, at: number): Promise<number>;
}

/** What makes items due, or takes them out of the line. */
export interface SyncItemMarks {
  /**
   * Makes these products due on this connection, adding items where there are none; offline ones stay as they are, and
   * so do those in error where the connection holds errors. A product that was written a moment ago waits to be still.
   */
  markDue(
    connection: { readonly id: number; readonly shopId: number; readonly holdErrors: boolean },
    sourceProductIds: readonly number[],
    priority: number,
    at: number,
    /** What the source said of them is not what it said before: that ends what an undo held. */
    saysNew?: boolean,
  ): Promise<void>;
  /**
   * Makes every product of the connection's source that has a level due, each to be looked at before anything is
   * written; for a new or changed connection.
   */
  markAllDue(
    connection: {
      readonly id: number;
      readonly shopId: number;
      readonly sourceId: number;
    },
    priority: number,
    at: number,
  ): Promise<number>;
  /** Sets these items due (or offline) by a person's hand; items being written only note the change. */
  makeDue(ids: readonly number[], priority: number, at: number): Promise<number>;
  setOffline(ids: readonly number[], at: number): Promise<number>;
  setOnline(ids: readonly number[], at: number): Promise<number>;
  /** Due, and looked at in the shop before anything is written; offline ones stay as they are. */
  lookAnew(ids: readonly number[], priority: number, at: number): Promise<number>;
  /** Items linked to these products are due and look at them anew, wherever their variation hangs now. */
  distrustLinks(shopId: number, refs: readonly ShopProductRef[], at: number): Promise<number>;
  /** Items that found nothing, or too much, and whose code or barcode one of these products bears are due. */
  awaken(shopId: number, appeared: readonly Pick<ShopProduct, 'sku' | 'gtin' | 'name'>[], at: number): Promise<number>;
  /** All items of the shop that found nothing, or too much, are due, save those a connection holds. */
  awakenAll(shopId: number, at: number): Promise<number>;
  /** Takes items out of the line with this failure; their levels are stored, and nothing is written. */
  holdBack(ids: readonly number[], failure: Failure, at: number): Promise<void>;
  /** At this time the shop was seen to show just what these must show. */
  noteProven(ids: readonly number[], at: number): Promise<void>;
  /** Those that were left alone show their number again: they are in step. */
  backInStep(items: readonly { readonly id: number; readonly shown: Quantity }[], at: number): Promise<void>;
  /**
   * Leaves items as the shop shows them, with the reason as their failure; only those that nothing has brought in step
   * since then. Answers how many.
   */
  leaveAsShown(
    items: readonly {
      readonly id: number;
      readonly shown: Quantity;
      readonly since: number;
      readonly failure: Failure;
    }[],
    at: number,
  ): Promise<number>;
  /** The source has just taken these to 0. */
  noteZeroed(ids: readonly number[], at: number): Promise<void>;
  /** Sets what is kept back of this product and its pieces; null = as its category or connection says. */
  setRules(id: number, rules: Pick<NumberFacts, 'buffer' | 'packSize'>, at: number): Promise<boolean>;
}

/** Numbers of their own that items have until the source says something new. */
export interface SyncItemEdits {
  /** Gives these items numbers of their own, until the source says something new. */
  hold(numbers: readonly { readonly id: number; readonly held: HeldNumber }[], at: number): Promise<void>;
  /** A person decides for what was set in the shop. Answers which of these items were waiting for that. */
  keepEdits(ids: readonly number[], at: number): Promise<readonly number[]>;
  /** Those of these items whose number in the shop is not left alone. */
  notLeftAlone(ids: readonly number[]): Promise<readonly number[]>;
  /** The source's number is to be written for these items, whatever was set in the shop: a person says so. */
  letGoOfEdits(ids: readonly number[], at: number): Promise<void>;
}

/** Which shop product an item writes to. */
export interface SyncItemLinks {
  /** ever: also those whose product it was until the shop lost it. */
  linkedTo(
    shopId: number,
    refs: readonly ShopProductRef[],
    when?: 'now' | 'ever',
  ): Promise<readonly { readonly itemId: number; readonly ref: ShopProductRef; readonly label: string }[]>;
  /** Items of the connection that the source calls by one of these references, and that no person has linked. */
  referredTo(connectionId: number, references: readonly string[]): Promise<readonly number[]>;
  /** False when another item of the shop already has this product. */
  setLink(itemId: number, link: ProductLink, at: number): Promise<boolean>;
  /** Many at once; answers the items that have their link now, the others' products are another's. */
  setLinks(
    links: readonly { readonly itemId: number; readonly link: ProductLink }[],
    at: number,
  ): Promise<readonly number[]>;
  forgetLinks(ids: readonly number[]): Promise<number>;
  linksOf(ids: readonly number[]): Promise<ReadonlyMap<number, ProductLink>>;
}

/** What was done for an item, step by step. */
export interface SyncItemSteps {
  /** Newest first; of these kinds alone where some are named. */
  timeline(itemId: number, request: PageRequest, kinds?: readonly TimelineRow['step'][]): Promise<Page<TimelineRow>>;
  /** The last line a source sent about it. */
  lastPush(itemId: number): Promise<TimelineRow | null>;
  /** The last so many moments since then at which a number was told, the first of them first. */
  stockPoints(itemId: number, since: number, limit: number): Promise<readonly StockPoint[]>;
  recordSteps(steps: readonly AttemptStep[]): Promise<void>;
  removeStepsBefore(before: number, limit: number): Promise<number>;
}

/** All items of one status. */
export interface SyncItemState {
  readonly status: SyncItemStatus;
  /** When the shop last showed the one that has gone unproven for longest. */
  readonly provenSince: number | null;
  /** How many have something to bring to the shop, and since when the first of them. */
  readonly waiting: number;
  readonly waitingSince: number | null;
}

/** What is shown of items, and picked from them. */
export interface SyncItemViews {
  list(filter: ItemFilter, request: PageRequest): Promise<Page<SyncItemView>>;
  /** Looks at every item. */
  states(): Promise<readonly SyncItemState[]>;
  window(filter: ItemFilter, window: ItemWindow): Promise<readonly SyncItemView[]>;
  counts(
    filter: Omit<ItemFilter, 'status'> & { readonly status?: null },
  ): Promise<Readonly<Record<SyncItemStatus, number>>>;
  find(id: number): Promise<SyncItemView | null>;
  /** Those of these items that have this status. */
  withStatus(ids: readonly number[], status: SyncItemStatus): Promise<readonly number[]>;
  views(ids: readonly number[]): Promise<readonly SyncItemView[]>;
  /** The connection's items of these products; those that have none are left out. */
  ofProducts(
    connectionId: number,
    sourceProductIds: readonly number[],
  ): Promise<readonly { readonly id: number; readonly sourceProductId: number; readonly shown: Quantity | null }[]>;
  /** Whether there is anything of the connection that a retry may bring through. */
  hasToRetry(connectionId: number): Promise<boolean>;
  /** Shops that have an item with this failure. */
  shopsWithFailure(code: FailureCode): Promise<readonly number[]>;
  /** Items of the connection whose product the shop showed in stock, or that were taken to 0 since then. */
  countInStock(connectionId: number, zeroedSince: number | null): Promise<number>;
  /** Items of the connection that the source has taken to 0 since then. */
  countZeroedSince(connectionId: number, since: number): Promise<number>;
  /** Ids of a selection, in slices of at most `limit` above `afterId`, so that 100,000 rows never sit in memory. */
  select(selection: Selection, afterId: number, limit: number): Promise<readonly number[]>;
}

/**
 * The desired state. Marking and settling never wait for each other: a change that lands while its item is being
 * written raises `version`, and the settle of the older version leaves the item due.
 */
export interface SyncItemStore
  extends SyncItemSweep, SyncItemClaims, SyncItemMarks, SyncItemEdits, SyncItemLinks, SyncItemSteps, SyncItemViews {}
