import { LARGEST_BATCH, planBatches, refKey } from '../domain/batch-plan';
import { asFailure, type Failure, failure, failureKind, FailureError } from '../domain/failure';
import { contradictsLink, type MatchVerdict } from '../domain/matching';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { ShopAccess, ShopProduct, ShopTarget, ShopWriteAnswer, ShopWriteBatch } from '../domain/ports/shop-target';
import type { AttemptStep, ClaimedItem, ProductLink, SyncItemStore } from '../domain/ports/sync-items';
import { isWritable, type Quantity } from '../domain/quantity';
import type { SyncOutcome } from '../domain/sync-item';
import { computeTargetStock, type TargetStock } from '../domain/target-stock';
import { showsNumber, whyNotWritable } from '../domain/writability';
import { matchProducts, verdictFailure } from './match-products';

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
}

/** An item on its way through the stages. It leaves the way when it has an outcome. */
interface Parcel {
  readonly item: ClaimedItem;
  readonly connection: Connection;
  readonly subject: ClaimedItem['subject'];
  readonly wanted: TargetStock;
  link: ProductLink | null;
  linkChanged: boolean;
  seen: ShopProduct | null;
  outcome: SyncOutcome | null;
}

/** Brings claimed items of one shop to it: match → look → write → verify. Never throws for what the shop does. */
export class DeliverSyncItems {
  constructor(private readonly ports: DeliverPorts) {}

  async deliver(
    access: ShopAccess,
    connections: ReadonlyMap<number, Connection>,
    claimed: readonly ClaimedItem[],
    signal: AbortSignal,
  ): Promise<Delivery> {
    const run = new DeliveryRun(this.ports, access, signal);
    return run.deliver(connections, claimed);
  }
}

/** The state of one delivery. */
class DeliveryRun {
  private readonly steps: AttemptStep[] = [];

  constructor(
    private readonly ports: DeliverPorts,
    private readonly access: ShopAccess,
    private readonly signal: AbortSignal,
  ) {}

