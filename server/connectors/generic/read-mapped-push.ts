import { MOST_LINES } from '../push-body/read-lines';
import { EVERYTHING, type PushReading, type RawPush, type ReadPush } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { decodeBody } from '../push-body/decode-body';
import type { LosslessValue } from '../push-body/decode-json';
import { pathOf, readLine, shownCode } from '../push-body/read-line';
import { fieldPath, fieldReader, itemsAt } from '../push-body/value-path';
import { textOf } from '../push-body/text-of';
import type { Condition, FieldMapping } from './field-mapping';
import type { Sender } from './generic-settings';

type ReadField = ReturnType<typeof fieldReader>;

const SPACES = /^\s*$/;
const LONGEST_BLANK = 64;

const isBlank = ({ body }: RawPush): boolean =>
  body.byteLength <= LONGEST_BLANK && SPACES.test(new TextDecoder().decode(body));

const fulfils = (value: LosslessValue | undefined, { is, orAbsent = false }: Condition): boolean => {
  if (value === undefined || value === null) return orAbsent;
  if (is === undefined) return true;
  return is.includes(typeof value === 'boolean' ? String(value) : textOf(value));
};

const isOfEnvelope = ({ field }: Condition): boolean => fieldPath(field).every(({ fromRoot }) => fromRoot);

function fieldsOf({ fields, eventId, only }: FieldMapping, test: Condition | undefined): readonly string[] {
  const mapped = Object.values(fields ?? {}).filter((field): field is string => field !== undefined);
  return [...mapped, ...only.map(({ field }) => field), ...(eventId ? [eventId] : []), ...(test ? [test.field] : [])];
}

function itemsOf(body: LosslessValue, { items }: FieldMapping): readonly LosslessValue[] | null {
  for (const each of items) {
    const [path] = fieldPath(each);
    const found = path && itemsAt(body, path.steps);
    if (found) return found;
  }
  return null;
}

/** Reads a call by a mapping. */
export function readMappedPush(push: RawPush, { mapping, test, prepare = (line) => line }: Sender): PushReading {
  if (isBlank(push)) return { says: 'test' };
  const body = decodeBody(push, ['text/plain']);
  const at = fieldReader(body, fieldsOf(mapping, test));
  const holds = (condition: Condition, line: LosslessValue): boolean => fulfils(at(line, condition.field), condition);
  if (test && holds(test, body)) return { says: 'test' };
  if (!mapping.only.filter(isOfEnvelope).every((condition) => holds(condition, body))) return { says: 'other_event' };

  const eventId = mapping.eventId === null ? null : textOf(at(body, mapping.eventId)) || null;
  const conditions = mapping.only.filter((condition) => !isOfEnvelope(condition));
  const items = itemsOf(body, mapping)?.map(prepare) ?? null;
  if (mapping.mode === 'trigger') {
    const concerns = items === null || items.some((line) => conditions.every((condition) => holds(condition, line)));
    return concerns ? { says: 'asks', references: [EVERYTHING], eventId } : { says: 'other_event' };
  }
  if (items === null) {
    const path = mapping.items.find((each) => each !== '') ?? 'position 0';
    throw new Refusal('push_unreadable', `There is no list of lines at “${path}”.`, {
      errors: [{ path, message: 'expected a list' }],
    });
  }
  if (items.length > MOST_LINES) {
    throw new Refusal('push_too_large', `A push may have at most ${MOST_LINES} lines; this one has ${items.length}.`);
  }
  return { says: 'levels', lines: linesOf(items, mapping, conditions, at), eventId };
}

function linesOf(
  items: readonly LosslessValue[],
  { fields, mode }: FieldMapping,
  conditions: readonly Condition[],
  at: ReadField,
): ReadPush {
  if (fields === null) throw new Error('A mapping of levels without a quantity was stored');
  const reading = { at, idSuffices: fields.id !== undefined };
  return items.map((item, index) => {
    const failed = conditions.find((condition) => !fulfils(at(item, condition.field), condition));
    if (failed) {
      const code = shownCode(at(item, fields.code ?? fields.id ?? ''));
      return { refused: { index, refusal: 'left_out', path: pathOf(index, failed.field), code } };
    }
    const line = readLine(item, index, fields, reading);
    return 'change' in line && mode === 'changes' ? { change: { ...line.change, isChange: true } } : line;
  });
}
