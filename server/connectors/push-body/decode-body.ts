import { Refusal } from '../../domain/refusal';
import type { RawPush } from '../../domain/ports/stock-source';
import { decodeJson, type LosslessValue, repeated } from './decode-json';

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
/** `items[0][code]` is three deep. */
const DEEPEST_FORM = 6;

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal('push_unreadable', 'The body is not valid UTF-8 text.', {
      errors: [{ path: `position ${firstBadByte(body)}`, message: 'not valid UTF-8' }],
    });
  }
}

/** Offset of the first byte that is not UTF-8: the first replacement character that was not sent as such. */
function firstBadByte(body: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  let at = 0;
  let from = 0;
  for (;;) {
    const next = text.indexOf('\uFFFD', from);
    if (next === -1) return body.length;
    at += Buffer.byteLength(text.slice(from, next));
    if (!(body[at] === 0xef && body[at + 1] === 0xbf && body[at + 2] === 0xbd)) return at;
    at += 3;
    from = next + 1;
  }
}

/** Two codes in another encoding would become one: every byte that is none of UTF-8 decodes to the same character. */
function assertUtf8(form: string): void {
  let at = 0;
  for (const field of form.split('&')) {
    try {
      decodeURIComponent(field.replace(/%(?![\da-f]{2})/gi, '%25'));
    } catch {
      throw new Refusal('push_unreadable', 'The form is not valid UTF-8 text.', {
        errors: [{ path: `position ${at}`, message: 'the field that begins here is not valid UTF-8' }],
      });
    }
    at += field.length + 1;
  }
}

type FormNode = Map<string, FormNode | string>;

const nodeOf = (node: FormNode | string): LosslessValue =>
  typeof node === 'string'
    ? node
    : Object.assign(
        Object.create(null),
        Object.fromEntries([...node].filter(([key]) => key !== '__proto__').map(([key, each]) => [key, nodeOf(each)])),
      );

/**
 * JSON inside a form field (`payload={…}`), or a nested form (`items[0][code]=…`). Read in one pass: the usual parser
 * takes seconds for what 10,000 lines come to, drops the fields beyond its limit, and would hold everything meanwhile.
 */
function decodeForm(text: string): LosslessValue {
  assertUtf8(text);
  const root: FormNode = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    const path = [name.split('[', 1)[0] ?? '', ...[...name.matchAll(/\[([^\]]*)\]/g)].map(([, key]) => key ?? '')];
    if (path.length > DEEPEST_FORM) throw new Refusal('push_unreadable', 'The form is nested too deeply.');
    let node = root;
    for (const key of path.slice(0, -1)) {
      const own = key === '' ? String(node.size) : key;
      const known = node.get(own);
      if (typeof known === 'string') throw repeated(name, name);
      const next: FormNode = known ?? new Map();
      node.set(own, next);
      node = next;
    }
    const last = path.at(-1) ?? '';
    const own = last === '' && path.length > 1 ? String(node.size) : last;
    if (node.has(own) && node.get(own) !== value) throw repeated(name, name);
    node.set(own, value);
  }
  const [only] = root.values();
  if (root.size === 1 && typeof only === 'string' && /^\s*[[{]/.test(only)) return decodeJson(only);
  return nodeOf(root);
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
