import { setTimeout as wait } from 'node:timers/promises';
import { runService } from '../support/running-service';
import type { Fault, FaultScope } from '../support/simulated-woocommerce';
import { QuickClock } from '../support/quick-clock';
import { isHealthy, labelOf } from './goods';
import type { Random } from './random';
import { addFigures, type Scenario, type ScenarioRun } from './scenario';
import { Stage } from './stage';

const SPEED = 10;

interface Trouble {
  readonly name: string;
  /** It strikes the shop as a whole, so that no product may be charged an attempt for it. */
  readonly isOfTheShop: boolean;
  /** A shop that reads well and fails every write looks like bad items until several have failed alone, once each. */
  readonly mayChargeOnce?: boolean;
  /** How long it lasts; longer than a probe takes to come back, by the service's own clock. */
  readonly lastsMs: number;
  begin(stage: Stage, random: Random): void | Promise<void>;
  /** Beyond taking the faults away. */
  end?(stage: Stage): void | Promise<void>;
}

const faulty = (
  name: string,
  isOfTheShop: boolean,
  fault: Fault | ((random: Random) => Fault),
  scope: FaultScope = {},
): Trouble => ({
  name,
  isOfTheShop,
  lastsMs: 2_400,
  begin: (stage, random) => stage.shop.faults.always(typeof fault === 'function' ? fault(random) : fault, scope),
});

const BATCH: FaultScope = { route: /batch$/ };

/** Connections that wait for an answer that never comes are cut, as a host that restarts its PHP does. */
const cutConnections = async ({ shop }: Stage): Promise<void> => {
  await shop.goDown();
  await shop.comeBack();
};

const someSkus = (stage: Stage, random: Random, count: number): string[] =>
  random.some(
    stage.goods.flatMap((good) => (isHealthy(good) && good.sku !== null ? [good.sku] : [])),
    count,
  );

const troubles: readonly Trouble[] = [
  {
    name: 'shop-down',
    isOfTheShop: true,
    lastsMs: 2_500,
    begin: ({ shop }) => shop.goDown(),
    end: ({ shop }) => shop.comeBack(),
  },
  faulty('shop-slow', true, (random) => ({ kind: 'slow', ms: random.between(200, 900) })),
  faulty('shop-rate-limited', true, (random) => ({ kind: 'rate-limit', retryAfter: random.between(1, 8) })),
  faulty('shop-server-error', true, { kind: 'server-error' }),
  { ...faulty('shop-writes-fail', true, { kind: 'server-error', as: 'json' }, BATCH), mayChargeOnce: true },
  faulty('shop-html-page', true, { kind: 'html-page' }),
  faulty('shop-firewall', true, (random) => ({
    kind: 'firewall',
    by: random.pick(['cloudflare', 'wordfence', 'modsecurity'] as const),
  })),
  // WordPress asks for ten minutes however short its update is; the owner who sees the shop back says so.
  {
    ...faulty('shop-maintenance', true, { kind: 'maintenance' }),
    end: (stage) => stage.api.expect(200, 'POST', `/shops/${stage.shopId}/test`).then(() => undefined),
  },
  faulty('shop-reset-before-write', true, { kind: 'reset-before-write' }),
  faulty('shop-reset-after-write', false, { kind: 'reset-after-write' }, BATCH),
  faulty('shop-fails-after-write', false, { kind: 'fail-after-write' }, BATCH),
  { ...faulty('shop-no-answer', false, { kind: 'no-answer' }, BATCH), end: cutConnections },
  faulty('shop-half-applied-batch', false, (random) => ({ kind: 'die-in-batch', items: random.between(1, 8) }), BATCH),
  faulty('shop-cut-json', false, { kind: 'cut-json' }, BATCH),
  faulty('shop-cut-json-everywhere', true, { kind: 'cut-json' }),
  faulty('shop-answers-wrong-items', false, (random) => ({
    kind: 'wrong-answer',
    how: random.pick(['short', 'long', 'reversed'] as const),
  })),
  {
    ...faulty('shop-ignores-writes', false, { kind: 'ignore-writes' }),
    begin: (stage, random) => stage.shop.faults.always({ kind: 'ignore-writes', skus: someSkus(stage, random, 25) }),
  },
  {
    ...faulty('shop-stores-other', false, { kind: 'ignore-writes' }),
    begin: (stage, random) =>
      stage.shop.faults.always({
        kind: 'store-other',
        change: (quantity) => quantity + 1,
        skus: someSkus(stage, random, 25),
      }),
  },
  {
    ...faulty('shop-poison-items', false, { kind: 'maintenance' }),
    begin: (stage, random) => stage.shop.faults.always({ kind: 'poison', skus: someSkus(stage, random, 3) }),
  },
];

/** One of each after the other, too quickly for the service to come to rest in between. */
async function mixed(stage: Stage, random: Random): Promise<void> {
  const brief = troubles.filter(({ name }) => name !== 'shop-no-answer');
  for (let turn = 0; turn < 12; turn++) {
    const trouble = random.pick(brief);
    await trouble.begin(stage, random);
    await wait(random.between(50, 500));
    stage.shop.faults.clear();
    await trouble.end?.(stage);
  }
}

