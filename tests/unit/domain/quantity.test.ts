import fc from 'fast-check';
import {
  equalQuantities,
  floorQuantity,
  isNegative,
  isWhole,
  isWritable,
  quantity,
  quantityFromJsonNumber,
  quantityFromText,
  sumQuantities,
} from '../../../server/domain/quantity';

const missing = { ok: false, refusal: 'quantity_missing' };
const notANumber = { ok: false, refusal: 'quantity_not_a_number' };
const outOfRange = { ok: false, refusal: 'quantity_out_of_range' };
const read = (text: string) => ({ ok: true, quantity: text });

describe('A quantity sent as text', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0,0', '0'],
    ['2.5', '2.5'],
    ['2,5', '2.5'],
    ['-3', '-3'],
    ['+3', '3'],
    [' 12 ', '12'],
    ['\u00a012\t', '12'],
    ['007', '7'],
    ['1.500000', '1.5'],
    ['0.000001', '0.000001'],
    ['-0.000001', '-0.000001'],
    ['999999999999', '999999999999'],
    ['-999999999999.999999', '-999999999999.999999'],
  ])('%j is %s', (text, canonical) => {
    expect(quantityFromText(text)).toEqual(read(canonical));
  });

  test.each([[''], ['   '], ['\u00a0']])('%j is missing, and missing is not 0', (text) => {
    expect(quantityFromText(text)).toEqual(missing);
  });

  test.each([
    ['abc'],
    ['1e3'],
    ['1E3'],
    ['NaN'],
    ['Infinity'],
    ['-Infinity'],
    ['true'],
    ['null'],
    ['0x10'],
    ['1.'],
    ['.5'],
    ['1.2.3'],
    ['1,234.5'],
    ['1 000'],
    ['--1'],
    ['+-1'],
    ['-'],
    ['\u22125'],
    ['\u0663'],
    ['12 buc'],
  ])('%j is no number', (text) => {
    expect(quantityFromText(text)).toEqual(notANumber);
  });

  test.each([
    ['1000000000000'],
    ['10000000000000000000'],
    ['1.1234567'],
    ['1.0000000'],
    ['-1000000000000'],
    [`1${'0'.repeat(1_000_000)}`],
  ])('a number of more than 12 digits before or 6 after the sign is out of range (case %#)', (text) => {
    expect(quantityFromText(text)).toEqual(outOfRange);
  });
});

describe('A quantity sent as a JSON number', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['0e999999999', '0'],
    ['12', '12'],
    ['-3', '-3'],
    ['2.5', '2.5'],
    ['1e3', '1000'],
    ['1E+3', '1000'],
    ['25e-1', '2.5'],
    ['1.0', '1'],
    ['1.10', '1.1'],
    ['9.99999999999e11', '999999999999'],
    ['1e-6', '0.000001'],
  ])('%s is %s', (text, canonical) => {
    expect(quantityFromJsonNumber(text)).toEqual(read(canonical));
  });

  test.each([['1e12'], ['1e19'], ['10000000000000000000'], ['1e-7'], ['0.1234567'], ['1e999999999'], ['1e-999999999']])(
    '%s is out of range',
    (text) => {
      expect(quantityFromJsonNumber(text)).toEqual(outOfRange);
    },
  );

  test.each([[''], ['01'], ['+1'], ['.5'], ['NaN'], ['1,5'], [' 1'], ['0x1']])('%j is no JSON number', (text) => {
    expect(quantityFromJsonNumber(text)).toEqual(notANumber);
  });

  it('refuses an exponent of a thousand million without printing its digits', () => {
    for (let times = 0; times < 1_000; times++) {
      expect(quantityFromJsonNumber('1e999999999').ok).toBe(false);
      expect(quantityFromJsonNumber('123456789e-999999999').ok).toBe(false);
    }
  }, 20_000);
});

describe('A stored quantity', () => {
  it('that is none stops the work', () => {
    expect(() => quantity('seven')).toThrow('Not a quantity: "seven"');
    expect(() => quantity('')).toThrow(RangeError);
  });
});

