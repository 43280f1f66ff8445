import type { SourceSettings } from '../../domain/ports/sources';
import type { ReadPush, StockSource } from '../../domain/ports/stock-source';
import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import type { HiboutikCalls } from './hiboutik-calls';
import { isNamedOnly, readRow, sizeOf } from './hiboutik-lines';
import type { HiboutikProducts } from './hiboutik-products';
import { namesProduct, parseReference, productReference } from './hiboutik-references';
import { isOnlyOnline } from './hiboutik-settings';
import type { HiboutikWarehouses } from './hiboutik-warehouses';

/** Levels of what a webhook named: one call each, as a rule. What is gone has no lines: nothing told is not 0. */
export function createHiboutikReread(
  calls: HiboutikCalls,
  warehousesOf: HiboutikWarehouses,
  products: HiboutikProducts,
): NonNullable<StockSource['reread']> {
  async function levelsOf(settings: SourceSettings, id: string, size: string, signal: AbortSignal): Promise<ReadPush> {
    if (isOnlyOnline(settings) && (await products.find(settings, id, signal))?.isOnline !== true) return [];
    const path = size === '' ? `/stock_available/product_id/${id}` : `/stock_available/product_id_size/${id}/${size}`;
    const told = await calls.all(settings, path, signal, { mayBeGone: true });
    const rows = told
      .map((row): LosslessObject => ({
        ...row,
        product_id: textOf(row['product_id']) || id,
        product_size: textOf(row['product_size']) || size,
      }))
      .filter((row) => row['product_id'] === id && (size === '' || sizeOf(row['product_size']) === size));
    if (rows.length === 0) return [];
    const name = rows.some(isNamedOnly) ? ((await products.find(settings, id, signal))?.name ?? '') : '';
    const ids = rows.map((row) => textOf(row['warehouse_id']));
    const warehouses = await warehousesOf.known(settings, ids, signal);
    return rows
      .flatMap((row, n) => {
        const warehouse = warehouses.find((each) => each.id === ids[n]);
        return warehouse === undefined ? [] : [{ row, warehouse: warehouse.name }];
      })
      .map(({ row, warehouse }, index) => readRow(row, index, warehouse, name));
  }

  async function productsOf(settings: SourceSettings, order: string, signal: AbortSignal): Promise<readonly string[]> {
    const lines = await calls.all(settings, `/inventory_input_details/${order}`, signal, { mayBeGone: true });
    const named = lines.map(productReference).filter((each) => each !== null);
    return [...new Set(named)].filter(namesProduct);
  }

  return {
    levels: async (settings, reference, signal) => {
      const asked = parseReference(reference);
      if (asked?.kind === 'stock-order') {
        return { lines: [], instead: await productsOf(settings, asked.id, signal) };
      }
      const lines = asked === null ? [] : await levelsOf(settings, asked.id, asked.size, signal);
      return { lines, instead: [] };
    },
  };
}
