import { push } from '../support/api-client';
import { engines } from '../support/databases';
import { connect, runService } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { percentile, report } from './report';

const PUSHES = 600;
const CALLERS = 8;

/** Pushes taken in per second, by engine and size; the shop is out of reach, so that nothing else runs. */
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
      for (const lines of [1, 100]) {
        const times: number[] = [];
        let next = 0;
        const startedAt = performance.now();
        await Promise.all(
          Array.from({ length: CALLERS }, async () => {
            for (let n = next++; n < PUSHES; n = next++) {
              const items = Array.from({ length: lines }, (_, k) => ({
                code: `B-${(n * lines + k) % 5_000}`,
                quantity: n + k,
              }));
              const sentAt = performance.now();
              const answer = await push(connected.pushUrl, connected.token, { items });
              if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
              times.push(performance.now() - sentAt);
            }
          }),
        );
        const seconds = (performance.now() - startedAt) / 1000;
        const name = `accept.${engine.name.toLowerCase()}.${lines}-line`;
        report({ name: `${name}.pushes`, value: PUSHES / seconds, unit: 'pushes/s', n: PUSHES });
        report({ name: `${name}.lines`, value: (PUSHES * lines) / seconds, unit: 'lines/s', n: PUSHES * lines });
        report({ name: `${name}.p99`, value: percentile(times, 0.99), unit: 'ms', n: PUSHES });
      }
    } finally {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    }
  }
}
