import { refKey } from '../domain/batch-plan';
import { type Failure, failure } from '../domain/failure';
import { type SalesInAll, type ShownBecause, whyShown } from '../domain/hand-edit';
import type { HeldNumber } from '../domain/ports/sync-items';
import { equalQuantities, isNegative, type Quantity, subtractQuantity, sumQuantities } from '../domain/quantity';
import { isOpen, type Journal, type Parcel, sourceWants, wantedOf } from './parcel';

type Why = 'edited' | 'asked';

type Rule = Parcel['connection']['onDifference'];

const STEP: Readonly<Record<Rule, string>> = { repair: 'edited', keep: 'edited_kept', report: 'edited_asked' };

/** Somebody's edit in the shop stands, or waits for a person, until the source says something new. */
export const isHandsOff = ({ item }: Parcel): boolean => {
  const why = item.facts.held?.why;
  return !item.news && (why === 'edited' || why === 'asked');
};

/** Orders explain what the shop shows. */
export const isAsLeft = (parcel: Parcel): boolean => shownBecause(parcel)?.because === 'as_left';

/** By what these orders took and gave back, one of them was written over. */
export const looksWrittenOver = (parcel: Parcel, sales: SalesInAll): boolean =>
  shownBecause({ ...parcel, sales })?.because === 'written_over';

/** A number that is to be written must not wait for ever where the product is told of again and again. */
const LONGEST_WAIT_MS = 30_000;
/** Nor is one that sells all the time looked at for ever. */
const MOST_LOOKS = 4;

/**
 * Before anything is written: a number that somebody set in the shop is written over, stays, or waits for a person, by
 * the connection's rule. What the source says anew is written whatever the rule says. What no order explains is given a
 * moment first: an order's lines are written after its stock fell.
 */
export function judgeEdits(parcels: readonly Parcel[], journal: Journal): void {
  for (const parcel of parcels) {
    const shown = parcel.seen?.quantity ?? null;
    if (shown === null || !isOpen(parcel) || parcel.connection.mode !== 'live') continue;
    if (isHandsOff(parcel)) {
      leave(parcel, shown, parcel.item.facts.held?.why === 'asked' ? 'asked' : 'edited', journal);
      continue;
    }
    const found = shownBecause(parcel);
    if (!found || found.because === 'as_left') continue;
    const isRepaired = parcel.item.news || found.because === 'written_over';
    const rule: Rule = isRepaired ? 'repair' : parcel.connection.onDifference;
    const { taken = '', given = '' } = parcel.sales ?? {};
    const unexplained = failure('number_unexplained', { shown, expected: found.expected, taken, given });
    // Too many is a sale that is lost: that cannot wait. Too few may as well be one whose lines are still to come.
    const isCertain = found.because === 'written_over' && !isNegative(subtractQuantity(shown, found.expected));
    if (!isCertain && !isProven(parcel, unexplained, rule, journal.now())) {
      journal.conclude(parcel, 'look', 'unexplained', { kind: 'unverified', failure: unexplained, shown: null });
      continue;
    }
    const step = found.because === 'edited' ? stepOf(parcel, shown, rule) : found.because;
    journal.note(parcel, 'look', step, { before: found.expected, after: shown });
    if (rule !== 'repair') leave(parcel, shown, rule === 'keep' ? 'edited' : 'asked', journal);
  }
}

/** Somebody set it to what the source says: there is nothing to be set right, to be kept or to be asked about. */
function isWhatSourceSays(parcel: Parcel, shown: Quantity): boolean {
  const wanted = sourceWants(parcel)?.target ?? null;
  return wanted !== null && equalQuantities(wanted, shown);
}

const stepOf = (parcel: Parcel, shown: Quantity, rule: Rule): string =>
  isWhatSourceSays(parcel, shown) ? 'edited_same' : STEP[rule];

/** It was the same when it was looked at a moment ago, and no order has come since: none is on its way. */
function isProven({ item }: Parcel, now: Failure, rule: Rule, at: number): boolean {
  const before = item.failure?.code === 'number_unexplained' ? item.failure : null;
  if (before && ['shown', 'expected', 'taken', 'given'].every((each) => before.params[each] === now.params[each])) {
    return true;
  }
  return item.attempts >= MOST_LOOKS || (rule === 'repair' && at - (item.waitingSince ?? at) >= LONGEST_WAIT_MS);
}

function shownBecause({
  item,
  link,
  seen,
  sales,
}: Parcel): { readonly because: ShownBecause; readonly expected: Quantity } | null {
  const shown = seen?.quantity ?? null;
  if (item.left === null || shown === null || sales === null || link === null || item.link === null) return null;
  // How another product was left says nothing of this one.
  return refKey(item.link.ref) === refKey(link.ref) ? whyShown(item.left, sales, shown) : null;
}

function leave(parcel: Parcel, shown: Quantity, why: Why, journal: Journal): void {
  if (isWhatSourceSays(parcel, shown)) {
    hold(parcel, null);
    return;
  }
  hold(parcel, { quantity: sumQuantities([shown, ...parcel.unseen.map((sale) => sale.quantity)]), why });
  if (why === 'edited') {
    // Whatever it is, below 0 too: nothing is written to it.
    journal.conclude(parcel, 'look', 'kept', { kind: 'synced', shown, how: 'already' });
    return;
  }
  const differs = failure('shop_differs', { shown, wanted: sourceWants(parcel)?.target ?? '' });
  journal.conclude(parcel, 'look', 'left_alone', { kind: 'failed', failure: differs, shown });
}

function hold(parcel: Parcel, held: HeldNumber | null): void {
  parcel.held = held;
  parcel.wanted = wantedOf(parcel) ?? parcel.wanted;
}
