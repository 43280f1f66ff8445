import { decodeHTML } from 'entities';
import { z } from 'zod';
import { type Failure, failure } from '../../domain/failure';
import type { HttpAnswer } from '../../outbound/http-client';

/** What an answer is worth: data of the expected shape, or a failure of the closed list. */
export type WooReading<Shape> =
  | {
      readonly ok: true;
      readonly data: Shape;
      /** The shop printed PHP notices around the data, which it should not. */
      readonly notices: boolean;
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      readonly retryAfterMs: number | null;
      /** False when the shop may have carried out a write before it answered this way. */
      readonly nothingDone: boolean;
      /** WooCommerce's own name for the error; unlike its message it is never translated. */
      readonly wooCode: string | null;
    };

const errorBody = z.object({ code: z.string(), message: z.string().optional() });

const LONGEST_RETRY_AFTER_MS = 60 * 60_000;
const LONGEST_PROOF = 300;

const shorten = (text: string, length = LONGEST_PROOF): string => {
  const plain = text.replace(/\s+/gu, ' ').trim();
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
};

const isJson = (answer: HttpAnswer): boolean => /^application\/([\w.-]+\+)?json\b/i.test(contentType(answer));

const contentType = (answer: HttpAnswer): string => answer.headers['content-type'] ?? '';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After in seconds or as an HTTP date; an hour at most, since a mistyped one would stop a shop for good. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined || header.trim() === '') return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : null;
  const wait = seconds === null ? Date.parse(header) - now : seconds * 1000;
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), LONGEST_RETRY_AFTER_MS) : null;
}

/** The title of a page, or its first words, in plain text. */
export function pageTitle(html: string): string {
  const title = /<title[^>]*>([\s\S]{0,500}?)<\/title>/i.exec(html)?.[1];
  const text = title ?? html.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return shorten(decodeHTML(text), 100);
}

const FIREWALL_PAGES: readonly (readonly [RegExp, string])[] = [
  [/wordfence/i, 'Wordfence'],
  [/sucuri/i, 'Sucuri'],
  [/imunify360/i, 'Imunify360'],
  [/incapsula|imperva/i, 'Imperva'],
  [/mod_?security/i, 'ModSecurity'],
  [/bitninja/i, 'BitNinja'],
  [/sgcaptcha/i, 'SiteGround captcha'],
  [/just a moment|attention required|cf-chl/i, 'Cloudflare'],
];

const FIREWALL_STATUSES: ReadonlySet<number> = new Set([403, 406, 418, 451, 455, 501]);

/** Names what stands in front of the shop when the answer is not WordPress's own; null when nothing does. */
function firewall(answer: HttpAnswer): string | null {
  if (isJson(answer)) return null;
  const ray = answer.headers['cf-ray'];
  if (answer.headers['cf-mitigated'] !== undefined || (ray !== undefined && answer.status === 403)) {
    return `Cloudflare challenge${ray === undefined ? '' : `, Ray id ${shorten(ray, 60)}`}`;
  }
  const named = FIREWALL_PAGES.find(([pattern]) => pattern.test(answer.text.slice(0, 20_000)))?.[1];
  if (named !== undefined && answer.status !== 500) {
    return ray === undefined ? named : `${named}, Ray id ${shorten(ray, 60)}`;
  }
  if (answer.headers['www-authenticate'] !== undefined && answer.status === 401) {
    return 'the server asks for a user name and password of its own';
  }
  return FIREWALL_STATUSES.has(answer.status) ? `status ${answer.status}: ${pageTitle(answer.text)}` : null;
}

