import { planBatches, refKey } from '../domain/batch-plan';
import { type Failure, failure, type FailureCode, FailureError } from '../domain/failure';
import { contradictsLink } from '../domain/matching';
import type {
  ShopAccess,
  ShopProduct,
  ShopProductRef,
  ShopTarget,
  ShopWriteAnswer,
  StockWrite,
} from '../domain/ports/shop-target';
import type { SyncOutcome } from '../domain/sync-item';
import { showsNumber, whyNotWritable } from '../domain/writability';
import { isCounted, isOpen, type Journal, type Parcel } from './parcel';
import { byProduct, WriteAcross } from './write-across';

/**
 * Failures of a whole call that may come from one item in it. The others (out of reach, keys, maintenance, slow down)
 * speak of the shop, and trying again in smaller pieces would only be more of the same.
 */
const MAY_BE_ONE_ITEM: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'shop_server_error',
  'shop_timeout',
  'shop_answer_lost',
  'shop_not_json',
  'shop_answer_unexpected',
  'shop_batch_too_large',
]);

/** Items that failed all alone while nothing at all was written: then it is the shop that fails, not they. */
const LONELY_FAILURES_OF_A_SHOP = 3;

/** What was in so many calls that did not end may be why they did not: it is written by itself, the others without it. */
const ALONE_AFTER_ATTEMPTS = 3;

export interface AnsweredCall {
  readonly items: number;
  readonly durationMs: number;
  /** Whatever their parents: it says nothing of how much the shop's own API bears. */
  readonly across: boolean;
}

export interface WriteResult {
  /** Write calls the shop answered, with their size and time: what the pace is learnt from. */
  readonly answered: readonly AnsweredCall[];
  /** A call failed as a whole, whatever became of its items. */
  readonly troubled: FailureError | null;
  /** What the shop says is no (longer a) product; found anew by the caller. */
  readonly gone: readonly Parcel[];
  /** Something was written as a difference: an order in the very moment of it may be written over. */
  readonly byDifference: boolean;
  /** Parcels whose product had its stock management switched on, by the shop's own answer. */
  readonly switchedOn: readonly Parcel[];
}

const writtenId = ({ link }: Parcel): number => link?.ref.variationId ?? link?.ref.productId ?? 0;

/** What WooCommerce answers for an id that is no longer a product, or is one of another kind. */
const GONE: ReadonlySet<string> = new Set([
  'woocommerce_rest_product_invalid_id',
  'woocommerce_rest_invalid_product_id',
  'woocommerce_rest_product_variation_invalid_id',
]);

/**
 * The shop's answer shows a product that is no longer the one it was linked as: its SKU was moved since it was last
 * looked at. Of a variation's name the answer says its own part only; translations are looked at by themselves.
 */
function isAnother({ link, main, subject }: Parcel, seen: ShopProduct): boolean {
  if (link === null || main !== null || (link.foundBy === 'name' && link.ref.variationId !== null)) return false;
  return contradictsLink(link, subject, seen, link.foundBy === 'mapping' ? link.sku : null);
}

/** The shop has said all it will ever say of the call: what it did not do until then it will not do. */
const hasEnded = ({ failure: { code, params } }: FailureError): boolean =>
  code === 'shop_not_json' ||
  code === 'shop_answer_unexpected' ||
  code === 'shop_batch_too_large' ||
  (code === 'shop_server_error' && !GATEWAY_GAVE_UP.has(String(params['status'])));

/** What stands before the shop gave up waiting for it. */
const GATEWAY_GAVE_UP: ReadonlySet<string> = new Set(['502', '504', '520', '522', '524']);

/** Where web orders are counted only the difference is sent, so that an order in between is not lost. */
function writeOf(parcel: Parcel): StockWrite | null {
  const { link, wanted, switchOn, seen } = parcel;
  if (link === null) return null;
  const { target } = wanted;
  if (switchOn) return { ref: link.ref, quantity: target, switchOn };
  const from = isCounted(parcel) ? (seen?.quantity ?? null) : null;
  return { ref: link.ref, quantity: target, ...(from === null ? {} : { from }) };
}

/** Writes parcels in the fewest calls, reads every item's answer, and narrows a failing call down to the item at fault. */
export class WriteParcels {
  private readonly answered: AnsweredCall[] = [];
  private readonly gone: Parcel[] = [];
  private readonly switchedOn: Parcel[] = [];
  private troubled: FailureError | null = null;
  private lonelyFailures = 0;
  private byDifference = false;

