import { isNumberText, type LosslessValue } from './decode-json';

/** A text, or a number's digits as sent; '' for anything else. */
export const textOf = (value: LosslessValue | undefined): string =>
  typeof value === 'string' ? value.trim() : isNumberText(value) ? value.numberText : '';
