import { refKey } from '../domain/batch-plan';
import { asFailure, type Failure, failure, failureKind, FailureError } from '../domain/failure';
import type { SalesInAll } from '../domain/hand-edit';
import { contradictsLink } from '../domain/matching';
import { countsOrders } from '../domain/order-rule';
import type { Connection } from '../domain/ports/connections';
import type { ShopAccess, ShopProduct, ShopProductRef, ShopTarget } from '../domain/ports/shop-target';
import type { AttemptStep, ClaimedItem, ProductLink, Settlement, SyncItemStore } from '../domain/ports/sync-items';
import { isWritable } from '../domain/quantity';
import type { SyncOutcome } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { showsNumber, whyNotWritable } from '../domain/writability';
import { CountOrders, type CountOrdersPorts } from './count-orders';
import { isHandsOff, judgeEdits } from './judge-edits';
import { MatchParcels, type MatchParcelsPorts } from './match-parcels';
import { OwnStore } from './own-store';
import { forgetLink, isCounted, isOpen, Journal, noteGone, type Parcel, twinsOf } from './parcel';
import { WriteParcels, type WriteResult } from './write-parcels';

/**
 * A link proven by the shop's own answer within this time is written to without looking first. An older one is looked
 * at: the product may have been re-created or its SKU moved, and a write would land on the wrong product.
 */
export const LINK_FRESH_MS = 60_000;
/**
 * A shop goes on with a call that we gave up, for as long as its host lets it run. Until then the difference that was sent
 * may still be added: a second one would be added to it.
 */
export const MAY_STILL_ARRIVE_MS = 2 * 60_000;
export type DeliverPorts = MatchParcelsPorts &
  CountOrdersPorts & { readonly items: Pick<SyncItemStore, 'linkedTo' | 'doubtUntil'> };

/** What became of one item, and the link it leaves with (undefined = as it was). */
export interface Delivered {
  readonly item: ClaimedItem;
  readonly outcome: SyncOutcome;
  readonly link: ProductLink | null | undefined;
  readonly gone: Settlement['gone'];
  /** Products whose stock management was switched on for it. */
  readonly switchedOn: readonly ShopProductRef[];
  /** What web orders had taken in all; null where that is not known. */
  readonly sales: SalesInAll | null;
  /** A write was sent, whatever became of it. */
  readonly sent: boolean;
  readonly held: Settlement['held'];
  readonly doubtedUntil: Settlement['doubtedUntil'];
}

export interface Delivery {
  readonly delivered: readonly Delivered[];
  readonly steps: readonly AttemptStep[];
  /** Every product the shop showed us meanwhile, as it was last. */
  readonly seen: readonly ShopProduct[];
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
  private readonly matching: MatchParcels;
  private readonly orders: CountOrders;
  private readonly own = new OwnStore();
  /** Translations that travel along with the parcels, made when it is known where they go. */
  private twins: readonly Parcel[] = [];

  constructor(
    private readonly ports: DeliverPorts,
    private readonly access: ShopAccess,
    private readonly batchSize: number,
    private readonly signal: AbortSignal,
  ) {
    this.journal = new Journal(ports.clock);
    const sends = (parcels: readonly Parcel[]) => this.sends(parcels);
    this.writer = new WriteParcels(this.watched(ports.target), access, this.journal, sends, signal);
    this.matching = new MatchParcels(ports, access, this.journal, this.own, signal);
    this.orders = new CountOrders(ports, access, this.journal, this.own, (parcels) => this.look(parcels), signal);
  }

