import { dateToAskAfter } from '../../../server/connectors/woocommerce/list-catalogue';

describe('The date to ask for changes after', () => {
  const asked = (date: string): string => new Date(dateToAskAfter(Date.parse(date))).toISOString().slice(0, 19);

  it.each([
    ['2026-11-21T16:28:13.000Z', '2026-11-21T16:28:12'],
    ['2026-11-21T16:28:13.999Z', '2026-11-21T16:28:12'],
    ['2026-11-21T00:00:00.000Z', '2026-11-20T23:59:59'],
    ['2026-03-25T03:30:00.000Z', '2026-03-25T03:29:59'],
  ])('is a second before %s: later ones only are shown', (since, date) => {
    expect(asked(since)).toBe(date);
  });

  it.each([
    ['2026-03-29T03:30:00.000Z', '2026-03-29T02:29:59'],
    ['2026-03-29T00:30:00.000Z', '2026-03-28T23:29:59'],
    ['2026-04-24T00:10:00.000Z', '2026-04-23T23:09:59'],
  ])('is an hour earlier where a shop may take %s for an hour its clocks leave out', (since, date) => {
    expect(asked(since)).toBe(date);
  });
});
