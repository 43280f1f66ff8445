import { refKey } from '../domain/batch-plan';
import { type Failure, failure, FailureError } from '../domain/failure';
import { contradictsLink } from '../domain/matching';
import type {
  GuardedAnswer,
  GuardedWrite,
  ShopAccess,
  ShopReadAnswer,
  WritesAcross,
} from '../domain/ports/shop-target';
import type { Quantity } from '../domain/quantity';
import { showsNumber, whyNotWritable } from '../domain/writability';
import { isCounted, isOpen, type Journal, type Parcel } from './parcel';

/** What the way across parents shares with the shop's own. */
export interface WriteDesk {
  readonly answered: (items: number, durationMs: number) => void;
  readonly gone: (parcel: Parcel) => void;
  readonly switchedOn: (parcel: Parcel) => void;
  /** The link counts as unproven from now on. */
  readonly doubt: (parcel: Parcel, why: Failure) => void;
  /** Nobody knows what became of a call that had these. */
  readonly lost: (parcels: readonly Parcel[], why: FailureError) => void;
  readonly read: (
    parcels: readonly Parcel[],
  ) => Promise<readonly { readonly parcel: Parcel; readonly answer: ShopReadAnswer | undefined }[]>;
  /** After a lost answer: whatever arrived is concluded by what the shop shows. */
  readonly settleWhatArrived: (parcels: readonly Parcel[]) => Promise<void>;
}

/** A product that sells this quickly is written in its next turn. */
const MOST_CONFLICTS = 2;

/**
 * Writes parcels of whatever parents in one call after another, each only where the shop still shows what was seen. What
 * it leaves open goes by the shop's own API in the same delivery; nothing fails because of it.
 */
export class WriteAcross {
  private readonly conflicts = new Map<Parcel, number>();
  /** The shop's own API has to say what is the matter with these. */
  private readonly leftOut = new Set<Parcel>();

  constructor(
    private readonly across: WritesAcross,
    private readonly access: ShopAccess,
    private readonly journal: Journal,
    private readonly desk: WriteDesk,
    private readonly signal: AbortSignal,
  ) {}

  async write(parcels: readonly Parcel[]): Promise<void> {
    for (;;) {
      const waiting = parcels.filter((parcel) => isOpen(parcel) && !this.leftOut.has(parcel) && isKnown(parcel));
      const room = waiting.length === 0 ? 0 : await this.across.room(this.access.shopId);
      if (room === 0) return;
      const group = waiting.slice(0, room);
      const answers = await this.call(group);
      if (answers === null) return;
      const changed = group.filter((parcel, position) => !this.judge(parcel, answers[position]));
      await this.lookAgain(changed);
      // A call that settled nothing at all would be made for ever.
      if (answers.every((answer) => answer.kind === 'not_reached')) return;
    }
  }

  /** Null where it failed: everything that is not concluded then goes the other way. */
  private async call(group: readonly Parcel[]): Promise<readonly GuardedAnswer[] | null> {
    const startedAt = this.journal.now();
    for (const parcel of group) parcel.sent = true;
    try {
      const answers = await this.across.write(this.access, group.flatMap(writeOf), this.signal);
      this.desk.answered(group.length, this.journal.now() - startedAt);
      return answers;
    } catch (thrown) {
      if (!(thrown instanceof FailureError) || this.signal.aborted) throw thrown;
      if (thrown.facts.writeMayHaveHappened !== true) return null;
      this.desk.lost(group, thrown);
      await this.desk.settleWhatArrived(group);
      return null;
    }
  }

  /** False where the shop showed another number than was expected. */
  private judge(parcel: Parcel, answer: GuardedAnswer | undefined): boolean {
    switch (answer?.kind) {
      case 'shown':
        this.conclude(parcel, answer);
        return true;
      case 'changed_meanwhile':
        this.journal.note(parcel, 'write', 'conflict', { before: expectedOf(parcel), after: answer.quantity });
        return false;
      case 'not_managed':
        if (parcel.connection.unmanaged === 'switch-on' && !parcel.switchOn) parcel.switchOn = true;
        else this.leftOut.add(parcel);
        return true;
      case 'gone':
        this.leftOut.add(parcel);
        this.desk.gone(parcel);
        return true;
      case 'not_reached':
        return true;
      default:
        this.leftOut.add(parcel);
        return true;
    }
  }