  async deliver(connections: ReadonlyMap<number, Connection>, claimed: readonly ClaimedItem[]): Promise<Delivery> {
    const { parcels, settled } = this.pack(connections, claimed);
    let shopFailure: FailureError | null = null;
    try {
      await this.match(parcels.filter((parcel) => parcel.link === null));
      await this.look(parcels.filter((parcel) => isOpen(parcel) && parcel.seen === null && !this.isFresh(parcel)));
      this.judgeBeforeWriting(parcels.filter(isOpen));
      await this.write(parcels.filter(isOpen));
    } catch (thrown) {
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
      steps: this.steps,
      shopFailure,
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
        this.conclude(parcel, 'match', verdict?.found ?? 'none', {
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
        this.conclude(parcel, 'match', 'taken', { kind: 'failed', failure: what, shown: null });
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
      this.note(parcel, 'match', 'one', {
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
    for (const { ref, itemId, label } of await this.ports.items.linkedTo(this.access.shopId, refs)) {
      if (!lettingGo.has(itemId)) owners.set(refKey(ref), { itemId, label });
    }
    return (parcel, product) => {
      const owner = owners.get(refKey(product.ref));
      if (owner && owner.itemId !== parcel.item.id) return owner.label;
      owners.set(refKey(product.ref), { itemId: parcel.item.id, label: labelOf(parcel) });
      return null;
    };
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
        this.prove(parcel, answer.product);
      } else {
        lost.push(parcel);
        this.note(parcel, 'look', answer?.kind === 'found' ? 'contradicted' : 'gone', {
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
      this.conclude(parcel, 'look', 'gone', { kind: 'failed', failure: gone, shown: null });
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
          this.conclude(parcel, 'look', 'not_writable', { kind: 'failed', failure: why, shown: seen.quantity });
        } else if (showsNumber(seen, wanted.target)) {
          this.conclude(parcel, 'look', 'same', { kind: 'synced', shown: wanted.target, how: 'already' });
        }
      }
      if (isOpen(parcel) && parcel.connection.mode === 'test') {
        this.conclude(parcel, 'look', 'dry_run', { kind: 'dry-run', shown: seen?.quantity ?? null });
      }
    }
  }

  private async write(parcels: readonly Parcel[]): Promise<void> {
    const byRef = new Map<string, Parcel>();
    for (const parcel of parcels) if (parcel.link) byRef.set(refKey(parcel.link.ref), parcel);
    const writes = [...byRef.values()].flatMap((parcel) =>
      parcel.link ? [{ ref: parcel.link.ref, quantity: parcel.wanted.target }] : [],
    );
    const doubtful: Parcel[] = [];
    for (const batch of planBatches(writes, LARGEST_BATCH)) {
      const answers = await this.writeBatch(batch, byRef);
      for (const answer of answers) {
        const parcel = byRef.get(refKey(answer.ref));
        if (parcel && !this.judgeWrite(parcel, answer)) doubtful.push(parcel);
      }
    }
    await this.verify(doubtful);
    await this.rematchRefused(parcels.filter((parcel) => isOpen(parcel) && !doubtful.includes(parcel)));
  }

  private async writeBatch(
    batch: ShopWriteBatch,
    byRef: ReadonlyMap<string, Parcel>,
  ): Promise<readonly ShopWriteAnswer[]> {
    try {
      return await this.ports.target.write(this.access, batch, this.signal);
    } catch (thrown) {
      if (thrown instanceof FailureError && thrown.facts.writeMayHaveHappened === true) {
        for (const { ref } of batch.writes) {
          const parcel = byRef.get(refKey(ref));
          if (parcel) this.doubt(parcel, thrown.failure);
        }
      }
      throw thrown;
    }
  }

  /** We do not know whether the write arrived: the link counts as unproven, so that the shop is read before the next. */
  private doubt(parcel: Parcel, why: Failure): void {
    if (parcel.link) parcel.link = { ...parcel.link, provenAt: 0 };
    parcel.linkChanged = true;
    this.note(parcel, 'write', 'unknown', { failure: why });
  }

  /** False when the shop's answer does not show the number and has to be read back. */
  private judgeWrite(parcel: Parcel, answer: ShopWriteAnswer): boolean {
    if (answer.kind === 'refused') {
      if (GONE.has(answer.code)) return true; // stays open: rematchRefused looks for it anew
      const refused = failure('shop_refused_item', { code: answer.code, message: answer.message });
      this.conclude(parcel, 'write', 'refused', { kind: 'failed', failure: refused, shown: null });
      return true;
    }
    const { product } = answer;
    const before = parcel.seen?.quantity ?? null;
    const why = whyNotWritable(product);
    if (why) {
      const outcome: SyncOutcome = { kind: 'failed', failure: why, shown: product.quantity };
      this.conclude(parcel, 'write', 'ignored', outcome, before);
      return true;
    }
    this.prove(parcel, product);
    if (!showsNumber(product, parcel.wanted.target)) return false;
    this.conclude(parcel, 'write', 'written', { kind: 'synced', shown: parcel.wanted.target, how: 'written' }, before);
    return true;
  }

  /** The answer showed another number: perhaps an order in the same moment, perhaps a plugin. The shop is asked. */
  private async verify(parcels: readonly Parcel[]): Promise<void> {
    const linked = parcels.flatMap((parcel) => (parcel.link ? [{ parcel, ref: parcel.link.ref }] : []));
    if (linked.length === 0) return;
    const answers = await this.ports.target.read(
      this.access,
      linked.map(({ ref }) => ref),
      this.signal,
    );
    for (const [position, { parcel }] of linked.entries()) {
      const answer = answers[position];
      const product = answer?.kind === 'found' ? answer.product : null;
      if (product && showsNumber(product, parcel.wanted.target)) {
        this.conclude(parcel, 'verify', 'equal', { kind: 'synced', shown: parcel.wanted.target, how: 'written' });
        continue;
      }
      const shown = product?.quantity ?? null;
      const other = failure('shop_shows_other', { wanted: parcel.wanted.target, shown: shown ?? '–' });
      this.conclude(parcel, 'verify', 'other', { kind: 'unverified', failure: other, shown });
    }
  }

  /** The product behind a fresh link was deleted meanwhile: found anew now, written in the next delivery. */
  private async rematchRefused(parcels: readonly Parcel[]): Promise<void> {
    if (parcels.length === 0) return;
    await this.rematch(parcels);
    for (const parcel of parcels.filter(isOpen)) {
      const unproven = failure('write_unproven');
      this.conclude(parcel, 'write', 'refused', { kind: 'unverified', failure: unproven, shown: null });
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
    return link !== null && this.ports.clock.now() - link.provenAt < LINK_FRESH_MS;
  }

  private prove(parcel: Parcel, product: ShopProduct): void {
    parcel.seen = product;
    if (!parcel.link) return;
    // In a variations batch the shop names only the attribute ("S"), so the name it was found by is kept.
    parcel.link = { ...parcel.link, sku: product.sku, provenAt: this.ports.clock.now() };
    parcel.linkChanged = true;
  }

  private conclude(
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

  private note(
    parcel: Parcel,
    step: AttemptStep['step'],
    outcome: string,
    more: Partial<Pick<AttemptStep, 'before' | 'after' | 'failure' | 'params'>>,
  ): void {
    this.steps.push({
      itemId: parcel.item.id,
      at: this.ports.clock.now(),
      step,
      outcome,
      before: null,
      after: null,
      wanted: parcel.wanted.target,
      params: {},
      failure: null,
      by: null,
      ...more,
    });
  }
}

/** What WooCommerce answers for an id that is no longer a product (or is one of another kind). */
const GONE: ReadonlySet<string> = new Set([
  'woocommerce_rest_product_invalid_id',
  'woocommerce_rest_invalid_product_id',
  'woocommerce_rest_product_variation_invalid_id',
]);

const isOpen = (parcel: Parcel): boolean => parcel.outcome === null;

function forgetLink(parcel: Parcel): void {
  parcel.link = null;
  parcel.linkChanged = true;
  parcel.seen = null;
}

const labelOf = ({ subject }: Parcel): string => subject.code ?? subject.barcode ?? subject.name ?? '';

const failedWith = (what: Failure, parcel: Parcel): SyncOutcome => ({
  kind: 'failed',
  failure: what,
  shown: parcel.seen?.quantity ?? null,
});

const adjustments = (wanted: TargetStock): Record<string, string> =>
  wanted.adjustments.length === 0 ? {} : { exact: wanted.exact, adjusted: wanted.adjustments.join(',') };