  async deliver(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]): Promise<Delivery> {
    const { parcels, settled } = this.pack(connections, claimed);
    let shopFailure: FailureError | null = null;
    try {
      await this.orders.recall(parcels);
      await this.matching.match(parcels.filter((parcel) => parcel.link === null));
      await this.look(parcels.filter((parcel) => isOpen(parcel) && parcel.seen === null && !this.isFresh(parcel)));
      await this.orders.count(parcels);
      judgeEdits(parcels, this.journal);
      this.twins = parcels.filter(isOpen).flatMap(twinsOf);
      await this.lookAtTwins(this.twins.filter((twin) => twin.main?.seen || !this.isFresh(twin)));
      this.judgeBeforeWriting([...parcels, ...this.twins].filter(isOpen));
      await this.writer.write(
        [...parcels, ...this.twins.filter((twin) => !isCounted(twin))].filter(isOpen),
        this.batchSize,
      );
      await this.writeCountedTwins();
      await this.rematchGone(this.writer.result().gone);
      if (this.writer.result().byDifference) await this.orders.readSoon();
    } catch (thrown) {
      if (this.own.failed) throw thrown;
      shopFailure = thrown instanceof FailureError ? thrown : new FailureError(asFailure(thrown), { cause: thrown });
      this.release([...parcels, ...this.twins].filter(isOpen), shopFailure);
    }
    const all = [...parcels, ...this.twins];
    const switchedOn = this.writer.result().switchedOn;
    return {
      delivered: [
        ...settled,
        ...parcels.map((parcel) => ({
          item: parcel.item,
          outcome: this.outcomeOf(parcel),
          link: parcel.linkChanged ? parcel.link : undefined,
          gone: parcel.gone,
          sales: parcel.sales,
          sent: all.some((each) => (each === parcel || each.main === parcel) && each.sent),
          held: parcel.held,
          doubtedUntil: all.some((each) => (each === parcel || each.main === parcel) && each.doubted)
            ? this.ports.clock.now() + MAY_STILL_ARRIVE_MS
            : null,
          switchedOn: switchedOn.flatMap((each) =>
            (each === parcel || each.main === parcel) && each.link ? [each.link.ref] : [],
          ),
        })),
      ],
      steps: this.journal.steps,
      seen: all.flatMap(({ seen }) => (seen ? [seen] : [])),
      shopFailure,
      writing: this.writer.result(),
    };
  }

  private pack(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]) {
    const parcels: Parcel[] = [];
    const settled: Delivered[] = [];
    for (const item of claimed) {
      const connection = connections.get(item.connectionId);
      const wanted = connection ? targetOfItem(item, connection) : null;
      if (!connection || !wanted) {
        const outcome: SyncOutcome = { kind: 'failed', failure: failure('level_unknown'), shown: null };
        settled.push({ item, outcome, ...UNTOUCHED });
        continue;
      }
      const { doubtedUntil } = item;
      const now = this.ports.clock.now();
      // One from further ahead was set before the clock was set back.
      const isDoubted = doubtedUntil !== null && doubtedUntil > now && doubtedUntil <= now + MAY_STILL_ARRIVE_MS;
      if (isDoubted && countsOrders(connection.orders)) {
        settled.push({ item, outcome: { kind: 'moving', until: doubtedUntil }, ...UNTOUCHED, doubtedUntil });
        continue;
      }
      if (!isWritable(wanted.target)) {
        const what = failure('number_unsafe', { quantity: wanted.target });
        const outcome: SyncOutcome = { kind: 'failed', failure: what, shown: null };
        settled.push({ item, outcome, ...UNTOUCHED });
        continue;
      }
      parcels.push({
        item,
        connection,
        subject: item.subject,
        wanted,
        facts: {},
        unseen: item.facts.unseen,
        sales: null,
        held: undefined,
        mappedSku: null,
        main: null,
        switchOn: false,
        sent: false,
        doubted: false,
        link: item.link,
        linkChanged: false,
        gone: [],
        seen: null,
        outcome: null,
      });
    }
    return { parcels, settled };
  }

  /** What is known of the way across parents is ours, and so are its failures but for those of the list. */
  private watched(target: ShopTarget): Pick<ShopTarget, 'across' | 'read' | 'write'> {
    const { across } = target;
    if (!across) return target;
    return {
      read: (...call) => target.read(...call),
      write: (...call) => target.write(...call),
      across: {
        room: (shopId) => this.own.ask(() => across.room(shopId)),
        write: (...call) => this.own.askAmong(() => across.write(...call)),
      },
    };
  }

  /** A difference is about to be sent: should we be killed in the middle of it, nobody sends it again too soon. */
  private sends(parcels: readonly Parcel[]): Promise<void> {
    const ids = [...new Set(parcels.map(({ main, item }) => (main?.item ?? item).id))];
    return this.own.ask(() => this.ports.items.doubtUntil(ids, this.ports.clock.now() + MAY_STILL_ARRIVE_MS));
  }

  private async look(parcels: readonly Parcel[]): Promise<void> {
    const lost: Parcel[] = [];
    for (const { parcel, answer } of await this.readAll(parcels)) {
      if (answer?.kind === 'found' && parcel.link && isStill(parcel.link, parcel, answer.product)) {
        this.journal.prove(parcel, answer.product);
      } else {
        lost.push(parcel);
        if (answer?.kind !== 'found') noteGone(parcel);
        this.journal.note(parcel, 'look', answer?.kind === 'found' ? 'contradicted' : 'gone', {
          params: { productId: parcel.link?.ref.variationId ?? parcel.link?.ref.productId ?? 0 },
        });
      }
    }
    await this.rematch(lost);
  }

  /**
   * A translation that is gone, in the trash or has become another product is no longer written; what is left of the
   * product is in step without it.
   */
  private async lookAtTwins(twins: readonly Parcel[]): Promise<void> {
    const answers = await this.readAll(twins);
    const gone = new Set<Parcel>();
    for (const { parcel: twin, answer } of answers) {
      const seen = answer?.kind === 'found' && answer.product.status !== 'trash' ? answer.product : null;
      if (seen && twin.link && isStill(twin.link, twin, seen)) this.journal.prove(twin, seen);
      else {
        gone.add(twin);
        if (!seen && twin.main) noteGone(twin.main, twin);
      }
    }
    for (const twin of gone) this.forgetTwin(twin);
  }

  /**
   * After what they are translations of: a plugin that keeps their stock in step has written them by then, and the
   * difference would be added once more. One that shows a third number was sold meanwhile.
   */
  private async writeCountedTwins(): Promise<void> {
    const twins = this.twins.filter((twin) => isCounted(twin) && isOpen(twin));
    const before = new Map(twins.map((twin) => [twin, twin.seen?.quantity ?? null]));
    const late = twins.filter(({ main }) => main?.sent);
    await this.lookAtTwins(late);
    const there = twins.filter((twin) => this.twins.includes(twin));
    this.judgeBeforeWriting(there);
    for (const twin of there.filter((each) => isOpen(each) && (each.seen?.quantity ?? null) !== before.get(each))) {
      this.journal.conclude(twin, 'look', 'orders_moving', { kind: 'moving' });
    }
    await this.writer.write(there.filter(isOpen), this.batchSize);
  }

  private forgetTwin(twin: Parcel): void {
    const { main, link } = twin;
    this.twins = this.twins.filter((each) => each !== twin);
    if (!main?.link || !link) return;
    main.link = { ...main.link, twins: main.link.twins.filter((ref) => refKey(ref) !== refKey(link.ref)) };
    main.linkChanged = true;
    this.journal.note(twin, 'look', 'gone');
  }

  private async readAll(parcels: readonly Parcel[]) {
    const linked = parcels.flatMap((parcel) => (parcel.link ? [{ parcel, ref: parcel.link.ref }] : []));
    if (linked.length === 0) return [];
    const refs = linked.map(({ ref }) => ref);
    const answers = await this.ports.target.read(this.access, refs, this.signal);
    return linked.map(({ parcel }, position) => ({ parcel, answer: answers[position] }));
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
    await this.matching.matchInShop(open);
  }

  private judgeBeforeWriting(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      const { seen, wanted } = parcel;
      if (seen) {
        const why = whyNotWritable(seen);
        if (why?.code === 'stock_not_managed' && parcel.connection.unmanaged === 'switch-on') {
          parcel.switchOn = true;
        } else if (why) {
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
  private async rematchGone(gone: readonly Parcel[]): Promise<void> {
    for (const lost of gone) noteGone(lost.main ?? lost, lost);
    for (const twin of gone.filter(({ main }) => main !== null)) this.forgetTwin(twin);
    const parcels = gone.filter(({ main }) => main === null);
    await this.rematch(parcels);
    for (const parcel of parcels.filter(isOpen)) {
      const unproven = failure('write_unproven');
      this.journal.conclude(parcel, 'write', 'refused', { kind: 'unverified', failure: unproven, shown: null });
    }
  }

  private release(parcels: readonly Parcel[], shopFailure: FailureError): void {
    const isShops = ['shop', 'bridge'].includes(failureKind(shopFailure.failure.code).scope);
    for (const parcel of parcels) {
      parcel.outcome = isShops
        ? { kind: 'released', failure: shopFailure.failure }
        : failedWith(shopFailure.failure, parcel);
    }
  }

  /** The worst of what became of the product and of its translations. */
  private outcomeOf(parcel: Parcel): SyncOutcome {
    const all = [parcel, ...this.twins.filter(({ main }) => main === parcel)].map(
      (each) => each.outcome ?? failedWith(failure('unknown_failure', { what: 'no outcome' }), parcel),
    );
    return all.reduce((worst, each) => (BADNESS[each.kind] > BADNESS[worst.kind] ? each : worst));
  }

  private isFresh(parcel: Parcel): boolean {
    const { link } = parcel;
    // What a web order took since then, or somebody's edit, would be written over.
    if (link === null || isCounted(parcel) || isHandsOff(parcel)) return false;
    const age = this.ports.clock.now() - link.provenAt;
    // A proof from the future was made before the clock was set back; nobody knows how old it is.
    return age >= 0 && age < LINK_FRESH_MS;
  }
}

const UNTOUCHED = {
  link: undefined,
  gone: [],
  switchedOn: [],
  sales: null,
  sent: false,
  held: undefined,
  doubtedUntil: undefined,
} as const;

const BADNESS: Readonly<Record<SyncOutcome['kind'], number>> = {
  synced: 0,
  'dry-run': 1,
  moving: 2,
  released: 2,
  unverified: 3,
  failed: 4,
};

const isStill = (link: ProductLink, { subject }: Parcel, seen: ShopProduct): boolean =>
  !contradictsLink(link, subject, seen, link.foundBy === 'mapping' ? link.sku : null);

const failedWith = (what: Failure, parcel: Parcel): SyncOutcome => ({
  kind: 'failed',
  failure: what,
  shown: parcel.seen?.quantity ?? null,
});
