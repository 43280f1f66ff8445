import type { StockSource } from '../../domain/ports/stock-source';
import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { type OblioCalls, PRODUCTS_A_PAGE } from './oblio-calls';
import { readLevels } from './oblio-lines';
import { codeIn } from './oblio-references';

/** Levels of the products a webhook named by their codes. One that is gone has no lines: nothing told is not 0. */
export const createOblioReread = (calls: OblioCalls): NonNullable<StockSource['reread']> => ({
  levels: async (settings, reference, signal) => {
    const code = codeIn(reference);
    if (code === null) return { lines: [], instead: [] };
    const found: LosslessObject[] = [];
    for (let offset = 0, isLast = false; !isLast; offset += PRODUCTS_A_PAGE) {
      const some = await calls.list(settings, '/nomenclature/products', { code, offset: String(offset) }, signal);
      // How loosely Oblio compares codes is its own affair: another product's levels are not this one's.
      found.push(...some.filter((product) => textOf(product['code']).normalize('NFC') === code.normalize('NFC')));
      isLast = some.length < PRODUCTS_A_PAGE;
    }
    return { lines: readLevels(found, '*', 0), instead: [] };
  },
});
