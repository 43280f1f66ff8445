import { failure, FailureError } from '../../domain/failure';
import type { HttpAnswer } from '../../outbound/http-client';
import { isObject, type LosslessValue } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { unexpectedAnswer } from '../vendor-api/vendor-failures';

const ROWS_A_PAGE = 250;

/** Nothing where it was carried out; `right` is what a user without it is told to need. */
export function throwRefusal({ status, text }: HttpAnswer, body: LosslessValue, right: string | undefined): void {
  if (status >= 200 && status < 300) return;
  const said = saidIn(body) || (status === 403 ? `status ${status}` : '');
  if (status === 401) throw new FailureError(failure('source_login_refused', {}, said || null));
  if (status >= 500) throw new FailureError(failure('source_unreachable', { reason: `status ${status}` }));
  if (said === '') throw unexpectedAnswer(`status ${status}`, text);
  const words = status === 403 && right !== undefined ? `${said}: the user of the API key may not ${right}.` : said;
  throw new FailureError(failure('source_refused', { said: words }));
}

/** `{error, code, error_description, details: {field: why}}`, each of them optional. */
function saidIn(body: LosslessValue): string {
  if (!isObject(body)) return '';
  const details = isObject(body['details']) ? Object.values(body['details']).map(textOf) : [textOf(body['details'])];
  const texts = [textOf(body['error_description']) || textOf(body['error']), ...details];
  return texts.filter((text) => text !== '').join(': ');
}

/** By the Link header, as in `<…?p=2>; rel="next"`; a server in between may drop it. */
export function hasNext({ headers }: HttpAnswer, rows: number): boolean {
  const link = headers['link'];
  return link === undefined ? rows >= ROWS_A_PAGE : /\brel="?next"?/i.test(link);
}

export function totalOf({ headers }: HttpAnswer): number | null {
  const total = /\/(\d+)\s*$/.exec(headers['content-range'] ?? '')?.[1];
  return total === undefined ? null : Number(total);
}
