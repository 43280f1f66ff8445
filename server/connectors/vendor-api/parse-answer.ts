import { Refusal } from '../../domain/refusal';
import { decodeJson, type LosslessValue } from '../push-body/decode-json';

/** null where the answer is no JSON: a page for people, or nothing. */
export function parseAnswer(text: string): LosslessValue {
  try {
    return decodeJson(text);
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}
