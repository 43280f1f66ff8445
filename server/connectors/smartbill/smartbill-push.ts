import { Refusal } from '../../domain/refusal';
import type { LineReport, RawPush, ReadPush } from '../../domain/ports/stock-source';
import { decodeBody } from '../push-body/decode-body';
import { isObject } from '../push-body/decode-json';
import { LINE_REFUSALS } from '../push-body/line-messages';
import type { LineFields } from '../push-body/read-line';
import { asList, readLines } from '../push-body/read-lines';

const FIELDS: LineFields = {
  code: 'productCode',
  name: 'productName',
  warehouse: 'warehouse',
  quantity: 'quantity',
};

/**
 * `{"products":[…]}` or a bare list of `{productCode, productName, quantity, warehouse}`. The button "Testeaza
 * conexiunea" sends an empty list; an empty object is taken for the same.
 */
export function readSmartbillPush(push: RawPush): ReadPush {
  const body = decodeBody(push, ['text/plain']);
  const wrapped = isObject(body) && 'products' in body;
  const products = wrapped ? asList(body['products']) : asList(body);
  if (products === null) {
    throw new Refusal('push_unreadable', 'Eroare sintaxa. Verifica valididatea JSON-ulului trimis.', {
      errors: [{ path: wrapped ? 'products' : 'position 0', message: 'expected a list of products' }],
    });
  }
  return readLines(products, FIELDS);
}

/** In the words SmartBill's own module uses for the same outcome, since its users look them up. */
export function smartbillLineMessage({ outcome, change, refused, chosenWarehouses }: LineReport): string | undefined {
  if (refused) return LINE_REFUSALS[refused.refusal];
  if (outcome === 'superseded') return 'Un stoc mai nou este deja cunoscut; acesta a fost inregistrat, dar nu folosit.';
  if (outcome === 'not_chosen' && change) {
    const product = change.name ?? change.code ?? '';
    return `Eroare actualizare stoc. Gestiune configurata in modul: ${chosenWarehouses}. Gestiunea produsului ${product}: ${change.warehouse}`;
  }
  return undefined;
}
