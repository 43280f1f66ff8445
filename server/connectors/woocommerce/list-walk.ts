import { failure, FailureError } from '../../domain/failure';
import { ignoredFilter, LARGEST_PAGE } from './product-list';
import type { WooReply } from './woo-api';

/** A place in a list ordered by id. */
export interface WalkPlace {
  /** Everything up to this id has been read; 0 at the beginning. */
  readonly lastId: number;
  /** Where the next page begins: at or before the entry `lastId`, as long as nothing before it has been removed. */
  readonly offset: number;
  /** Entries in the whole list when it was last read; null where the shop does not say. */
  readonly total: number | null;
}

export const BEGINNING: WalkPlace = { lastId: 0, offset: 0, total: null };

interface Entry {
  readonly id: number;
}

export type ReadPage<Row extends Entry> = (offset: number) => Promise<WooReply<Row[]>>;

export interface WalkedRows<Row extends Entry> {
  /** Only what the walk had not come to before. */
  readonly rows: readonly Row[];
  /** Null at the end of the list. */
  readonly next: WalkPlace | null;
  readonly total: number | null;
  readonly shopTime: number | null;
}

const PAGE_WITH_OVERLAP = LARGEST_PAGE - 1;
const FIRST_WAY_BACK = LARGEST_PAGE / 2;

/**
 * Goes on through a list that changes while it is read. What is removed moves everything after it forward, past a reader
 * who counts pages. So each page begins with an entry that was read before: as the entries of one page are whole and in
 * the order of their ids, nothing can lie between. A page that begins later is thrown away, and read from further back.
 */
export async function walkOn<Row extends Entry>(
  read: ReadPage<Row>,
  place: WalkPlace,
  pages: 1 | 2,
): Promise<WalkedRows<Row>> {
  const ahead = place.offset + PAGE_WITH_OVERLAP;
  const both = pages === 2 && place.total !== null && place.offset + LARGEST_PAGE < place.total;
  const [first, second] = await together(read(place.offset), both ? read(ahead) : null);
  const { shopTime } = first;

  let walked = judge(first, place.offset, place.lastId);
  for (let back = FIRST_WAY_BACK; walked === null; back *= 2) {
    const offset = Math.max(0, place.offset - back);
    walked = judge(await read(offset), offset, place.lastId);
  }
  if (walked.next !== null && second !== null) {
    const further = judge(second, ahead, walked.next.lastId);
    if (further !== null) return { ...further, rows: [...walked.rows, ...further.rows], shopTime };
  }
  return { ...walked, shopTime };
}

/** A whole list that is short enough to be read in one go. */
export async function walkToTheEnd<Row extends Entry>(read: ReadPage<Row>): Promise<WalkedRows<Row>> {
  let walked = await walkOn(read, BEGINNING, 1);
  const { shopTime } = walked;
  const rows = [...walked.rows];
  while (walked.next !== null) {
    walked = await walkOn(read, walked.next, 2);
    rows.push(...walked.rows);
  }
  return { ...walked, rows, shopTime };
}

/** What a page adds; null where something may be missing between what was read before and this page. */
function judge<Row extends Entry>(
  { data, total, shopTime }: WooReply<Row[]>,
  offset: number,
  lastId: number,
): WalkedRows<Row> | null {
  if (data.some(({ id }, index) => index > 0 && id <= (data[index - 1]?.id ?? 0))) throw ignoredFilter('orderby');
  const begins = data[0]?.id;
  if (offset > 0 && (begins === undefined || begins > lastId)) return null;

  const rows = data.filter(({ id }) => id > lastId);
  const nothingBehind = total !== null && offset + LARGEST_PAGE >= total && rows.length === 0;
  const atEnd = total === null ? data.length < LARGEST_PAGE : offset + data.length >= total;
  if (atEnd || nothingBehind) return { rows, next: null, total, shopTime };
  // The shop leaves out what it cannot show, so the last entry may stand further on than the page is long; not before.
  const next = { lastId: Math.max(lastId, data.at(-1)?.id ?? 0), offset: offset + data.length - 1, total };
  if (next.offset <= offset) throw nothingShown(total);
  return { rows, next, total, shopTime };
}

const nothingShown = (total: number | null): FailureError =>
  new FailureError(failure('shop_answer_unexpected', { what: `a list of ${total ?? '?'} entries shows none of them` }));

/** Two calls at once; none is left under way when the other fails. */
export async function together<First, Second>(
  first: Promise<First>,
  second: Promise<Second> | null,
): Promise<[First, Second | null]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
