import type { PushFilter } from '../../server/domain/ports/pushes';
import { type Feed, feedIn, onEachEngine, push, pushBody, pushesOf } from '../support/test-stores';

const MINUTE = 60_000;

onEachEngine('The pushes', (stores) => {
  let feed: Feed;
  let times: number[];
  const ids = async (filter: Partial<PushFilter>, limit = 10) => {
    const found: number[] = [];
    for (let cursor: string | null = null; ;) {
      const page = await stores().pushes.list({ ...pushesOf(feed), ...filter }, { limit, cursor });
      found.push(...page.data.map(({ receivedAt }) => times.indexOf(receivedAt)));
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  };

  beforeAll(async () => {
    feed = await feedIn(stores());
    times = [];
    const send = async (body: string) => {
      stores().clock.advance(MINUTE);
      times.push(stores().clock.now());
      await pushBody(stores(), feed, body).catch(() => undefined);
    };
    await send('{"items":[{"code":"A","quantity":1}]}');
    await send('{"items":[]}');
    await send('{"items":[{"code":"A","quantity":2},{"code":"B","quantity":"abc"}]}');
    await send('{"items":[{"code":"A","quantity":3}]}');
    const other = await feedIn(stores());
    await push(stores(), other, [{ code: 'X', quantity: 1 }]);
  });

  it('of one source come newest first, page by page', async () => {
    expect(await ids({}, 2)).toEqual([3, 2, 1, 0]);
  });

  it('are narrowed to those with a rejected line, or an accepted one, or tests', async () => {
    expect(await ids({ outcome: 'rejected' })).toEqual([2]);
    expect(await ids({ outcome: 'accepted' })).toEqual([3, 2, 0]);
    expect(await ids({ outcome: 'test' })).toEqual([1]);
    expect(await ids({ outcome: 'unreadable' })).toEqual([]);
    expect(await ids({ outcome: 'other' })).toEqual([]);
  });

  it('are narrowed to a span of time, page by page, its end not among them', async () => {
    const [, second = 0, , fourth = 0] = times;
    expect(await ids({ from: second, before: fourth }, 1)).toEqual([2, 1]);
    expect(await ids({ from: fourth })).toEqual([3]);
    expect(await ids({ before: second })).toEqual([0]);
    expect(await ids({ from: second, outcome: 'accepted' })).toEqual([3, 2]);
  });
});
