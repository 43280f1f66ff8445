/** The slice's seed: whoever runs the suites gets the same lists of events, until these are written otherwise. */
const SLICE_SEED = 20_261;

const { PROPERTY_RUNS, PROPERTY_SEED } = process.env;

/**
 * How often a model is tried: a slice of always the same lists of events, so that a change is judged by what it
 * changed. `PROPERTY_RUNS=10000` tries as many new ones; `PROPERTY_SEED` has those of an earlier run again.
 */
export function modelRuns(slice: number, share = 1): { readonly numRuns: number; readonly seed?: number } {
  const numRuns = Math.ceil((PROPERTY_RUNS === undefined ? slice : Number(PROPERTY_RUNS)) * share);
  if (PROPERTY_SEED !== undefined) return { numRuns, seed: Number(PROPERTY_SEED) };
  return PROPERTY_RUNS === undefined ? { numRuns, seed: SLICE_SEED } : { numRuns };
}
