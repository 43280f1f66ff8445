import { foldCode } from './normal-forms';

const FILLERS = /[\s\u200B\uFEFF\u2010-\u2015\u2212-]/gu;
const GTIN_DIGITS = /^(?:\d{8}|\d{12,14})$/;
// Its check digit is right, but it is what tills and imports write where no barcode is known: all such products would
// share it.
const NO_NUMBER = '0'.repeat(14);

/** The last digit a GTIN must have: the others weighted 3, 1, 3 … from the right, filled up to the next ten. */
export function checkDigit(digitsBeforeIt: string): number {
  let sum = 0;
  for (let place = 0; place < digitsBeforeIt.length; place++) {
    sum += Number(digitsBeforeIt[digitsBeforeIt.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
  }
  return (10 - (sum % 10)) % 10;
}

/**
 * EAN-8, UPC-A, EAN-13 and GTIN-14 as one number of 14 digits, or null. Only these lengths, and only with a right check
 * digit: an in-house number that lost or gained a zero on its way must not pass for a barcode.
 */
export function gtin14(text: string): string | null {
  const digits = text.replace(FILLERS, '');
  if (!GTIN_DIGITS.test(digits)) return null;
  const padded = digits.padStart(14, '0');
  return padded !== NO_NUMBER && checkDigit(padded.slice(0, -1)) === Number(padded.at(-1)) ? padded : null;
}

/** Every way to write this number in 14, 13, 12 or 8 digits: what a shop has to be asked for, since it compares text. */
export const gtinSpellings = (gtin: string): string[] =>
  [14, 13, 12, 8].flatMap((length) => (/^0*$/.test(gtin.slice(0, -length)) ? [gtin.slice(-length)] : []));

/**
 * Two barcodes are one just when their keys are equal: the 14 digits of a GTIN, or "~" and the folded text of anything
 * else, so that no text can pass for a GTIN. '' for blank text: it is no barcode and equals nothing.
 */
export function barcodeKey(text: string): string {
  const gtin = gtin14(text);
  if (gtin !== null) return gtin;
  const folded = foldCode(text);
  return folded === '' ? '' : `~${folded}`;
}
