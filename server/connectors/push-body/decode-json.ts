import { parse } from 'lossless-json';
import { Refusal } from '../../domain/refusal';

/** A JSON value whose numbers are still the text they were sent as: no id and no quantity passes through a float. */
export type LosslessValue =
  null | boolean | string | NumberText | readonly LosslessValue[] | { readonly [key: string]: LosslessValue };

export type LosslessObject = { readonly [key: string]: LosslessValue };

/** The source text of a JSON number. */
export class NumberText {
  constructor(readonly numberText: string) {}
}

export const isNumberText = (value: LosslessValue | undefined): value is NumberText => value instanceof NumberText;

export const isList = (value: LosslessValue | undefined): value is readonly LosslessValue[] => Array.isArray(value);

export const isObject = (value: LosslessValue | undefined): value is LosslessObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);

/** Deeper nesting than any push has; a deeper one is an attack on the parser's stack. */
const DEEPEST = 64;

function assertShallow(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > DEEPEST) throw new Refusal('push_unreadable', `The body is nested too deeply at position ${at}.`);
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
}

const positionIn = (message: string): string => /position (\d+)/.exec(message)?.[1] ?? '0';

/** Of two values for one name either may be a level: whichever were taken, the other would be lost without a word. */
export const repeated = (name: string, path: string): Refusal =>
  new Refusal('push_unreadable', `The body has “${shown(name)}” twice, with different values.`, {
    errors: [{ path, message: `“${shown(name)}” comes twice` }],
  });
const shown = (name: string): string => [...name].slice(0, 100).join('');

/** Reads JSON without losing a digit; throws Refusal(push_unreadable) naming the position of the fault. */
export function decodeJson(text: string): LosslessValue {
  assertShallow(text);
  try {
    return parse(text, null, {
      parseNumber: (number) => new NumberText(number),
      onDuplicateKey: ({ key, position }) => {
        throw repeated(key, `position ${position}`);
      },
    }) as LosslessValue;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const message = error instanceof Error ? error.message : '';
    throw new Refusal('push_unreadable', `The body is not valid JSON: fault at position ${positionIn(message)}.`, {
      errors: [{ path: `position ${positionIn(message)}`, message: 'not valid JSON' }],
    });
  }
}
