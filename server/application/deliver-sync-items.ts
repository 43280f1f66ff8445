import { refKey } from '../domain/batch-plan';
import { asFailure, type Failure, failure, failureKind, FailureError } from '../domain/failure';
import { contradictsLink, type MatchVerdict, referenceOf } from '../domain/matching';
import type { CatalogStore } from '../domain/ports/catalog';
import { salesOf } from '../domain/order-ledger';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { ShopAccess, ShopProduct, ShopProductRef, ShopTarget } from '../domain/ports/shop-target';
import type { SkuMappingStore } from '../domain/ports/sku-mappings';
import type { AttemptStep, ClaimedItem, NumberFacts, ProductLink, SyncItemStore } from '../domain/ports/sync-items';
import { isWritable } from '../domain/quantity';
import type { SyncOutcome } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import type { TargetStock } from '../domain/target-stock';
import { showsNumber, whyNotWritable } from '../domain/writability';
import type { KeepOrderLedger } from './keep-order-ledger';
import { matchProducts, verdictFailure } from './match-products';
import { forgetLink, isCounted, isOpen, Journal, labelOf, type Parcel, twinsOf } from './parcel';
import { catalogueFinder, type ProductFinder, shopFinder, thriftyFinder } from './product-finder';
import type { RefreshCatalogue } from './refresh-catalogue';
import { WriteParcels, type WriteResult } from './write-parcels';

/**
 * A link proven by the shop's own answer within this time is written to without looking first. An older one is looked
 * at: the product may have been re-created or its SKU moved, and a write would land on the wrong product.
 */
export const LINK_FRESH_MS = 60_000;
/** An order may come with every look; where they keep coming, the product is come back to. */
const MOST_LOOKS = 3;
/** What is matched by name or barcode is matched against a mirror brought up to date within this time. */
const MIRROR_FRESH_MS = 60_000;

export interface DeliverPorts {
  readonly target: ShopTarget;
  readonly items: Pick<SyncItemStore, 'linkedTo'>;
  readonly mappings: Pick<SkuMappingStore, 'find'>;
  readonly catalog: Pick<CatalogStore, 'find' | 'findByCodes' | 'findByBarcodes' | 'findByNames'>;
  readonly refresh: Pick<RefreshCatalogue, 'freshen'>;
  /** Orders as far as the shop knows them at this moment. */
  readonly orders: Pick<KeepOrderLedger, 'read'>;
  readonly ledger: Pick<OrderLedgerStore, 'openLines'>;
  readonly clock: Clock;
}

/** What became of one item, and the link it leaves with (undefined = as it was). */
export interface Delivered {
  readonly item: ClaimedItem;
  readonly outcome: SyncOutcome;
  readonly link: ProductLink | null | undefined;
  /** Products whose stock management was switched on for it. */
  readonly switchedOn: readonly ShopProductRef[];
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
  private readonly shop: ProductFinder;
  private readonly thrifty: ReturnType<typeof thriftyFinder>;
  /** Translations that travel along with the parcels, made when it is known where they go. */
  private twins: readonly Parcel[] = [];
  /** Our own database failed: that says nothing of the shop, nor of any item. */
  private storeFailed = false;

  constructor(
    private readonly ports: DeliverPorts,
    private readonly access: ShopAccess,
    private readonly batchSize: number,
    private readonly signal: AbortSignal,
  ) {
    const { target, catalog, refresh, clock } = ports;
    this.journal = new Journal(clock);
    this.writer = new WriteParcels(this.watched(target), access, this.journal, signal);
    this.shop = shopFinder(target, access, signal);
    this.thrifty = thriftyFinder(this.shop, this.ourOwn(catalogueFinder(catalog, access.shopId)), () =>
      refresh.freshen(access, MIRROR_FRESH_MS, signal),
    );
  }

