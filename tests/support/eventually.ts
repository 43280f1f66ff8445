import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again until the answer is there. For what another process or another machine does: nothing here waits for time
 * to pass, and the deadline only bounds a failing test.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer | undefined | false>,
  deadlineMs = 10_000,
  everyMs = 20,
): Promise<Answer> {
  const startedAt = performance.now();
  let last: unknown;
  while (performance.now() - startedAt < deadlineMs) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await wait(everyMs);
  }
  throw last instanceof Error ? last : new Error(`Not within ${deadlineMs} ms`);
}
