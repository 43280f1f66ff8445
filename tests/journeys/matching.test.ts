import { randomBytes } from 'node:crypto';
import { pick, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { NOT_COUNTED, type RunningService, runService } from '../support/running-service';
import { makeProducts, type MatchCase, SOON_MS, Stage } from './matching/case';
import { FINDING } from './matching/finding';
import { HEALING } from './matching/healing';
import { NUMBERS } from './matching/numbers';
import { type ShopAtHand, SHOPS } from './matching/shop-at-hand';

const SLOWEST_MS = 3 * SOON_MS;
const GROUPS: readonly (readonly [name: string, cases: readonly MatchCase[]])[] = [
  ['finds', FINDING],
  ['makes the number', NUMBERS],
  ['heals', HEALING],
];

/**
 * Each case is declared once and runs on the simulated shop, and on a real one where the environment names it (WOO_URL,
 * WOO_KEY, WOO_SECRET), on products that it makes over REST and removes again.
 */
describe.each(SHOPS)('What the service links and writes, on $name:', (source) => {
  const run = `M${randomBytes(3).toString('hex').toUpperCase()}`;
  const stages = new Map<MatchCase, Stage>();
  let shop: ShopAtHand;
  let running: RunningService;
  let shopId = 0;

  beforeAll(async () => {
    shop = await source.open();
    const cases = GROUPS.flatMap(([, all]) => all).filter((each) => source.translates || !each.translations);
    for (const [index, each] of cases.entries()) {
      const prefix = `${run}${String(index).padStart(2, '0')}`;
      stages.set(each, new Stage(each, prefix, shop, () => ({ api: running.api, shopId })));
    }
    await makeProducts(shop, [...stages.values()]);
    running = await runService();
    shopId = pickNumber(await running.api.expect(201, 'POST', '/shops', { name: 'Shop', ...shop.keys }), 'id');
  }, SLOWEST_MS);

  afterAll(async () => {
    await running.stop();
    for (const stage of stages.values()) await stage.clean();
    await shop.close();
  }, SLOWEST_MS);

  const catalogue = (): Promise<unknown> => running.api.expect(200, 'GET', `/shops/${shopId}/catalogue`);

  it(
    'the catalogue is read once the shop is connected, and says how far it is',
    async () => {
      expect(await catalogue()).toMatchObject({ state: 'none', entries: 0, webhooks: null });
      const made = await running.api.expect(201, 'POST', '/sources', { name: 'First', kind: 'generic' });
      const joined = { sourceId: pickNumber(made, 'id'), shopId, orders: NOT_COUNTED };
      await running.api.expect(201, 'POST', '/connections', joined);
      const steps = new Set<string>();
      const ready = await eventually(
        async () => {
          const now = await catalogue();
          steps.add(pickText(now, 'state'));
          if (pick(now, 'progress') !== null) {
            const { done, total } = {
              done: pickNumber(now, 'progress', 'done'),
              total: pick(now, 'progress', 'total'),
            };
            expect(total === null || done <= Number(total)).toBe(true);
          }
          return pick(now, 'state') === 'ready' ? now : undefined;
        },
        SLOWEST_MS,
        5,
      );
      expect([...steps]).toEqual(['loading', 'ready']);
      expect(ready).toMatchObject({ walk: null, progress: null, failure: null, linked: 0, unmanaged: 0 });
      expect(pickNumber(ready, 'entries')).toBeGreaterThan(150);
    },
    SLOWEST_MS,
  );

  describe.each(GROUPS)('%s', (_, cases) => {
    const here = cases.filter((each) => source.translates || !each.translations);
    const named = here.map((each) => [each.name, each] as const);

    it.each(named)(
      '%s',
      async (_name, each) => {
        const stage = stages.get(each);
        if (!stage) throw new Error(`${each.name} was not prepared`);
        try {
          await stage.open();
          await each.run(stage);
        } finally {
          await stage.close();
        }
      },
      SLOWEST_MS,
    );
  });
});