/** The place a redirect points to, without its query: it may repeat the keys of the call. */
function redirectTarget(answer: HttpAnswer): string {
  const location = answer.headers['location'] ?? '?';
  return shorten(location.split(/[?#]/)[0] ?? '?', 200);
}

interface Refusal {
  readonly failure: Failure;
  readonly nothingDone?: boolean;
}

/** Refusals that WordPress or WooCommerce wrote itself, told apart by status and code only. */
function readRefusal(status: number, code: string, proof: string): Refusal {
  const refused = (what: Failure): Refusal => ({ failure: { ...what, proof } });
  if (status === 429 || code === 'rate_limit_exceeded') return refused(failure('shop_rate_limited'));
  if (status === 503 && code === 'wp_die') return { ...refused(failure('shop_maintenance')), nothingDone: true };
  if (status >= 500) return { ...refused(failure('shop_server_error', { status })), nothingDone: false };
  if (status === 413) return refused(failure('shop_batch_too_large'));
  if (code === 'rest_no_route') return refused(failure('shop_rest_missing', { what: code }));
  if (status === 401 && code.startsWith('woocommerce_rest_')) return refused(failure('keys_rejected', { what: code }));
  if (status === 403 && code.startsWith('woocommerce_rest_cannot_')) return refused(failure('keys_forbidden'));
  if (status === 401 || status === 403) return refused(failure('shop_blocked', { what: shorten(code, 80) }));
  return refused(failure('shop_answer_unexpected', { what: `${status} ${shorten(code, 80)}` }));
}

/** Refusals that are pages: of a firewall, of the web server, or of WordPress before its REST API has begun. */
function readRefusalPage(answer: HttpAnswer): Refusal {
  const { status } = answer;
  const title = pageTitle(answer.text);
  const refused = (what: Failure): Refusal => ({ failure: { ...what, proof: title === '' ? null : title } });
  if (status === 429) return refused(failure('shop_rate_limited'));
  if (status === 503 && /maintenance/i.test(answer.text.slice(0, 20_000))) {
    return { ...refused(failure('shop_maintenance')), nothingDone: true };
  }
  const inTheWay = firewall(answer);
  if (inTheWay !== null) return { ...refused(failure('shop_blocked', { what: inTheWay })), nothingDone: true };
  if (status >= 500) return { ...refused(failure('shop_server_error', { status })), nothingDone: false };
  if (status === 413) return refused(failure('shop_batch_too_large'));
  if (status === 404) return refused(failure('shop_rest_missing', { what: `404 ${title}`.trim() }));
  if (status === 408) return { ...refused(failure('shop_answer_lost', { reason: 'status 408' })), nothingDone: false };
  return refused(failure('shop_not_json', { what: `${status} ${title}`.trim() }));
}

/** JSON that PHP printed notices before or after: the first reading between brackets that has the expected shape. */
function betweenNotices<Shape>(text: string, shape: z.ZodType<Shape>): { readonly data: Shape } | null {
  const end = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}')) + 1;
  const starts = /[[{]/g;
  for (let tries = 0; tries < 50; tries += 1) {
    const match = starts.exec(text);
    if (!match || match.index >= end) return null;
    const parsed = parseJson(text.slice(match.index, end));
    const read = parsed === undefined ? null : shape.safeParse(parsed);
    if (read?.success) return { data: read.data };
  }
  return null;
}

/** Success is a 2xx, marked as JSON, that parses and has the expected shape. Anything less is named for what it is. */
export function readAnswer<Shape>(answer: HttpAnswer, shape: z.ZodType<Shape>, now: number): WooReading<Shape> {
  const failed = (refusal: Refusal, wooCode: string | null): WooReading<Shape> => ({
    ok: false,
    failure: refusal.failure,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now),
    nothingDone: refusal.nothingDone ?? true,
    wooCode,
  });
  const unclear = (what: Failure): WooReading<Shape> => failed({ failure: what, nothingDone: false }, null);

  if (answer.status >= 300 && answer.status < 400) {
    return failed({ failure: failure('shop_redirects', { location: redirectTarget(answer) }) }, null);
  }
  const body = isJson(answer) ? parseJson(answer.text.replace(/^\uFEFF/, '')) : undefined;
  if (answer.status < 200 || answer.status >= 400) {
    const error = errorBody.safeParse(body);
    if (!error.success) return failed(readRefusalPage(answer), null);
    const { code, message } = error.data;
    return failed(readRefusal(answer.status, code, shorten(`${code}: ${decodeHTML(message ?? '')}`)), code);
  }
  if (!isJson(answer)) {
    const inTheWay = firewall(answer);
    if (inTheWay !== null) return unclear(failure('shop_blocked', { what: inTheWay }));
    return unclear(failure('shop_not_json', { what: pageTitle(answer.text) || 'an empty answer' }));
  }
  if (body === undefined) {
    const found = betweenNotices(answer.text, shape);
    if (found !== null) return { ok: true, data: found.data, notices: true };
    const what = answer.text.trim() === '' ? 'an empty answer' : 'broken JSON';
    return unclear(failure('shop_not_json', { what }, shorten(answer.text, 120)));
  }
  const read = shape.safeParse(body);
  if (read.success) return { ok: true, data: read.data, notices: false };
  const [issue] = read.error.issues;
  const what = issue === undefined ? 'another shape' : `${issue.path.join('.') || 'answer'}: ${issue.message}`;
  return unclear(failure('shop_answer_unexpected', { what: shorten(what, 150) }));
}
