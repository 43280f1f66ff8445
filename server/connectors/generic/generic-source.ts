import { Refusal } from '../../domain/refusal';
import type { ReadPush, RawPush, StockSource } from '../../domain/ports/stock-source';
import { decodeBody } from '../push-body/decode-body';
import { isList, isObject } from '../push-body/decode-json';
import { LINE_REFUSALS } from '../push-body/line-messages';
import type { LineFields } from '../push-body/read-line';
import { asList, readLines } from '../push-body/read-lines';

const FIELDS: LineFields = {
  code: 'code',
  barcode: 'barcode',
  name: 'name',
  id: 'id',
  warehouse: 'warehouse',
  quantity: 'quantity',
  observedAt: 'observedAt',
};

/** `{"items":[…]}`, a bare list, or one object that is a line. */
function read(push: RawPush): ReadPush {
  const body = decodeBody(push);
  if (isList(body)) return readLines(body, FIELDS);
  if (!isObject(body)) {
    throw new Refusal('push_unreadable', 'The body must be {"items": […]}, a list of lines, or one line.', {
      errors: [{ path: 'position 0', message: 'expected an object or a list' }],
    });
  }
  if (!('items' in body)) return readLines([body], FIELDS);
  const items = asList(body['items']);
  if (items === null) {
    throw new Refusal('push_unreadable', '"items" must be a list of lines.', {
      errors: [{ path: 'items', message: 'expected a list' }],
    });
  }
  return readLines(items, FIELDS);
}

/** Any system that can post to an address. */
export const createGenericSource = (): StockSource => ({
  kind: 'generic',
  readSettings: () => ({ ok: true, settings: {} }),
  secretSettings: [],
  push: {
    acceptedStatus: 202,
    wrongTokenStatus: 401,
    sourceOffStatus: 409,
    tokenIgnoresCase: false,
    vendorToken: () => null,
    read: (push) => ({ says: 'levels', lines: read(push) }),
    messageFor: ({ outcome, refused, change, chosenWarehouses }) => {
      if (refused) return LINE_REFUSALS[refused.refusal];
      if (outcome === 'superseded') return 'A newer level is already known; this one was recorded, not used.';
      if (outcome === 'not_chosen') {
        return `Recorded; warehouse "${change?.warehouse ?? ''}" is not one that feeds the shop (${chosenWarehouses}).`;
      }
      return undefined;
    },
    refusals: {
      sourceOff: 'This source is switched off in Stock Relay.',
      wrongToken: 'The address or the token is wrong. Copy both again from the source’s page.',
    },
  },
  api: null,
  pull: null,
});
