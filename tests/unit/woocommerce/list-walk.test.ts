import fc from 'fast-check';
import {
  BEGINNING,
  type ReadPage,
  type WalkedRows,
  type WalkPlace,
  walkOn,
} from '../../../server/connectors/woocommerce/list-walk';

interface Row {
  readonly id: number;
}

interface List {
  readonly rows: Row[];
  /** Entries counted and not shown, as the shop does with what it cannot load. */
  readonly hidden: ReadonlySet<number>;
  readonly largestPage: number;
  readonly saysTotal: boolean;
}

const readPage =
  (list: List): ReadPage<Row> =>
  (offset) =>
    Promise.resolve({
      data: list.rows.slice(offset, offset + list.largestPage).filter(({ id }) => !list.hidden.has(id)),
      total: list.saysTotal ? list.rows.length : null,
      shopTime: null,
    });

const listOf = (count: number, changes: Partial<List> = {}): List => ({
  rows: Array.from({ length: count }, (_, index) => ({ id: index + 1 })),
  hidden: new Set(),
  largestPage: 100,
  saysTotal: true,
  ...changes,
});

async function walk(list: List, between: (read: readonly number[]) => void = () => undefined): Promise<number[]> {
  const ids: number[] = [];
  let place: WalkPlace | null = BEGINNING;
  for (let steps = 0; place !== null; steps += 1) {
    if (steps > 200) throw new Error('The walk does not end');
    const walked: WalkedRows<Row> = await walkOn(readPage(list), place, 2);
    ids.push(...walked.rows.map(({ id }) => id));
    place = walked.next;
    between(ids);
  }
  return ids;
}

const remove = ({ rows }: List, ids: ReadonlySet<number>): void => {
  rows.splice(0, rows.length, ...rows.filter(({ id }) => !ids.has(id)));
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('A walk through a list', () => {
  it.each([0, 1, 99, 100, 101, 199, 200, 201, 1000])('reads each of %i entries once', async (count) => {
    expect(await walk(listOf(count))).toEqual(upTo(count));
    expect(await walk(listOf(count, { saysTotal: false }))).toEqual(upTo(count));
  });

  it('passes over what the shop counts and does not show', async () => {
    const hidden = new Set([1, 50, 99, 100, 101, 199, 200, 250, ...upTo(380).slice(300), 500]);
    expect(await walk(listOf(500, { hidden }))).toEqual(upTo(500).filter((id) => !hidden.has(id)));
  });

  it('takes smaller pages than it asks for', async () => {
    expect(await walk(listOf(330, { largestPage: 50 }))).toEqual(upTo(330));
  });

  it('never skips an entry that stays, whatever is removed and added meanwhile, and reads none twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 700 }),
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 200 }), fc.integer({ max: 30, min: 0 })),
          {
            maxLength: 12,
          },
        ),
        async (count, changes) => {
          const list = listOf(count);
          const removed = new Set<number>();
          const added: number[] = [];
          const pending = [...changes];
          const read = await walk(list, () => {
            const [from, length, more] = pending.shift() ?? [0, 0, 0];
            const gone = new Set(list.rows.slice(from, from + length).map(({ id }) => id));
            for (const id of gone) removed.add(id);
            remove(list, gone);
            for (let index = 0; index < more; index += 1) {
              const id = 10_000 + added.length;
              added.push(id);
              list.rows.push({ id });
            }
          });
          expect(new Set(read).size).toBe(read.length);
          expect(upTo(count).filter((id) => !removed.has(id) && !read.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not go on through a list in another order than it asked for', async () => {
    const list = listOf(10);
    list.rows.reverse();
    await expect(walk(list)).rejects.toMatchObject({ failure: { code: 'shop_answer_unexpected' } });
  });

  it('does not go round for ever where nothing is shown', async () => {
    const list = listOf(500, { hidden: new Set(upTo(500).slice(50)) });
    await expect(walk(list)).rejects.toMatchObject({ failure: { code: 'shop_answer_unexpected' } });
  });
});