  private conclude(parcel: Parcel, { quantity, before, written }: Extract<GuardedAnswer, { kind: 'shown' }>): void {
    if (parcel.switchOn) {
      this.desk.switchedOn(parcel);
      this.journal.note(parcel, 'write', 'switched_on', {
        params: { productId: parcel.link?.ref.variationId ?? parcel.link?.ref.productId ?? 0 },
      });
    }
    if (parcel.seen) parcel.seen = { ...parcel.seen, stockOwner: 'self', quantity };
    if (quantity !== parcel.wanted.target) {
      this.leftOut.add(parcel);
      return;
    }
    const outcome = { kind: 'synced', shown: quantity, how: written ? 'written' : 'already' } as const;
    this.journal.conclude(parcel, written ? 'write' : 'look', written ? 'written' : 'same', outcome, before);
  }

  /** The shop is read, and what is to be done is decided by what it shows now. */
  private async lookAgain(changed: readonly Parcel[]): Promise<void> {
    for (const parcel of changed.filter(isCounted)) {
      // Perhaps an order: how many pieces the source does not know of has to be counted anew first.
      parcel.sent = false;
      this.journal.conclude(parcel, 'look', 'orders_moving', { kind: 'moving' });
    }
    const parcels = changed.filter((parcel) => !isCounted(parcel));
    for (const { parcel, answer } of await this.desk.read(parcels)) {
      const { link, subject } = parcel;
      const product = answer?.kind === 'found' ? answer.product : null;
      const conflicts = (this.conflicts.get(parcel) ?? 0) + 1;
      this.conflicts.set(parcel, conflicts);
      if (!product || !link || contradictsLink(link, subject, product, link.foundBy === 'mapping' ? link.sku : null)) {
        const unproven = failure('write_unproven');
        this.desk.doubt(parcel, unproven);
        this.journal.conclude(parcel, 'verify', 'other', { kind: 'unverified', failure: unproven, shown: null });
        continue;
      }
      this.journal.prove(parcel, product);
      const why = whyNotWritable(product);
      const wanted = parcel.wanted.target;
      if (why) {
        this.journal.conclude(parcel, 'look', 'not_writable', {
          kind: 'failed',
          failure: why,
          shown: product.quantity,
        });
      } else if (showsNumber(product, wanted)) {
        this.journal.conclude(parcel, 'look', 'same', { kind: 'synced', shown: wanted, how: 'already' });
      } else if (conflicts >= MOST_CONFLICTS) {
        const other = failure('shop_shows_other', { wanted, shown: product.quantity ?? '–' });
        const outcome = { kind: 'unverified', failure: other, shown: product.quantity } as const;
        this.journal.conclude(parcel, 'verify', 'other', outcome);
      }
    }
  }
}

const expectedOf = ({ seen, item }: Parcel): Quantity | null => (seen ? seen.quantity : item.shown);

/** Of a product whose stock is about to be managed no number is expected. */
const isKnown = (parcel: Parcel): boolean => parcel.link !== null && (parcel.switchOn || expectedOf(parcel) !== null);

const writeOf = (parcel: Parcel): GuardedWrite[] =>
  parcel.link
    ? [
        {
          ref: parcel.link.ref,
          quantity: parcel.wanted.target,
          expected: parcel.switchOn ? null : expectedOf(parcel),
          ...(parcel.switchOn ? { switchOn: true } : {}),
        },
      ]
    : [];

/** One parcel for each product: of several the last. */
export function byProduct(parcels: readonly Parcel[]): ReadonlyMap<string, Parcel> {
  return new Map(parcels.flatMap((parcel) => (parcel.link ? [[refKey(parcel.link.ref), parcel] as const] : [])));
}
