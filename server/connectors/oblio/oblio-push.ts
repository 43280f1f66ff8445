import { EVERYTHING, type PushReading, type RawPush } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { decodeBody } from '../push-body/decode-body';
import { isList, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { codeReference, isUsableCode } from './oblio-references';

/** More than so many are sooner read with everything else. */
const MOST_CODES = 50;
const STOCK_TOPIC = /^stocks?\b/i;
/** What a webhook is registered with, and what may come with a call that only tries the address. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['cif', 'topic', 'endpoint', 'handshake', 'test']);

/**
 * A webhook of Oblio. What its body holds is documented nowhere, so no quantity in it is believed: it is the reason to
 * read the products it names, or, where it names none we recognise, all of them.
 */
export function readOblioPush(push: RawPush): PushReading {
  if (push.body.every((byte) => byte <= 0x20)) return { says: 'test' };
  const body = decoded(push);
  if (body === undefined) return everything;
  const topic = isObject(body) ? textOf(body['topic']) : '';
  if (topic !== '' && !STOCK_TOPIC.test(topic)) return { says: 'other_event' };
  if (isEmpty(body) || (isObject(body) && Object.keys(body).every((key) => isSilent(body, key)))) {
    return { says: 'test' };
  }
  const codes = [...new Set(productsIn(body).map(({ code }) => textOf(code)))];
  if (codes.length === 0 || codes.length > MOST_CODES || !codes.every(isUsableCode)) return everything;
  return { says: 'asks', references: codes.map(codeReference) };
}

const everything: PushReading = { says: 'asks', references: [EVERYTHING] };

/** undefined where it cannot be read: that something changed is told all the same. */
function decoded(push: RawPush): LosslessValue | undefined {
  try {
    return decodeBody(push, ['text/plain']);
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined;
    throw thrown;
  }
}

const isEmpty = (value: LosslessValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (isList(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

const isSilent = (body: LosslessObject, key: string): boolean => SAYS_NOTHING.has(key) || isEmpty(body[key]);

/** Products as the API lists them, wherever in the body: a code or a name, with levels or a quantity. */
function productsIn(value: LosslessValue): readonly LosslessObject[] {
  if (isList(value)) return value.flatMap(productsIn);
  if (!isObject(value)) return [];
  const isProduct = ('code' in value || 'name' in value) && ('stock' in value || 'quantity' in value);
  return isProduct ? [value] : Object.values(value).flatMap(productsIn);
}