/** Millionths: what a quantity is, as a whole number. */
const millionths = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });

function textOf(scaled: bigint, { sign = '.', padded = false } = {}): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(7, '0');
  const decimals = padded ? digits.slice(-6) : digits.slice(-6).replace(/0+$/, '');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -6)}${decimals === '' ? '' : sign + decimals}`;
}

function scaledOf(text: string): bigint {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.');
  const scaled = BigInt(whole) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
  return text.startsWith('-') ? -scaled : scaled;
}

describe('Any quantity', () => {
  it('keeps every digit on the way in, and its canonical text reads as itself', () => {
    fc.assert(
      fc.property(millionths, fc.constantFrom('.', ','), fc.boolean(), (scaled, sign, padded) => {
        const canonical = textOf(scaled);
        expect(quantityFromText(textOf(scaled, { sign, padded }))).toEqual(read(canonical));
        expect(quantity(canonical)).toBe(canonical);
        expect(quantityFromJsonNumber(textOf(scaled, { padded }))).toEqual(read(canonical));
      }),
    );
  });

  it('adds up exactly', () => {
    fc.assert(
      fc.property(fc.array(millionths, { maxLength: 30 }), (scaled) => {
        const sum = sumQuantities(scaled.map((each) => quantity(textOf(each))));
        expect(sum).toBe(textOf(scaled.reduce((a, b) => a + b, 0n)));
      }),
    );
  });

  it('is rounded down: floor ≤ value < floor + 1, and the floor is whole', () => {
    fc.assert(
      fc.property(millionths, (scaled) => {
        const floor = floorQuantity(quantity(textOf(scaled)));
        const floored = scaledOf(floor);
        expect(floored <= scaled && scaled < floored + 1_000_000n).toBe(true);
        expect(isWhole(floor)).toBe(true);
        expect(floor).toBe(textOf(floored));
      }),
    );
  });

  it('is whole, negative and equal just when its millionths are', () => {
    fc.assert(
      fc.property(millionths, millionths, (a, b) => {
        const [one, other] = [quantity(textOf(a)), quantity(textOf(b))];
        expect(isWhole(one)).toBe(a % 1_000_000n === 0n);
        expect(isNegative(one)).toBe(a < 0n);
        expect(equalQuantities(one, other)).toBe(a === b);
        expect(equalQuantities(one, quantity(textOf(a, { padded: true })))).toBe(true);
      }),
    );
  });

  it('of text is read or refused with a reason, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+.,\deE]{0,24}$/)), (text) => {
        const reading = quantityFromText(text);
        if (reading.ok) expect(quantity(reading.quantity)).toBe(reading.quantity);
        else expect(reading.refusal).toMatch(/^quantity_(missing|not_a_number|out_of_range)$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('Single facts about quantities', () => {
  it('0.1 and 0.2 are 0.3', () => {
    expect(sumQuantities([quantity('0.1'), quantity('0.2')])).toBe('0.3');
  });

  it('nothing at all adds up to 0, and opposites too, without a sign', () => {
    expect(sumQuantities([])).toBe('0');
    expect(sumQuantities([quantity('-2.5'), quantity('2.5')])).toBe('0');
  });

  test.each([
    ['2.9', '2'],
    ['-0.1', '-1'],
    ['-3', '-3'],
    ['-2.000001', '-3'],
    ['0.999999', '0'],
  ])('%s is rounded down to %s', (value, floor) => {
    expect(floorQuantity(quantity(value))).toBe(floor);
  });

  it('a sum beyond 12 digits is not writable, and neither is a broken number', () => {
    const most = quantity('999999999999');
    expect(isWritable(most)).toBe(true);
    expect(isWritable(sumQuantities([most, quantity('1')]))).toBe(false);
    expect(isWritable(sumQuantities([quantity('-999999999999'), quantity('-1')]))).toBe(false);
    expect(isWritable(quantity('2.5'))).toBe(false);
  });
});