export interface Played {
  readonly stage: Stage;
  readonly random: Random;
  readonly clock: QuickClock;
  /** What the service logged of itself that it should not have had to. */
  readonly complaints: () => string[];
}

/** The service in this process, with a clock that runs faster. */
export async function withService(run: ScenarioRun, play: (played: Played) => Promise<void>): Promise<void> {
  const stage = await Stage.open({ random: run.random('load'), scale: run.scale });
  stage.shop.latencyMs = { fixed: 5 };
  const clock = new QuickClock(Date.now(), SPEED);
  const running = await runService(
    { DATABASE_URL: (await run.engine.create()).url, LOG_LEVEL: 'warn' },
    { clock, checkAnswers: false },
  );
  const complaints = (): string[] =>
    [...running.logText().matchAll(/"event":"(lane_failed|unforeseen|sweep_failed)".*/g)]
      .map(([line]) => `The service logged ${line.slice(0, 600)}`)
      .slice(0, 3);
  try {
    stage.url = running.url;
    await stage.begin();
    await play({ stage, random: run.random(), clock, complaints });
  } finally {
    addFigures(run.totals, stage);
    await stage.close();
    await running.stop();
  }
}

/** Healthy products that were charged an attempt. */
async function charged(stage: Stage, { mayChargeOnce }: Trouble): Promise<string[]> {
  const items = await stage.items();
  const most = mayChargeOnce === true ? 1 : 0;
  return stage.goods.flatMap((good) => {
    const item = items.get(labelOf(good));
    if (!isHealthy(good) || item === undefined || item.attempts <= most) return [];
    return [
      `${labelOf(good)} was charged ${item.attempts} attempts for a failure of the shop: ${JSON.stringify(item)}`,
    ];
  });
}

const scenarioOf = (trouble: Trouble): Scenario => ({
  name: trouble.name,
  engines: ['sqlite', 'mariadb'],
  run: (run) =>
    withService(run, async ({ stage, random, complaints }) => {
      for (let round = 1; round <= run.rounds; round++) {
        stage.startLoad();
        await wait(random.between(0, 250));
        await trouble.begin(stage, random);
        await wait(trouble.lastsMs / 2);
        // A push forgives its product every attempt charged so far, so the second half is without.
        await stage.stopLoad();
        await wait(trouble.lastsMs / 2);
        const wrong = trouble.isOfTheShop ? await charged(stage, trouble) : [];
        stage.shop.faults.clear();
        await trouble.end?.(stage);
        run.totals.rounds += 1;
        await run.check(stage, `round ${round}`, [...wrong, ...complaints()]);
      }
    }),
});

const mixedTroubles: Scenario = {
  name: 'shop-mixed',
  engines: ['sqlite', 'mariadb'],
  run: (run) =>
    withService(run, async ({ stage, random, complaints }) => {
      for (let round = 1; round <= run.rounds; round++) {
        stage.startLoad();
        await mixed(stage, random);
        await stage.stopLoad();
        run.totals.rounds += 1;
        await run.check(stage, `round ${round}`, complaints());
      }
    }),
};

/** Products the shop never takes, while all others go on: they end in the error list, with the reason. */
const poisonStays: Scenario = {
  name: 'shop-poison-stays',
  engines: ['sqlite', 'mariadb'],
  run: (run) =>
    withService(run, async ({ stage, random, complaints }) => {
      await run.check(stage, 'before', complaints());
      // Three and nothing else under way would look like a shop that fails.
      const skus = new Set(someSkus(stage, random, 2));
      stage.shop.faults.always({ kind: 'poison', skus: [...skus] });
      stage.startLoad();
      await wait(1_500);
      await stage.stopLoad();
      run.totals.rounds += 1;
      const poisoned = stage.goods.filter(({ sku }) => sku !== null && skus.has(sku)).map(labelOf);
      const found = (await stage.audit()).filter(
        (line) =>
          !poisoned.some(
            (label) => line.startsWith(`${label} (`) && line.includes('"failureCode":"shop_fails_on_item"'),
          ),
      );
      const items = await stage.items();
      const pushedSince = poisoned
        .flatMap((label) => items.get(label) ?? [])
        .filter(({ status }) => status !== 'synced');
      const unlisted = pushedSince.filter(({ status, cause }) => status !== 'failed' || cause === null);
      stage.shop.faults.clear();
      // A new level closes the error by itself.
      stage.startLoad();
      await wait(1_500);
      await stage.stopLoad();
      await stage.pushAll();
      await run.check(stage, 'after', [
        ...found,
        ...unlisted.map((item) => `A poisoned product is not in the error list: ${JSON.stringify(item)}`),
        ...complaints(),
      ]);
    }),
};

export const shopFaults: readonly Scenario[] = [...troubles.map(scenarioOf), mixedTroubles, poisonStays];
