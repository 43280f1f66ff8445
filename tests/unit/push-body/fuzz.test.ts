import fc from 'fast-check';
import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { LINE_REFUSALS } from '../../../server/connectors/push-body/line-messages';
import { readSmartbillPush } from '../../../server/connectors/smartbill/smartbill-push';
import type { RawPush, ReadPush } from '../../../server/domain/ports/stock-source';
import { quantity } from '../../../server/domain/quantity';
import { Refusal } from '../../../server/domain/refusal';
import { rawPush } from '../../support/builders';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const generic = createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
const MAPPING = JSON.stringify({ items: 'items', code: 'code|x.code', name: '/name', id: 'x', quantity: 'quantity' });
const settingsOf = { generic: {}, mapped: { mapping: MAPPING }, picqer: { preset: 'picqer' } };
const readers = [
  ...Object.values(settingsOf).map((settings) => (push: RawPush): ReadPush => {
    const reading = generic.push.read(push, settings);
    return reading.says === 'levels' ? reading.lines : [];
  }),
  readSmartbillPush,
];

const contentType = fc.oneof(
  fc.constantFrom(
    null,
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/json; charset=latin1',
    ';;;=,',
  ),
  fc.string({ maxLength: 40 }),
);

const CODES = ['push_unreadable', 'push_media_unsupported', 'push_too_large'];

/** Reads with every reader: each returns lines that keep their promises, or throws a Refusal; anything else fails. */
function readByAll(body: Uint8Array, type: string | null): void {
  for (const read of readers) {
    try {
      const lines = read(rawPush(body, type));
      lines.forEach((line, index) => {
        if ('refused' in line) {
          expect(line.refused.index).toBe(index);
          expect(LINE_REFUSALS[line.refused.refusal]).toBeDefined();
        } else {
          const { change } = line;
          expect(change.index).toBe(index);
          expect(quantity(change.quantity)).toBe(change.quantity);
          expect(change.code ?? change.barcode ?? change.name ?? change.externalId).toMatch(/\S/u);
        }
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(CODES).toContain(error.code);
    }
  }
}

describe('Reading a push, whatever was sent,', () => {
  it('of random bytes gives lines or a refusal, nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), contentType, readByAll), { numRuns: 1_000 });
  });

  it('of any JSON gives lines or a refusal, nothing else', () => {
    const values = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
    const field = fc.constantFrom('items', 'products', 'code', 'quantity', 'name', 'productCode', '__proto__', 'x');
    const likely = fc.dictionary(field, fc.oneof(values, fc.array(fc.dictionary(field, values), { maxLength: 4 })));
    fc.assert(
      fc.property(fc.oneof(values, likely, fc.array(likely, { maxLength: 4 })), contentType, (value, type) => {
        readByAll(Buffer.from(JSON.stringify(value)), type);
      }),
      { numRuns: 400 },
    );
  });

  it('of a damaged push gives lines or a refusal, nothing else', () => {
    const whole = Buffer.from(
      '{"items":[{"code":"A-1","name":"Cană \\u0219 😀","quantity":2.5e1,"observedAt":"2026-01-15T12:00:00Z"},null]}',
    );
    const damage = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat({ max: whole.length }), (hits, end) => {
        const body = Buffer.from(whole);
        for (const [at, byte] of hits) body[at] = byte;
        readByAll(body.subarray(0, end), 'application/json');
      }),
      { numRuns: 1_000 },
    );
  });

  it('of any form gives lines or a refusal, nothing else', () => {
    const part = fc.stringMatching(/^[a-z[\]0-9=&%+_.]{0,80}$/);
    const name = fc.stringMatching(/^(items|products|__proto__)(\[([0-9]{0,3}|[a-z]{1,8}|__proto__)\]){0,8}$/);
    const nested = fc
      .array(fc.tuple(name, fc.string({ maxLength: 6 })), { maxLength: 12 })
      .map((fields) => fields.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&'));
    fc.assert(
      fc.property(fc.oneof(part, nested), (text) => {
        readByAll(Buffer.from(text), 'application/x-www-form-urlencoded');
      }),
      { numRuns: 1_000 },
    );
  });
});
