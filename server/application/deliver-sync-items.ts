import { refKey } from '../domain/batch-plan';
import { asFailure, type Failure, failure, failureKind, FailureError } from '../domain/failure';
import { contradictsLink, type MatchVerdict } from '../domain/matching';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { ShopAccess, ShopProduct, ShopProductRef, ShopTarget } from '../domain/ports/shop-target';
import type { AttemptStep, ClaimedItem, ProductLink, SyncItemStore } from '../domain/ports/sync-items';
import { isWritable } from '../domain/quantity';
import type { SyncOutcome } from '../domain/sync-item';
import { computeTargetStock } from '../domain/target-stock';
import { showsNumber, whyNotWritable } from '../domain/writability';
import { matchProducts, verdictFailure } from './match-products';
import { forgetLink, isOpen, Journal, labelOf, type Parcel } from './parcel';
import { WriteParcels, type WriteResult } from './write-parcels';

/**
 * A link proven by the shop's own answer within this time is written to without looking first. An older one is looked
 * at: the product may have been re-created or its SKU moved, and a write would land on the wrong product.
 */
export const LINK_FRESH_MS = 60_000;

export interface DeliverPorts {
  readonly target: ShopTarget;
  readonly items: Pick<SyncItemStore, 'linkedTo'>;
  readonly clock: Clock;
}

/** What became of one item, and the link it leaves with (undefined = as it was). */
export interface Delivered {
  readonly item: ClaimedItem;
  readonly outcome: SyncOutcome;
  readonly link: ProductLink | null | undefined;
}

export interface Delivery {
  readonly delivered: readonly Delivered[];
  readonly steps: readonly AttemptStep[];
  /** The failure of the shop as a whole, when there was one: the circuit opens and untouched items go back. */
  readonly shopFailure: FailureError | null;
  readonly writing: Pick<WriteResult, 'answered' | 'troubled'>;
}

/**
 * Brings claimed items of one shop to it: match → look → write → verify. Never throws for what the shop does; where our
 * own database fails it throws, and the items are in nobody's hands until the lane is taken anew.
 */
export class DeliverSyncItems {
  constructor(private readonly ports: DeliverPorts) {}

  async deliver(
    access: ShopAccess,
    connections: ReadonlyMap<number, Connection>,
    claimed: readonly ClaimedItem[],
    batchSize: number,
    signal: AbortSignal,
  ): Promise<Delivery> {
    return new DeliveryRun(this.ports, access, batchSize, signal).deliver(connections, claimed);
  }
}

/** The state of one delivery. */
class DeliveryRun {
  private readonly journal: Journal;
  private readonly writer: WriteParcels;
  /** Our own database failed: that says nothing of the shop, nor of any item. */
  private storeFailed = false;

  constructor(
    private readonly ports: DeliverPorts,
    private readonly access: ShopAccess,
    private readonly batchSize: number,
    private readonly signal: AbortSignal,
  ) {
    this.journal = new Journal(ports.clock);
    this.writer = new WriteParcels(ports.target, access, this.journal, signal);
  }

