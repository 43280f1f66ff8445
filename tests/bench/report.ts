export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Of how many measurements, items or calls. */
  readonly n: number;
}

/** One JSON line per figure. */
export const report = ({ name, value, unit, n }: Figure): void => {
  process.stdout.write(`${JSON.stringify({ name, value: Number(value.toPrecision(4)), unit, n })}\n`);
};

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
