import type { RawPush, ReadPush } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { decodeBody } from '../push-body/decode-body';
import { isList, isObject } from '../push-body/decode-json';
import type { LineFields } from '../push-body/read-line';
import { asList, readLines } from '../push-body/read-lines';

/** The fields of our own contract, for senders that speak it. */
export const CONTRACT_FIELDS = {
  code: 'code',
  barcode: 'barcode',
  name: 'name',
  id: 'id',
  warehouse: 'warehouse',
  quantity: 'quantity',
  observedAt: 'observedAt',
} as const satisfies LineFields;

/** `{"items":[…]}`, a bare list, or one object that is a line. */
export function readContractPush(push: RawPush): ReadPush {
  const body = decodeBody(push);
  if (isList(body)) return readLines(body, CONTRACT_FIELDS);
  if (!isObject(body)) {
    throw new Refusal('push_unreadable', 'The body must be {"items": […]}, a list of lines, or one line.', {
      errors: [{ path: 'position 0', message: 'expected an object or a list' }],
    });
  }
  if (!('items' in body)) return readLines([body], CONTRACT_FIELDS);
  const items = asList(body['items']);
  if (items === null) {
    throw new Refusal('push_unreadable', '"items" must be a list of lines.', {
      errors: [{ path: 'items', message: 'expected a list' }],
    });
  }
  return readLines(items, CONTRACT_FIELDS);
}
