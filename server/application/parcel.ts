import type { SalesInAll } from '../domain/hand-edit';
import { countsOrders } from '../domain/order-rule';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { ShopProduct, ShopProductRef } from '../domain/ports/shop-target';
import type { AttemptStep, ClaimedItem, HeldNumber, NumberFacts, ProductLink } from '../domain/ports/sync-items';
import type { Quantity } from '../domain/quantity';
import type { SyncOutcome } from '../domain/sync-item';
import { targetOfItem, targetOfSource } from '../domain/target-of-item';
import type { TargetStock } from '../domain/target-stock';

/** A claimed item on its way through a delivery. It leaves the way when it has an outcome. */
export interface Parcel {
  readonly item: ClaimedItem;
  readonly connection: Connection;
  readonly subject: ClaimedItem['subject'];
  /** Made anew when it is known which product it is. */
  wanted: TargetStock;
  /** What is known of the product it was matched to in this delivery. */
  facts: Partial<NumberFacts>;
  /** What web orders hold of the product and its source does not know of. */
  unseen: NumberFacts['unseen'];
  /** What web orders took of the product in all; null where nobody counts them. */
  sales: SalesInAll | null;
  /** The number of its own that the item has from now on; undefined = as it was. */
  held: HeldNumber | null | undefined;
  /** What the connection's mapping says is its SKU; looked up when it is matched. */
  mappedSku: string | null;
  /** Set for a translation that travels along: its link is to the translation, and its outcome counts for this one. */
  readonly main: Parcel | null;
  /** Stock management is to be switched on together with the write. */
  switchOn: boolean;
  /** A write of it was sent, whatever became of it. */
  sent: boolean;
  /** A difference was sent that the shop may add yet, by a call whose end nobody heard of. */
  doubted: boolean;
  link: ProductLink | null;
  linkChanged: boolean;
  /** What it was linked to and the shop no longer has: what web orders took of it is taken off its successor’s number. */
  gone: readonly ShopProductRef[];
  /** What the shop showed of its product in this delivery. */
  seen: ShopProduct | null;
  outcome: SyncOutcome | null;
}

export const isOpen = (parcel: Parcel): boolean => parcel.outcome === null;

/** Web orders are taken off what this product’s source says. */
export const isCounted = ({ connection }: Parcel): boolean => countsOrders(connection.orders);

/** The number by everything that is known of it by now. */
export const wantedOf = (parcel: Parcel): TargetStock | null => targetOfItem(knownOf(parcel), parcel.connection);

/** The number by what the source says, though the item may have one of its own. */
export const sourceWants = (parcel: Parcel): TargetStock | null => targetOfSource(knownOf(parcel), parcel.connection);

const knownOf = ({ item, facts, unseen, held = item.facts.held }: Parcel) => ({
  levels: item.levels,
  facts: { ...item.facts, ...facts, unseen, held },
});

/** One more parcel for each translation of the product: they get the same number. */
export const twinsOf = (parcel: Parcel): Parcel[] =>
  (parcel.link?.twins ?? []).map((ref) => ({
    ...parcel,
    main: parcel,
    link: parcel.link && { ...parcel.link, ref, twins: [] },
    linkChanged: false,
    seen: null,
    outcome: null,
  }));

export const labelOf = ({ subject }: Parcel): string =>
  subject.code ?? subject.barcode ?? subject.name ?? subject.externalId ?? '';

/** The shop has the product no more. One that a person linked stays linked to it: nobody but a person replaces it. */
export function noteGone(parcel: Parcel, lost = parcel): void {
  if (lost.link && lost.link.foundBy !== 'manual') parcel.gone = [...parcel.gone, lost.link.ref];
}

export function forgetLink(parcel: Parcel): void {
  parcel.link = null;
  parcel.linkChanged = true;
  parcel.seen = null;
}

type More = Partial<Pick<AttemptStep, 'before' | 'after' | 'failure' | 'params'>>;

/** Writes down what is done to parcels; the timeline is made of it. */
export class Journal {
  readonly steps: AttemptStep[] = [];

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  note(parcel: Parcel, step: AttemptStep['step'], outcome: string, more: More = {}): void {
    this.steps.push({
      itemId: parcel.item.id,
      at: this.clock.now(),
      step,
      outcome,
      before: null,
      after: null,
      wanted: parcel.wanted.target,
      failure: null,
      by: null,
      ...more,
      params: { ...(parcel.main && parcel.link ? { translation: writtenId(parcel.link.ref) } : {}), ...more.params },
    });
  }

  conclude(
    parcel: Parcel,
    step: AttemptStep['step'],
    outcomeName: string,
    outcome: SyncOutcome,
    before: Quantity | null = null,
  ): void {
    parcel.outcome = outcome;
    this.note(parcel, step, outcomeName, {
      before,
      after: 'shown' in outcome ? outcome.shown : null,
      failure: 'failure' in outcome ? outcome.failure : null,
      params: adjustments(parcel.wanted),
    });
  }

  /** The shop itself showed the product behind the link just now. */
  prove(parcel: Parcel, product: ShopProduct): void {
    parcel.seen = product;
    if (!parcel.link) return;
    // A write answer names only the variation's own part ("S"), so the name it was found by is kept.
    parcel.link = { ...parcel.link, sku: product.sku, provenAt: this.clock.now() };
    parcel.linkChanged = true;
  }
}

const writtenId = ({ productId, variationId }: ShopProductRef): number => variationId ?? productId;

const adjustments = (wanted: TargetStock): Record<string, string> =>
  wanted.adjustments.length === 0 ? {} : { exact: wanted.exact, adjusted: wanted.adjustments.join(',') };
