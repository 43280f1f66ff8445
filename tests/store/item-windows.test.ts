import type { ItemFilter, ItemOrder } from '../../server/domain/ports/sync-items';
import { type Feed, feedIn, onEachEngine, push } from '../support/test-stores';

const COUNT = 25;
const numbers = Array.from({ length: COUNT }, (_, n) => n);
/** In another order than they came in. */
const codeOf = (n: number) => `C-${String((n * 7) % COUNT).padStart(2, '0')}`;

onEachEngine('A window into the items', (stores) => {
  let feed: Feed;
  let other: Feed;
  const all = (more: Partial<ItemFilter> = {}): ItemFilter => ({
    connectionId: feed.connection.id,
    status: null,
    text: null,
    ...more,
  });
  const read = async (offset: number, limit: number, order: ItemOrder = 'added', filter = all()) =>
    (await stores().items.window(filter, { order, offset, limit })).map(({ subject }) => subject.code);

  beforeAll(async () => {
    feed = await feedIn(stores());
    other = await feedIn(stores());
    for (const n of numbers) {
      stores().clock.advance(1);
      await push(stores(), feed, [{ code: codeOf(n), quantity: n }]);
    }
    await push(stores(), other, [{ code: 'C-99', quantity: 1 }]);
    stores().clock.advance(1000);
    await push(stores(), feed, [{ code: codeOf(3), quantity: 99 }]);
  });

  it.each(['added', 'changed', 'code'] as const)(
    'shows each row once, whichever parts are read, by %s',
    async (order) => {
      const whole = await read(0, COUNT + 5, order);
      expect(new Set(whole)).toEqual(new Set(numbers.map(codeOf)));
      const parts = await Promise.all([0, 7, 14, 21].map((offset) => read(offset, 7, order)));
      expect(parts.flat()).toEqual(whole);
      const fromBehind = await Promise.all([-COUNT, -18, -11, -4].map((offset) => read(offset, 7, order)));
      expect(fromBehind.flat()).toEqual(whole);
    },
  );

  it('is in the order asked for', async () => {
    expect(await read(0, 3)).toEqual([0, 1, 2].map(codeOf));
    expect(await read(0, 2, 'changed')).toEqual([codeOf(3), codeOf(24)]);
    expect(await read(0, 3, 'code')).toEqual(['C-00', 'C-01', 'C-02']);
    expect(await read(-2, 10, 'code')).toEqual(['C-23', 'C-24']);
  });

  it('counts places among those that fit the filter alone', async () => {
    const found = numbers.map(codeOf).filter((code) => code.includes('1'));
    for (const order of ['added', 'code'] as const) {
      const parts = [await read(0, 5, order, all({ text: '1' })), await read(5, 50, order, all({ text: '1' }))].flat();
      expect(order === 'added' ? parts : [...parts].sort()).toEqual(order === 'added' ? found : [...found].sort());
    }
    expect(await read(0, 5, 'added', all({ status: 'failed' }))).toEqual([]);
  });

  it('goes over every connection, source by source where it is by code', async () => {
    const everywhere = all({ connectionId: null });
    expect((await read(0, 100, 'code', everywhere)).at(-1)).toBe('C-99');
    expect(await read(0, 100, 'code', everywhere)).toHaveLength(COUNT + 1);
  });

  it('shows nothing beyond the end', async () => {
    expect(await read(COUNT, 10)).toEqual([]);
  });
});