  async deliver(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]): Promise<Delivery> {
    const { parcels, settled } = this.pack(connections, claimed);
    let shopFailure: FailureError | null = null;
    try {
      await this.match(parcels.filter((parcel) => parcel.link === null));
      await this.look(parcels.filter((parcel) => isOpen(parcel) && parcel.seen === null && !this.isFresh(parcel)));
      this.judgeBeforeWriting(parcels.filter(isOpen));
      await this.writer.write(parcels.filter(isOpen), this.batchSize);
      await this.rematchGone(this.writer.result().gone);
    } catch (thrown) {
      if (this.storeFailed) throw thrown;
      shopFailure = thrown instanceof FailureError ? thrown : new FailureError(asFailure(thrown), { cause: thrown });
      this.release(parcels.filter(isOpen), shopFailure);
    }
    return {
      delivered: [
        ...settled,
        ...parcels.map((parcel) => ({
          item: parcel.item,
          outcome: parcel.outcome ?? failedWith(failure('unknown_failure', { what: 'no outcome' }), parcel),
          link: parcel.linkChanged ? parcel.link : undefined,
        })),
      ],
      steps: this.journal.steps,
      shopFailure,
      writing: this.writer.result(),
    };
  }

  private pack(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]) {
    const parcels: Parcel[] = [];
    const settled: Delivered[] = [];
    for (const item of claimed) {
      const connection = connections.get(item.connectionId);
      const wanted = connection ? computeTargetStock(item.levels, connection.warehouses) : null;
      if (!connection || !wanted) {
        const outcome: SyncOutcome = { kind: 'failed', failure: failure('level_unknown'), shown: null };
        settled.push({ item, outcome, link: undefined });
        continue;
      }
      if (!isWritable(wanted.target)) {
        const what = failure('number_unsafe', { quantity: wanted.target });
        settled.push({ item, outcome: { kind: 'failed', failure: what, shown: null }, link: undefined });
        continue;
      }
      parcels.push({
        item,
        connection,
        subject: item.subject,
        wanted,
        link: item.link,
        linkChanged: false,
        seen: null,
        outcome: null,
      });
    }
    return { parcels, settled };
  }

  private async match(parcels: readonly Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    const verdicts = await matchProducts(this.ports.target, this.access, parcels, this.signal);
    const takenBy = await this.takenBy(parcels, verdicts);
    for (const parcel of parcels) {
      const verdict = verdicts.get(parcel);
      if (verdict?.found !== 'one') {
        this.journal.conclude(parcel, 'match', verdict?.found ?? 'none', {
          kind: 'failed',
          failure: verdictFailure(parcel.subject, verdict ?? { found: 'none', tried: [] }),
          shown: null,
        });
        continue;
      }
      const { product, by } = verdict;
      const other = takenBy(parcel, product);
      if (other !== null) {
        const productId = product.ref.variationId ?? product.ref.productId;
        const what = failure('product_taken', { productId, other });
        this.journal.conclude(parcel, 'match', 'taken', { kind: 'failed', failure: what, shown: null });
        continue;
      }
      parcel.link = {
        ref: product.ref,
        foundBy: by,
        sku: product.sku,
        name: product.name,
        provenAt: this.ports.clock.now(),
      };
      parcel.linkChanged = true;
      parcel.seen = product;
      this.journal.note(parcel, 'match', 'one', {
        after: product.quantity,
        params: {
          by,
          productId: product.ref.variationId ?? product.ref.productId,
          sku: product.sku,
          name: product.name,
        },
      });
    }
  }

  /**
   * Two source products on one shop product would overwrite each other for ever: the first keeps it. Counts those of
   * this delivery as well as those already linked.
   */
  private async takenBy(
    parcels: readonly Parcel[],
    verdicts: ReadonlyMap<Parcel, MatchVerdict>,
  ): Promise<(parcel: Parcel, product: ShopProduct) => string | null> {
    const found = parcels.flatMap((parcel) => {
      const verdict = verdicts.get(parcel);
      return verdict?.found === 'one' ? [{ parcel, ref: verdict.product.ref }] : [];
    });
    const owners = new Map<string, { readonly itemId: number; readonly label: string }>();
    const refs = found.map(({ ref }) => ref);
    // Those matched here have let go of what they had: two products may just have swapped their SKUs.
    const lettingGo = new Set(parcels.map((parcel) => parcel.item.id));
    for (const { ref, itemId, label } of await this.linkedTo(refs)) {
      if (!lettingGo.has(itemId)) owners.set(refKey(ref), { itemId, label });
    }
    return (parcel, product) => {
      const owner = owners.get(refKey(product.ref));
      if (owner && owner.itemId !== parcel.item.id) return owner.label;
      owners.set(refKey(product.ref), { itemId: parcel.item.id, label: labelOf(parcel) });
      return null;
    };
  }

  private async linkedTo(refs: readonly ShopProductRef[]) {
    try {
      return await this.ports.items.linkedTo(this.access.shopId, refs);
    } catch (error) {
      this.storeFailed = true;
      throw error;
    }
  }

  private async look(parcels: readonly Parcel[]): Promise<void> {
    const linked = parcels.flatMap((parcel) => (parcel.link ? [{ parcel, ref: parcel.link.ref }] : []));
    if (linked.length === 0) return;
    const answers = await this.ports.target.read(
      this.access,
      linked.map(({ ref }) => ref),
      this.signal,
    );
    const lost: Parcel[] = [];
    for (const [position, { parcel }] of linked.entries()) {
      const answer = answers[position];
      if (answer?.kind === 'found' && parcel.link && !contradictsLink(parcel.link, parcel.subject, answer.product)) {
        this.journal.prove(parcel, answer.product);
      } else {
        lost.push(parcel);
        this.journal.note(parcel, 'look', answer?.kind === 'found' ? 'contradicted' : 'gone', {
          params: { productId: parcel.link?.ref.variationId ?? parcel.link?.ref.productId ?? 0 },
        });
      }
    }
    await this.rematch(lost);
  }

  /** A link the shop contradicts is forgotten and looked for anew; one a person made is reported, never replaced. */
  private async rematch(parcels: readonly Parcel[]): Promise<void> {
    for (const parcel of parcels) {
      if (parcel.link?.foundBy !== 'manual') continue;
      const { ref } = parcel.link;
      const gone = failure('product_gone', { productId: ref.variationId ?? ref.productId });
      this.journal.conclude(parcel, 'look', 'gone', { kind: 'failed', failure: gone, shown: null });
    }
    const open = parcels.filter(isOpen);
    for (const parcel of open) forgetLink(parcel);
    await this.match(open);
  }

  private judgeBeforeWriting(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      const { seen, wanted } = parcel;
      if (seen) {
        const why = whyNotWritable(seen);
        if (why) {
          this.journal.conclude(parcel, 'look', 'not_writable', { kind: 'failed', failure: why, shown: seen.quantity });
        } else if (showsNumber(seen, wanted.target)) {
          this.journal.conclude(parcel, 'look', 'same', { kind: 'synced', shown: wanted.target, how: 'already' });
        }
      }
      if (isOpen(parcel) && parcel.connection.mode === 'test') {
        this.journal.conclude(parcel, 'look', 'dry_run', { kind: 'dry-run', shown: seen?.quantity ?? null });
      }
    }
  }

  /** The product behind a fresh link was deleted meanwhile: found anew now, written in the next delivery. */
  private async rematchGone(parcels: readonly Parcel[]): Promise<void> {
    await this.rematch(parcels);
    for (const parcel of parcels.filter(isOpen)) {
      const unproven = failure('write_unproven');
      this.journal.conclude(parcel, 'write', 'refused', { kind: 'unverified', failure: unproven, shown: null });
    }
  }

  private release(parcels: readonly Parcel[], shopFailure: FailureError): void {
    const isShops = failureKind(shopFailure.failure.code).scope === 'shop';
    for (const parcel of parcels) {
      parcel.outcome = isShops
        ? { kind: 'released', failure: shopFailure.failure }
        : failedWith(shopFailure.failure, parcel);
    }
  }

  private isFresh({ link }: Parcel): boolean {
    if (link === null) return false;
    const age = this.ports.clock.now() - link.provenAt;
    // A proof from the future was made before the clock was set back; nobody knows how old it is.
    return age >= 0 && age < LINK_FRESH_MS;
  }
}

const failedWith = (what: Failure, parcel: Parcel): SyncOutcome => ({
  kind: 'failed',
  failure: what,
  shown: parcel.seen?.quantity ?? null,
});
