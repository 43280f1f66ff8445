import type { PushReading, RawPush } from '../../domain/ports/stock-source';
import type { SourceSettings } from '../../domain/ports/sources';
import { Refusal } from '../../domain/refusal';
import { decodeBody } from '../push-body/decode-body';
import { isList, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { asList } from '../push-body/read-lines';
import { textOf } from '../push-body/text-of';
import { idIn, namesProduct, productReference, stockOrderReference } from './hiboutik-references';
import { salePrefixOf } from './hiboutik-settings';

/**
 * A webhook of Hiboutik, told by what it holds: its address is the same for every action, and its action is not in it.
 * None bears a stock, so each is a reason to read. No event has an id: a sale sent once more is read once more, which
 * changes nothing, while one taken for a repetition would be lost.
 */
export function readHiboutikPush(push: RawPush, settings: SourceSettings): PushReading {
  const body = bodyOf(push);
  if (body === null) return { says: 'test' };
  if (isOwnOrder(body, salePrefixOf(settings))) return { says: 'echo' };
  if ('line_items' in body) return asksFor(linesOf(body['line_items']));
  if (isGiven(body['inventory_input_id'])) {
    const id = idIn(body['inventory_input_id']);
    if (id === null) throw unreadable('inventory_input_id');
    return { says: 'asks', references: [stockOrderReference(id)] };
  }
  if (isGiven(body['product_id'])) return asksFor([{ product_id: body['product_id'] ?? null }]);
  return { says: 'other_event' };
}

/** null where nothing was sent. */
function bodyOf(push: RawPush): LosslessObject | null {
  if (push.body.every((byte) => byte <= 0x20)) return null;
  const decoded = decodeBody(push);
  // The API lists a single sale as a list of one.
  const body = isList(decoded) && decoded.length === 1 ? decoded[0] : decoded;
  if (isList(body) && body.length === 0) return null;
  if (!isObject(body)) throw unreadable('the body');
  return Object.keys(body).length === 0 ? null : body;
}

/** Orders the shop itself entered at the till bear its prefix; the shop has taken them off its stock already. */
function isOwnOrder(body: LosslessObject, prefix: string): boolean {
  const reference = textOf(body['sale_ext_ref']) || textOf(body['ext_ref']);
  return prefix !== '' && reference.startsWith(prefix);
}

function linesOf(value: LosslessValue | undefined): readonly LosslessValue[] {
  const lines = asList(value);
  if (lines === null) throw unreadable('line_items');
  return lines;
}

function asksFor(lines: readonly LosslessValue[]): PushReading {
  const named = lines.map((line) => (isObject(line) ? productReference(line) : null)).filter((each) => each !== null);
  if (lines.length > 0 && named.length === 0) throw unreadable('product_id');
  const references = [...new Set(named)].filter(namesProduct);
  return references.length === 0 ? { says: 'other_event' } : { says: 'asks', references };
}

const isGiven = (value: LosslessValue | undefined): boolean => value !== undefined && value !== null && value !== '';

const unreadable = (path: string): Refusal =>
  new Refusal('push_unreadable', 'The call is about stock, but names no product that can be read.', {
    errors: [{ path, message: 'expected the id of a product or of a stock order' }],
  });
