import { setTimeout as wait } from 'node:timers/promises';
import { pick, pickList, pickNumber, pickText } from '../support/api-client';
import { type Good } from './goods';
import type { Ledger, Saying } from './ledger';
import type { Random } from './random';

export interface Figures {
  pushes: number;
  acknowledgedLines: number;
  unansweredPushes: number;
  shopCalls: number;
}

export interface SenderOptions {
  /** Where the push door is now; null while nobody listens. */
  readonly door: () => string | null;
  readonly token: string;
  readonly ledger: Ledger;
  /** Its own: no other sender speaks of them, so that they have an order. */
  readonly goods: readonly Good[];
  readonly random: Random;
  readonly figures: Figures;
  readonly onAcknowledged: () => void;
  readonly pauseMs: { readonly least: number; readonly most: number };
}

interface Line {
  readonly good: Good;
  readonly saying: Saying;
  readonly body: Readonly<Record<string, unknown>>;
}

const LARGEST_LEVEL = 90_000;
const ANSWER_WITHIN_MS = 90_000;

/** A till: pushes levels one push at a time, and sends a push that was not answered again, as a careful sender would. */
export class Sender {
  constructor(private readonly options: SenderOptions) {}

  /** Until told to stop; what is under way then is still brought to its answer. */
  async run(stop: AbortSignal): Promise<void> {
    const { random, goods, pauseMs } = this.options;
    while (!stop.aborted) {
      const size = random.chance(0.6) ? random.between(1, 3) : random.chance(0.8) ? random.between(4, 20) : 60;
      await this.pushOf(random.some(goods, size));
      await wait(random.between(pauseMs.least, pauseMs.most), undefined, { signal: stop }).catch(() => undefined);
    }
  }

  async pushOf(goods: readonly Good[]): Promise<void> {
    const lines = goods.flatMap((good) => this.linesOf(good));
    const { random, figures } = this.options;
    const items: unknown[] = lines.map(({ body }) => body);
    if (random.chance(0.05)) items.push({ code: 'GARBAGE', quantity: 'many' });
    const body = JSON.stringify({ items });
    const key = random.chance(0.3) ? `key-${random.next()}` : null;
    for (;;) {
      const answer = await this.send(body, key);
      if (answer !== null) return this.acknowledge(lines, answer);
      figures.unansweredPushes += 1;
      // Some senders never come back to a push; what became of it then nobody can say.
      if (random.chance(0.1)) return;
    }
  }

  private linesOf(good: Good): Line[] {
    const { random, ledger } = this.options;
    let target = random.between(0, LARGEST_LEVEL);
    while (!ledger.isNew(good, target)) target = random.between(0, LARGEST_LEVEL);
    const saying = ledger.say(good, target);
    const { identity } = good;
    if (good.kind === 'two-warehouses') {
      const inFirst = random.between(0, target);
      return [
        { good, saying, body: { ...identity, warehouse: 'Depozit', quantity: inFirst } },
        { good, saying, body: { ...identity, warehouse: 'Magazin', quantity: target - inFirst } },
      ];
    }
    if (good.kind === 'decimal') {
      return [{ good, saying, body: { ...identity, quantity: `${target}.${random.between(1, 9)}` } }];
    }
    return [{ good, saying, body: { ...identity, quantity: target } }];
  }

  /** The answer, or null when nobody can tell whether the push was taken in. */
  private async send(body: string, key: string | null): Promise<unknown> {
    const { door, token, ledger, figures } = this.options;
    const url = door();
    if (url === null) {
      await wait(20);
      return this.send(body, key);
    }
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(key === null ? {} : { 'idempotency-key': key }),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      if (response.status === 202) {
        figures.pushes += 1;
        return JSON.parse(text);
      }
      if (response.status < 500)
        ledger.violations.push(`A push was answered ${response.status}: ${text.slice(0, 300)}`);
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') {
        ledger.violations.push(`A push was not answered within ${ANSWER_WITHIN_MS} ms`);
      }
    }
    await wait(30);
    return null;
  }

  private acknowledge(lines: readonly Line[], answer: unknown): void {
    const { ledger, figures, onAcknowledged } = this.options;
    const outcomes = new Map(
      pickList(answer, 'lines').map((line) => [pickNumber(line, 'index'), pickText(line, 'outcome')] as const),
    );
    const worst = new Map<Saying, { good: Good; outcome: string }>();
    for (const [index, { good, saying }] of lines.entries()) {
      const outcome = outcomes.get(index) ?? `no answer for line ${index} of ${String(pick(answer, 'pushId'))}`;
      if (outcome === 'accepted') figures.acknowledgedLines += 1;
      else ledger.violations.push(`A line that nothing is wrong with was answered "${outcome}": ${ledger.story(good)}`);
      if (worst.get(saying)?.outcome !== undefined && outcome === 'accepted') continue;
      worst.set(saying, { good, outcome });
    }
    for (const [saying, { good, outcome }] of worst) ledger.answered(good, saying, outcome);
    onAcknowledged();
  }
}
