import { setTimeout as wait } from 'node:timers/promises';
import { push } from '../support/api-client';
import { engines } from '../support/databases';
import { type Connected, connect, runService } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { percentile, report } from './report';

const PUSHES = 600;
const CALLERS = 8;
/** The pace of a busy till, kept whatever the answers take: a slow answer must not slow the sender down. */
const STEADY_PUSHES_PER_SECOND = 100;
const STEADY_SECONDS = 20;
const PRODUCTS = 5_000;

/** Pushes taken in, by engine and size; the shop is out of reach, so that nothing else runs. Sender and service share a process. */
export async function benchAccepting(): Promise<void> {
  for (const engine of engines.filter((each) => each.isAvailable())) {
    const shop = await startSimulatedWooCommerce({ recordCalls: false });
    const running = await runService(
      { DATABASE_URL: (await engine.create()).url, LOG_LEVEL: 'silent' },
      { checkAnswers: false },
    );
    try {
      const connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
      await shop.goDown();
      const name = `accept.${engine.name.toLowerCase()}`;
      for (const lines of [1, 100]) await asFastAsItGoes(`${name}.${lines}-line`, connected, lines);
      await atSteadyPace(name, connected);
    } finally {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    }
  }
}

/** How long one push took to be answered, in ms. */
async function send({ pushUrl, token }: Connected, n: number, lines: number): Promise<number> {
  const items = Array.from({ length: lines }, (_, k) => ({
    code: `B-${(n * lines + k) % PRODUCTS}`,
    quantity: n + k,
  }));
  const sentAt = performance.now();
  const answer = await push(pushUrl, token, { items });
  if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
  return performance.now() - sentAt;
}

async function asFastAsItGoes(name: string, connected: Connected, lines: number): Promise<void> {
  const times: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      for (let n = next++; n < PUSHES; n = next++) times.push(await send(connected, n, lines));
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  report({ name: `${name}.pushes`, value: PUSHES / seconds, unit: 'pushes/s', n: PUSHES });
  report({ name: `${name}.lines`, value: (PUSHES * lines) / seconds, unit: 'lines/s', n: PUSHES * lines });
  report({ name: `${name}.p99`, value: percentile(times, 0.99), unit: 'ms', n: PUSHES });
}

async function atSteadyPace(name: string, connected: Connected): Promise<void> {
  const count = STEADY_PUSHES_PER_SECOND * STEADY_SECONDS;
  const startedAt = performance.now();
  const under: Promise<number>[] = [];
  for (let n = 0; n < count; n++) {
    const dueIn = startedAt + (n * 1000) / STEADY_PUSHES_PER_SECOND - performance.now();
    if (dueIn > 0) await wait(dueIn);
    under.push(send(connected, 1_000_000 + n, 1));
  }
  const times = await Promise.all(under);
  for (const share of [0.5, 0.99]) {
    report({
      name: `${name}.at-${STEADY_PUSHES_PER_SECOND}-per-second.p${share * 100}`,
      value: percentile(times, share),
      unit: 'ms',
      n: count,
    });
  }
}
