import type { Clock } from '../domain/ports/clock';
import type { ProblemStore } from '../domain/ports/problems';

/** Keeps when each trouble began and when it was over, which the items themselves no longer know; runs every minute. */
export async function noteProblems({
  problems,
  clock,
}: {
  readonly problems: ProblemStore;
  readonly clock: Clock;
}): Promise<void> {
  await problems.note(await problems.troubles(), clock.now());
}
