import Big from 'big.js';

declare const quantityBrand: unique symbol;

/**
 * An exact decimal quantity in canonical text: optional `-`, digits, optional `.` and at most 6 decimals, no
 * trailing zeros ("7", "2.5", "-3", "0"). Never a float: 0.1 + 0.2 must be 0.3 and an id-sized number must survive.
 */
export type Quantity = string & { readonly [quantityBrand]: true };

export type QuantityRefusal = 'quantity_missing' | 'quantity_not_a_number' | 'quantity_out_of_range';

export type QuantityReading =
  { readonly ok: true; readonly quantity: Quantity } | { readonly ok: false; readonly refusal: QuantityRefusal };

export const MAX_INTEGER_DIGITS = 12;
export const MAX_DECIMALS = 6;

const DECIMAL_TEXT = /^([+-]?)(\d+)(?:[.,](\d+))?$/;
const JSON_NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
// A longer text is out of range whatever it says; the bound keeps a megabyte of digits away from the parser.
const LONGEST_TEXT = 64;

const refused = (refusal: QuantityRefusal): QuantityReading => ({ ok: false, refusal });

function canonical(value: Big): QuantityReading {
  // Decided on exponent and digits before printing: printing 1e999999999 would need a gigabyte.
  const decimals = Math.max(0, value.c.length - 1 - value.e);
  const isZero = value.c.length === 1 && value.c[0] === 0;
  if (isZero) return { ok: true, quantity: '0' as Quantity };
  if (value.e + 1 > MAX_INTEGER_DIGITS || decimals > MAX_DECIMALS) return refused('quantity_out_of_range');
  return { ok: true, quantity: value.toFixed() as Quantity };
}

/** Reads a quantity that arrived as text: digits with an optional sign and `.` or `,` before at most 6 decimals. */
export function quantityFromText(text: string): QuantityReading {
  const trimmed = text.trim();
  if (trimmed === '') return refused('quantity_missing');
  const match = DECIMAL_TEXT.exec(trimmed);
  if (!match) return refused('quantity_not_a_number');
  const [, sign = '', whole = '', decimals = ''] = match;
  if (trimmed.length > LONGEST_TEXT || decimals.length > MAX_DECIMALS) return refused('quantity_out_of_range');
  return canonical(new Big(`${sign === '-' ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`));
}

/** Reads the source text of a JSON number, so that no digit is lost on the way through a float. */
export function quantityFromJsonNumber(text: string): QuantityReading {
  if (!JSON_NUMBER_TEXT.test(text)) return refused('quantity_not_a_number');
  if (text.length > LONGEST_TEXT) return refused('quantity_out_of_range');
  return canonical(new Big(text));
}

/** For values we stored ourselves: anything but a canonical quantity here is a bug, and it stops the work. */
export function quantity(text: string): Quantity {
  const reading = quantityFromText(text);
  if (!reading.ok) throw new RangeError(`Not a quantity: ${JSON.stringify(text)}`);
  return reading.quantity;
}

export const sumQuantities = (quantities: Iterable<Quantity>): Quantity => {
  let sum = new Big(0);
  for (const each of quantities) sum = sum.plus(each);
  return sum.toFixed() as Quantity;
};

export const equalQuantities = (a: Quantity, b: Quantity): boolean => new Big(a).eq(b);

export const isNegative = (value: Quantity): boolean => new Big(value).lt(0);

export const isWhole = (value: Quantity): boolean => new Big(value).round(0, Big.roundDown).eq(value);

/** Towards minus infinity: 2.9 → 2, −0.1 → −1. A shop must never promise the part of a piece that is not there. */
export const floorQuantity = (value: Quantity): Quantity => {
  const down = new Big(value).round(0, Big.roundDown);
  const floored = down.gt(value) ? down.minus(1) : down;
  return floored.toFixed() as Quantity;
};

export const subtractQuantity = (from: Quantity, amount: Quantity): Quantity =>
  new Big(from).minus(amount).toFixed() as Quantity;

/** `times` is a count. */
export const multiplyQuantity = (value: Quantity, times: number): Quantity =>
  new Big(value).times(times).toFixed() as Quantity;

export type Rounding = 'down' | 'nearest' | 'up';

/**
 * The whole number next to value ÷ divisor: towards minus infinity, towards plus infinity, or the nearest, where a half
 * moves away from zero. Decided on the remainder and never on a quotient: that of 2 ÷ 3 has no last digit.
 */
export function divideToWhole(value: Quantity, divisor: Quantity, rounding: Rounding): Quantity {
  const size = new Big(divisor);
  if (size.lte(0)) throw new RangeError(`Nothing can be divided by ${divisor}`);
  const rest = new Big(value).mod(size);
  const whole = new Big(value).minus(rest).div(size);
  const beyond = rest.lt(0) ? -1 : 1;
  const leaves =
    !rest.eq(0) &&
    (rounding === 'nearest' ? rest.abs().times(2).gte(size) : rounding === 'up' ? beyond === 1 : beyond === -1);
  const rounded = leaves ? whole.plus(beyond) : whole;
  return rounded.eq(0) ? ('0' as Quantity) : (rounded.toFixed() as Quantity);
}

/** For a person to read: value ÷ divisor cut off after 6 decimals, with "…" where digits were left out. */
export function quotientText(value: Quantity, divisor: Quantity): string {
  const scale = new Big(10).pow(MAX_DECIMALS);
  const scaled = new Big(value).times(scale);
  const rest = scaled.mod(divisor);
  const shown = scaled.minus(rest).div(divisor).div(scale).abs().toFixed();
  return `${scaled.lt(0) ? '-' : ''}${shown}${rest.eq(0) ? '' : '…'}`;
}

/** Whether a shop can be given this number: whole and of at most 12 digits, so that no machine in between rounds it. */
export const isWritable = (value: Quantity): boolean =>
  isWhole(value) && new Big(value).abs().lt(new Big(10).pow(MAX_INTEGER_DIGITS));
