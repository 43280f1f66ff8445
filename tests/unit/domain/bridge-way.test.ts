import { AT_HAND, mayCross, wentAway } from '../../../server/domain/bridge-way';
import { failure } from '../../../server/domain/failure';

const gone = failure('bridge_missing', { what: 'status 404' });
const T0 = 1_000_000;

describe('The way through a shop’s plugin', () => {
  it('is tried again after a pause that doubles from half a minute to ten', () => {
    let way = AT_HAND;
    const pauses: number[] = [];
    for (let now = T0; pauses.length < 7; now = way.retryAt ?? 0) {
      way = wentAway(way, gone, now);
      pauses.push((way.retryAt ?? 0) - now);
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
    expect(way).toMatchObject({ awaySince: T0, failures: 7 });
  });

  it('is closed until then, and open from that moment on', () => {
    const way = wentAway(AT_HAND, gone, T0);
    expect([mayCross(AT_HAND, T0), mayCross(way, T0 + 29_999), mayCross(way, T0 + 30_000)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is not closed for longer by calls that were under way when it closed', () => {
    const way = wentAway(AT_HAND, gone, T0);
    expect(wentAway(way, failure('shop_timeout', { seconds: 60 }), T0 + 100)).toBe(way);
  });
});
