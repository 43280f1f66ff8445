import qs from 'qs';
import { Refusal } from '../../domain/refusal';
import type { RawPush } from '../../domain/ports/stock-source';
import { decodeJson, type LosslessValue } from './decode-json';

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
/** 10,000 lines of five fields. */
const MOST_FORM_FIELDS = 50_000;

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal('push_unreadable', 'The body is not valid UTF-8 text.', {
      errors: [{ path: `position ${firstBadByte(body)}`, message: 'not valid UTF-8' }],
    });
  }
}

/** Offset of the first byte that is not UTF-8: what decodes without the fatal flag up to there is the same text. */
function firstBadByte(body: Uint8Array): number {
  const text = new TextDecoder('utf-8').decode(body);
  const at = text.indexOf('\uFFFD');
  return at === -1 ? body.length : Buffer.byteLength(text.slice(0, at));
}

/** JSON inside a form field (`payload={…}`), or a nested form (`items[0][code]=…`). */
function decodeForm(text: string): LosslessValue {
  const fields = qs.parse(text, {
    depth: 6,
    parameterLimit: MOST_FORM_FIELDS + 1,
    arrayLimit: 10_001,
    plainObjects: true,
  }) as Record<string, LosslessValue>;
  const values = Object.values(fields);
  const [only] = values;
  if (values.length === 1 && typeof only === 'string' && /^\s*[[{]/.test(only)) return decodeJson(only);
  return fields;
}

/** The body as one value, by its content type; throws Refusal when it is none we read. */
export function decodeBody(push: RawPush, alsoRead: readonly string[] = []): LosslessValue {
  const [type = '', ...parameters] = (push.contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (charset !== undefined && !UTF8.has(charset)) {
    throw new Refusal('push_media_unsupported', `Send the body as UTF-8, not as ${charset}.`);
  }
  if (type === FORM_TYPE) return decodeForm(decodeText(push.body));
  if (type === '' || JSON_TYPE.test(type) || alsoRead.includes(type)) return decodeJson(decodeText(push.body));
  throw new Refusal('push_media_unsupported', 'Send the body as application/json.');
}