  constructor(
    private readonly target: Pick<ShopTarget, 'across' | 'read' | 'write'>,
    private readonly access: ShopAccess,
    private readonly journal: Journal,
    /** Told of what is about to be sent as a difference. */
    private readonly sends: (parcels: readonly Parcel[]) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws the FailureError of the shop as a whole; parcels concluded until then keep their outcome. */
  async write(parcels: readonly Parcel[], batchSize: number): Promise<void> {
    const byRef = byProduct(parcels);
    await this.writeAcross([...byRef.values()]);
    const writes = [...byRef.values()].flatMap((parcel) =>
      parcel.link && isOpen(parcel) && !this.gone.includes(parcel)
        ? [{ ref: parcel.link.ref, quantity: parcel.wanted.target }]
        : [],
    );
    const isSuspect = ({ ref }: { readonly ref: ShopProductRef }) => {
      const item = byRef.get(refKey(ref))?.item;
      return item?.failure?.code === 'write_unproven' && item.attempts >= ALONE_AFTER_ATTEMPTS;
    };
    const batches = [
      ...planBatches(
        writes.filter((write) => !isSuspect(write)),
        batchSize,
      ),
      ...planBatches(writes.filter(isSuspect), 1),
    ];
    for (const batch of batches) {
      const group = batch.writes.flatMap(({ ref }) => byRef.get(refKey(ref)) ?? []);
      await this.writeGroup(batch.parentId, group);
    }
  }

  private async writeAcross(parcels: readonly Parcel[]): Promise<void> {
    const { across } = this.target;
    if (!across) return;
    const desk = {
      answered: (items: number, durationMs: number) => void this.answered.push({ items, durationMs, across: true }),
      gone: (parcel: Parcel) => void this.gone.push(parcel),
      switchedOn: (parcel: Parcel) => void this.switchedOn.push(parcel),
      doubt: (parcel: Parcel, why: Failure) => this.doubt(parcel, why),
      lost: (some: readonly Parcel[], why: FailureError) => this.lost(some, why),
      read: (some: readonly Parcel[]) => this.read(some),
      settleWhatArrived: (some: readonly Parcel[]) => this.settleWhatArrived(some),
    };
    await new WriteAcross(across, this.access, this.journal, desk, this.signal).write(parcels);
  }

  result(): WriteResult {
    const { answered, troubled, gone, switchedOn, byDifference } = this;
    return { answered, troubled, gone, switchedOn, byDifference };
  }

  private async writeGroup(parentId: number | null, group: readonly Parcel[]): Promise<void> {
    let answers: readonly ShopWriteAnswer[];
    const writes = group.flatMap((parcel) => writeOf(parcel) ?? []);
    const byDifference = group.filter((parcel) => writeOf(parcel)?.from !== undefined);
    if (byDifference.length > 0) await this.sends(byDifference);
    const startedAt = this.journal.now();
    try {
      for (const parcel of group) parcel.sent = true;
      this.byDifference ||= byDifference.length > 0;
      answers = await this.target.write(this.access, { parentId, writes }, this.signal);
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      await this.afterFailedCall(parentId, group, thrown);
      return;
    }
    this.answered.push({ items: group.length, durationMs: this.journal.now() - startedAt, across: false });
    const doubtful = group.filter((parcel, position) => {
      const answer = answers[position];
      return answer !== undefined && !this.judge(parcel, answer);
    });
    await this.switchOn(
      parentId,
      group.filter(isOpen).filter((parcel) => parcel.switchOn && !doubtful.includes(parcel)),
    );
    await this.readBack(doubtful);
  }

  /** The answer told that stock management is off, and the connection says to switch it on: written once more, with it. */
  private async switchOn(parentId: number | null, group: readonly Parcel[]): Promise<void> {
    if (group.length > 0) await this.writeGroup(parentId, group);
  }

  private async afterFailedCall(
    parentId: number | null,
    group: readonly Parcel[],
    thrown: FailureError,
  ): Promise<void> {
    this.troubled = thrown;
    if (thrown.facts.writeMayHaveHappened === true) this.lost(group, thrown);
    if (this.signal.aborted || !MAY_BE_ONE_ITEM.has(thrown.failure.code)) throw thrown;
    // Nobody knows what was carried out: the shop is asked before anything is written again.
    if (thrown.facts.writeMayHaveHappened === true) await this.settleWhatArrived(group);
    const rest = group.filter(isOpen);
    if (rest.length === 0) {
      if (group.some(({ doubted }) => doubted)) this.countLonely(thrown);
      return;
    }
    if (rest.length > 1) {
      const half = Math.ceil(rest.length / 2);
      await this.writeGroup(parentId, rest.slice(0, half));
      await this.writeGroup(parentId, rest.slice(half));
      return;
    }
    this.countLonely(thrown);
    for (const parcel of rest) this.failAlone(parcel, thrown);
  }

  private countLonely(thrown: FailureError): void {
    this.lonelyFailures++;
    if (this.answered.length === 0 && this.lonelyFailures >= LONELY_FAILURES_OF_A_SHOP) throw thrown;
  }

  /** Nobody knows what became of the call, nor, where the shop did not end it, what may yet. */
  private lost(group: readonly Parcel[], thrown: FailureError): void {
    for (const parcel of group) {
      this.doubt(parcel, thrown.failure);
      parcel.doubted = isCounted(parcel) && !hasEnded(thrown);
    }
  }

  private failAlone(parcel: Parcel, { failure: { code, params, proof } }: FailureError): void {
    const what = failure('shop_fails_on_item', { what: String(params['status'] ?? code) }, proof);
    this.journal.conclude(parcel, 'write', 'failed_alone', { kind: 'failed', failure: what, shown: null });
  }

  /** The link counts as unproven from now on, so that even after a crash the shop is read before the next write. */
  private doubt(parcel: Parcel, why: Failure): void {
    if (parcel.link) parcel.link = { ...parcel.link, provenAt: 0 };
    parcel.linkChanged = true;
    this.journal.note(parcel, 'write', 'unknown', { failure: why });
  }

  /**
   * What the shop shows tells what arrived. Where web orders are counted, the rest is not written in this delivery if the
   * shop may yet add the difference, or if its number moved: an order did that, and is not in the sum.
   */
  private async settleWhatArrived(group: readonly Parcel[]): Promise<void> {
    for (const { parcel, answer } of await this.read(group)) {
      const before = parcel.seen?.quantity ?? null;
      if (answer?.kind === 'found') this.journal.prove(parcel, answer.product);
      if (answer?.kind === 'found' && showsNumber(answer.product, parcel.wanted.target)) {
        parcel.doubted = false;
        const outcome: SyncOutcome = { kind: 'synced', shown: parcel.wanted.target, how: 'written' };
        this.journal.conclude(parcel, 'verify', 'equal', outcome);
      } else if (parcel.doubted) {
        const unproven = failure('write_unproven');
        const shown = parcel.seen?.quantity ?? null;
        this.journal.conclude(parcel, 'verify', 'unknown', { kind: 'unverified', failure: unproven, shown });
      } else if (isCounted(parcel) && parcel.seen?.quantity !== before) {
        this.journal.conclude(parcel, 'look', 'orders_moving', { kind: 'moving' });
      }
    }
  }

  /** False when the shop's answer does not show the number and has to be read back. */
  private judge(parcel: Parcel, answer: ShopWriteAnswer): boolean {
    if (answer.kind === 'refused') {
      if (GONE.has(answer.code)) {
        this.gone.push(parcel);
        return true;
      }
      const refused = failure('shop_refused_item', { code: answer.code, message: answer.message });
      this.journal.conclude(parcel, 'write', 'refused', { kind: 'failed', failure: refused, shown: null });
      return true;
    }
    const { product } = answer;
    const before = parcel.seen?.quantity ?? null;
    const why = whyNotWritable(product);
    if (why?.code === 'stock_not_managed' && parcel.connection.unmanaged === 'switch-on' && !parcel.switchOn) {
      parcel.switchOn = true;
      return true;
    }
    if (why) {
      const outcome: SyncOutcome = { kind: 'failed', failure: why, shown: product.quantity };
      this.journal.conclude(parcel, 'write', 'ignored', outcome, before);
      return true;
    }
    if (parcel.switchOn) {
      this.switchedOn.push(parcel);
      this.journal.note(parcel, 'write', 'switched_on', { params: { productId: writtenId(parcel) } });
    }
    if (isAnother(parcel, product)) {
      const unproven = failure('write_unproven');
      this.doubt(parcel, unproven);
      this.journal.conclude(parcel, 'write', 'unknown', { kind: 'unverified', failure: unproven, shown: null }, before);
      return true;
    }
    this.journal.prove(parcel, product);
    if (!showsNumber(product, parcel.wanted.target)) return false;
    const outcome: SyncOutcome = { kind: 'synced', shown: parcel.wanted.target, how: 'written' };
    this.journal.conclude(parcel, 'write', 'written', outcome, before);
    return true;
  }

  /** The answer showed another number: perhaps an order in the same moment, perhaps a plugin. The shop is asked. */
  private async readBack(parcels: readonly Parcel[]): Promise<void> {
    for (const { parcel, answer } of await this.read(parcels)) {
      const product = answer?.kind === 'found' ? answer.product : null;
      if (product && showsNumber(product, parcel.wanted.target)) {
        const outcome: SyncOutcome = { kind: 'synced', shown: parcel.wanted.target, how: 'written' };
        this.journal.conclude(parcel, 'verify', 'equal', outcome);
        continue;
      }
      const shown = product?.quantity ?? null;
      const other = failure('shop_shows_other', { wanted: parcel.wanted.target, shown: shown ?? '–' });
      this.journal.conclude(parcel, 'verify', 'other', { kind: 'unverified', failure: other, shown });
    }
  }

  private async read(parcels: readonly Parcel[]) {
    const linked = parcels.flatMap((parcel) => (parcel.link ? [{ parcel, ref: parcel.link.ref }] : []));
    if (linked.length === 0) return [];
    const refs = linked.map(({ ref }) => ref);
    const answers = await this.target.read(this.access, refs, this.signal);
    return linked.map(({ parcel }, position) => ({ parcel, answer: answers[position] }));
  }
}
