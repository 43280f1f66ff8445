import fc from 'fast-check';
import { barcodeKey, checkDigit, gtin14, gtinSpellings } from '../../../server/domain/gtin';

describe('A barcode number', () => {
  test.each([
    ['EAN-13', '5941234567899', '05941234567899'],
    ['EAN-8', '96385074', '00000096385074'],
    ['UPC-A', '036000291452', '00036000291452'],
    ['UPC-A written as EAN-13', '0036000291452', '00036000291452'],
    ['GTIN-14', '00036000291452', '00036000291452'],
    ['a carton: GTIN-14 with an indicator', '10614141000415', '10614141000415'],
    ['blanks and hyphens', ' 978-3-16-148410-0\t', '09783161484100'],
    ['a no-break space and a typographic hyphen', '5941234\u00a0567\u2011899', '05941234567899'],
  ])('is one number of 14 digits: %s', (_what, text, expected) => {
    expect(gtin14(text)).toBe(expected);
  });

  test.each([
    ['a wrong check digit', '5941234567890'],
    ['two digits swapped', '5941243567899'],
    ['eleven digits: a lost zero may be any of several', '36000291452'],
    ['nine digits', '096385074'],
    ['fifteen digits', '005941234567899'],
    ['letters', '594123456789X'],
    ['digits of another script', '٥٩٤١٢٣٤٥٦٧٨٩٩'],
    ['a power', '963850⁷4'],
    ['zeros alone', '0000000000000'],
    ['nothing', ''],
    ['blanks', ' - '],
  ])('is none with %s', (_what, text) => {
    expect(gtin14(text)).toBeNull();
  });

  it('is spelt in every length that still holds it', () => {
    expect(gtinSpellings('10614141000415')).toEqual(['10614141000415']);
    expect(gtinSpellings('05941234567899')).toEqual(['05941234567899', '5941234567899']);
    expect(gtinSpellings('00036000291452')).toEqual(['00036000291452', '0036000291452', '036000291452']);
    expect(gtinSpellings('00000096385074')).toEqual(['00000096385074', '0000096385074', '000096385074', '96385074']);
  });
});

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''));
const gtin = fc
  .constantFrom(8, 12, 13, 14)
  .chain((length) => digits(length - 1))
  .filter((body) => !/^0*$/.test(body))
  .map((body) => body + checkDigit(body));

describe('Any GTIN', () => {
  it('has one form, whatever its spelling, and every spelling of it is found', () => {
    fc.assert(
      fc.property(gtin, (text) => {
        const whole = gtin14(text);
        if (whole === null) throw new Error(`${text} was not read`);
        expect(whole).toMatch(/^\d{14}$/);
        expect(BigInt(whole)).toBe(BigInt(text));
        const spellings = gtinSpellings(whole);
        expect(spellings).toContain(text);
        expect(new Set(spellings.map(gtin14))).toEqual(new Set([whole]));
        expect(new Set(spellings.map(barcodeKey)).size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('with one digit changed is another or none, and never the same', () => {
    fc.assert(
      fc.property(gtin, fc.nat(), fc.integer({ min: 1, max: 9 }), (text, at, by) => {
        const place = at % text.length;
        const changed = text.slice(0, place) + ((Number(text[place]) + by) % 10) + text.slice(place + 1);
        expect(gtin14(changed)).toBeNull();
        expect(barcodeKey(changed)).not.toBe(barcodeKey(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('The key of a barcode', () => {
  it('of text that is no GTIN is the text as a shop compares it', () => {
    expect(barcodeKey(' ab-12 ')).toBe(barcodeKey('AB-12'));
    expect(barcodeKey('AB-12')).not.toBe(barcodeKey('AB12'));
    expect(barcodeKey('00123')).not.toBe(barcodeKey('123'));
    expect(barcodeKey('10⁵')).not.toBe(barcodeKey('105'));
  });

  it('of blanks is empty', () => {
    expect(barcodeKey(' \t')).toBe('');
  });

  it('never confuses a GTIN with other text', () => {
    const near = fc.stringMatching(/^[~0-9 a-]{0,16}$/);
    fc.assert(
      fc.property(fc.oneof(gtin, near), fc.oneof(gtin, near, fc.string({ unit: 'binary' })), (one, other) => {
        if (barcodeKey(one) === barcodeKey(other)) expect(gtin14(one)).toBe(gtin14(other));
      }),
      { numRuns: 2_000 },
    );
  });
});