  async deliver(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]): Promise<Delivery> {
    const { parcels, settled } = this.pack(connections, claimed);
    let shopFailure: FailureError | null = null;
    try {
      await this.readOrders(parcels);
      await this.match(
        parcels.filter((parcel) => parcel.link === null),
        this.thrifty,
      );
      await this.look(parcels.filter((parcel) => isOpen(parcel) && parcel.seen === null && !this.isFresh(parcel)));
      await this.countOrders(parcels.filter(isCounted));
      this.twins = parcels.filter(isOpen).flatMap(twinsOf);
      await this.lookAtTwins();
      this.judgeBeforeWriting([...parcels, ...this.twins].filter(isOpen));
      await this.writer.write([...parcels, ...this.twins].filter(isOpen), this.batchSize);
      await this.rematchGone(this.writer.result().gone);
    } catch (thrown) {
      if (this.storeFailed) throw thrown;
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
        settled.push({ item, outcome, link: undefined, switchedOn: [] });
        continue;
      }
      if (!isWritable(wanted.target)) {
        const what = failure('number_unsafe', { quantity: wanted.target });
        const outcome: SyncOutcome = { kind: 'failed', failure: what, shown: null };
        settled.push({ item, outcome, link: undefined, switchedOn: [] });
        continue;
      }
      parcels.push({
        item,
        connection,
        subject: item.subject,
        wanted,
        facts: {},
        unseen: item.facts.unseen,
        mappedSku: null,
        main: null,
        switchOn: false,
        doubted: false,
        link: item.link,
        linkChanged: false,
        seen: null,
        outcome: null,
      });
    }
    return { parcels, settled };
  }

  private async readOrders(parcels: readonly Parcel[]): Promise<void> {
    if (parcels.some(isCounted)) await this.ports.orders.read(this.access, this.signal);
  }

  /**
   * Takes what web orders hold and their source does not know of off the number. What the shop showed has an order in
   * it or not, and nobody could tell which if the order came between the look and the reading of the orders: a product
   * whose orders changed meanwhile is looked at once more.
   */
  private async countOrders(parcels: readonly Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    for (let looks = 1; ; looks++) {
      const before = new Map(parcels.map((parcel) => [parcel, salesKey(parcel)]));
      await this.readOrders(parcels);
      await this.recount(parcels.filter(isOpen));
      const moved = parcels.filter((parcel) => isOpen(parcel) && salesKey(parcel) !== before.get(parcel));
      if (moved.length === 0) return;
      if (looks === MOST_LOOKS) {
        const unproven = failure('write_unproven');
        for (const parcel of moved) {
          this.journal.conclude(parcel, 'look', 'orders_moving', {
            kind: 'unverified',
            failure: unproven,
            shown: null,
          });
        }
        return;
      }
      await this.look(moved);
    }
  }

  private async recount(parcels: readonly Parcel[]): Promise<void> {
    const lines = await this.fromStore(() =>
      this.ports.ledger.openLines(
        parcels.flatMap(({ item, connection, link }) =>
          link ? [{ id: item.id, connectionId: connection.id, refs: [link.ref, ...link.twins] }] : [],
        ),
      ),
    );
    for (const parcel of parcels) {
      parcel.unseen = salesOf(lines.get(parcel.item.id) ?? []);
      parcel.wanted = this.wantedOf(parcel) ?? parcel.wanted;
    }
  }

  private wantedOf({ item, connection, facts, unseen }: Parcel): TargetStock | null {
    return targetOfItem({ levels: item.levels, facts: { ...item.facts, ...facts, unseen } }, connection);
  }

  private async match(parcels: readonly Parcel[], finder: ProductFinder): Promise<void> {
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
      parcel.wanted = this.wantedOf(parcel) ?? parcel.wanted;
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
      const skus = await this.fromStore(() => this.ports.mappings.find(connectionId, references));
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
    const linked = await this.fromStore(() => this.ports.items.linkedTo(this.access.shopId, refs));
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
      refs.length === 0 ? [] : await this.fromStore(() => this.ports.catalog.find(this.access.shopId, refs));
    const categories = new Map(
      entries.map(({ product }) => [product.ref.productId, product.categories.map(({ id }) => id)]),
    );
    return ({ ref, backorders }) => ({ backorders, categoryIds: categories.get(ref.productId) ?? [] });
  }

  private async fromStore<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      this.storeFailed = true;
      throw error;
    }
  }

  /** What is known of the way across parents is ours, and so are its failures but for those of the list. */
  private watched(target: ShopTarget): Pick<ShopTarget, 'across' | 'read' | 'write'> {
    const { across } = target;
    if (!across) return target;
    return {
      read: (...call) => target.read(...call),
      write: (...call) => target.write(...call),
      across: {
        room: (shopId) => this.fromStore(() => across.room(shopId)),
        write: async (...call) => {
          try {
            return await across.write(...call);
          } catch (error) {
            if (!(error instanceof FailureError)) this.storeFailed = true;
            throw error;
          }
        },
      },
    };
  }

  private ourOwn(finder: ProductFinder): ProductFinder {
    return {
      byCodes: (codes) => this.fromStore(() => finder.byCodes(codes)),
      byBarcodes: (barcodes) => this.fromStore(() => finder.byBarcodes(barcodes)),
      byNames: (names) => this.fromStore(() => finder.byNames(names)),
    };
  }

  private async look(parcels: readonly Parcel[]): Promise<void> {
    const lost: Parcel[] = [];
    for (const { parcel, answer } of await this.readAll(parcels)) {
      if (answer?.kind === 'found' && parcel.link && isStill(parcel.link, parcel, answer.product)) {
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

  /**
   * A translation that is gone, in the trash or has become another product is no longer written; what is left of the
   * product is in step without it.
   */
  private async lookAtTwins(): Promise<void> {
    const answers = await this.readAll(this.twins.filter((twin) => twin.main?.seen || !this.isFresh(twin)));
    const gone = new Set<Parcel>();
    for (const { parcel: twin, answer } of answers) {
      const seen = answer?.kind === 'found' && answer.product.status !== 'trash' ? answer.product : null;
      if (seen && twin.link && isStill(twin.link, twin, seen)) this.journal.prove(twin, seen);
      else gone.add(twin);
    }
    for (const twin of gone) this.forgetTwin(twin);
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
    // The mirror has just proven to be behind: this time the shop itself is asked.
    await this.match(open, this.shop);
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
    // What a web order took since then would be written over.
    if (link === null || isCounted(parcel)) return false;
    const age = this.ports.clock.now() - link.provenAt;
    // A proof from the future was made before the clock was set back; nobody knows how old it is.
    return age >= 0 && age < LINK_FRESH_MS;
  }
}

const salesKey = ({ unseen }: Parcel): string => unseen.map(({ order, quantity }) => `${order}=${quantity}`).join();

const BADNESS: Readonly<Record<SyncOutcome['kind'], number>> = {
  synced: 0,
  'dry-run': 1,
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
