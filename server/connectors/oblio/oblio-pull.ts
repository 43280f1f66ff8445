import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';
import { type ChosenWarehouses, isChosen } from '../../domain/warehouse';
import { type OblioCalls, PRODUCTS_A_PAGE } from './oblio-calls';
import { readLevels } from './oblio-lines';
import { readWarehouses } from './oblio-warehouses';

const MINUTE = 60_000;

const cursorShape = z.object({ offset: z.number().int().nonnegative(), done: z.number().int().nonnegative() });

/** All levels of the firm's products, in the warehouses asked for, as many products a page as Oblio gives. */
export const createOblioPull = (calls: OblioCalls): NonNullable<StockSource['pull']> => ({
  leastMsBetween: 5 * MINUTE,
  page: async (settings, { warehouses, cursor }, signal) => {
    if (cursor === null) await assertThere(calls, settings, warehouses, signal);
    const at = cursor === null ? { offset: 0, done: 0 } : cursorShape.parse(JSON.parse(cursor));
    const products = await calls.list(settings, '/nomenclature/products', { offset: String(at.offset) }, signal);
    const lines = readLevels(products, warehouses, at.done);
    const next = { offset: at.offset + PRODUCTS_A_PAGE, done: at.done + lines.length };
    return { lines, next: products.length < PRODUCTS_A_PAGE ? null : JSON.stringify(next), total: null };
  },
});

async function assertThere(
  calls: OblioCalls,
  settings: SourceSettings,
  chosen: ChosenWarehouses,
  signal: AbortSignal,
): Promise<void> {
  if (chosen === '*') return;
  const known = await readWarehouses(calls, settings, signal);
  const missing = chosen.find((name) => !isChosen(known, name));
  if (missing === undefined) return;
  throw new FailureError(failure('source_refused', { said: `There is no warehouse “${missing}”.` }));
}
