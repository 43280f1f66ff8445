/** With fewer pushes than this, or over a shorter time, a source has no rhythm yet. */
const LEAST_PUSHES = 10;
const LEAST_SPAN_MS = 3 * 86_400_000;
/** Quieter than it ever was by half as much again. Nights and weekends are in what it ever was. */
const MARGIN = 1.5;
/** Below this nobody has to be told. */
const LEAST_QUIET_MS = 2 * 3_600_000;

/**
 * How long a source may be quiet before somebody should look, learnt from the times of its pushes (in any order); null
 * while it has no rhythm.
 */
export function longestUsualQuietMs(times: readonly number[]): number | null {
  const sorted = [...times].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (sorted.length < LEAST_PUSHES || last - first < LEAST_SPAN_MS) return null;
  const longest = sorted.reduce((most, time, index) => Math.max(most, time - (sorted[index - 1] ?? time)), 0);
  return Math.max(LEAST_QUIET_MS, longest * MARGIN);
}
