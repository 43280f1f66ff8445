import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RestError } from './rest-error';

export interface SimulatedKey {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly permissions: 'read' | 'write' | 'read_write';
  readonly role: 'administrator' | 'shop_manager' | 'customer';
}

/** What the owner of a shop is shown, and pastes. */
export type PastedKey = Pick<SimulatedKey, 'consumerKey' | 'consumerSecret'>;

const key = (name: string, permissions: SimulatedKey['permissions'], role: SimulatedKey['role']): SimulatedKey => ({
  consumerKey: `ck_${name.padEnd(40, '0')}`,
  consumerSecret: `cs_${name.padEnd(40, '1')}`,
  permissions,
  role,
});

export const SIMULATED_KEYS = {
  readWrite: key('a1', 'read_write', 'administrator'),
  read: key('b2', 'read', 'administrator'),
  write: key('c3', 'write', 'administrator'),
  customer: key('d4', 'read_write', 'customer'),
  manager: key('e5', 'read_write', 'shop_manager'),
} as const;

const pasted = ({ consumerKey, consumerSecret }: SimulatedKey): PastedKey => ({ consumerKey, consumerSecret });
export const PASTED_KEYS = {
  readWrite: pasted(SIMULATED_KEYS.readWrite),
  read: pasted(SIMULATED_KEYS.read),
  write: pasted(SIMULATED_KEYS.write),
  customer: pasted(SIMULATED_KEYS.customer),
  manager: pasted(SIMULATED_KEYS.manager),
};

export interface AuthenticationRequest {
  readonly method: string;
  /** As WordPress knows its own address: scheme and host without a slash at the end. */
  readonly home: string;
  readonly path: string;
  /** The address as it came in; WooCommerce looks for its own name in it. */
  readonly rawUrl: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly isHttps: boolean;
  readonly headerStripped: boolean;
  readonly now: number;
}

const OAUTH_PARAMETERS = [
  'oauth_consumer_key',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_signature',
  'oauth_signature_method',
] as const;

const denied = (message: string): RestError => new RestError(401, 'woocommerce_rest_authentication_error', message);

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Finds out whose call it is, by the rules of WooCommerce's own authentication. */
export class Authentication {
  readonly #keys: readonly SimulatedKey[];
  /** By consumer key, then by second: a second nonce within one second takes the place of the first. */
  readonly #nonces = new Map<string, Map<number, string>>();

  constructor(keys: readonly SimulatedKey[] = Object.values(SIMULATED_KEYS)) {
    this.#keys = keys;
  }

  /** The key a call came with, null for a call without one, or the refusal. */
  identify(request: AuthenticationRequest): SimulatedKey | null {
    if (!request.rawUrl.includes('wp-json/wc/')) return null;
    const user = request.isHttps ? this.#byBasic(request) : null;
    return user ?? this.#byOAuth(request);
  }

  #find(consumerKey: string): SimulatedKey | undefined {
    return this.#keys.find((each) => each.consumerKey === consumerKey.trim());
  }

  #byBasic({ query, headers, headerStripped }: AuthenticationRequest): SimulatedKey | null {
    let consumerKey = query.get('consumer_key') ?? '';
    let consumerSecret = query.get('consumer_secret') ?? '';
    const basic = headerStripped ? undefined : /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if ((consumerKey === '' || consumerSecret === '') && basic !== undefined) {
      const text = Buffer.from(basic, 'base64').toString('utf8');
      consumerKey = text.slice(0, text.indexOf(':'));
      consumerSecret = text.slice(text.indexOf(':') + 1);
    }
    if (consumerKey === '' || consumerSecret === '') return null;
    const user = this.#find(consumerKey);
    if (user === undefined) return null;
    if (user.consumerSecret !== consumerSecret) throw denied('Consumer secret is invalid.');
    return user;
  }

  #byOAuth(request: AuthenticationRequest): SimulatedKey | null {
    const params = oauthParameters(request);
    const given = OAUTH_PARAMETERS.filter((name) => params.has(name));
    if (given.length === 0) return null;
    const missing = OAUTH_PARAMETERS.filter((name) => !params.has(name));
    if (missing.length > 0) {
      const words = missing.length === 1 ? 'parameter' : 'parameters';
      throw new RestError(
        401,
        'woocommerce_rest_authentication_missing_parameter',
        `Missing OAuth ${words} ${missing.join(', ')}`,
      );
    }
    const user = this.#find(params.get('oauth_consumer_key') ?? '');
    if (user === undefined) throw denied('Consumer key is invalid.');
    this.#checkSignature(request, params, user);
    this.#checkNonce(params, user, request.now);
    return user;
  }

  #checkSignature(request: AuthenticationRequest, params: Map<string, string>, user: SimulatedKey): void {
    const method = params.get('oauth_signature_method');
    if (method !== 'HMAC-SHA1' && method !== 'HMAC-SHA256') {
      throw denied('Invalid signature - signature method is invalid.');
    }
    const pairs = [...params]
      .filter(([name]) => name !== 'oauth_signature')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`);
    // WordPress appends the path to its home address; for the home itself nothing is left to append.
    const url = request.path === '/' ? request.home : `${request.home}${request.path}`;
    const base = `${request.method}&${encode(url)}&${encode(pairs.join('&'))}`;
    const algorithm = method === 'HMAC-SHA1' ? 'sha1' : 'sha256';
    const signature = createHmac(algorithm, `${user.consumerSecret}&`).update(base).digest('base64');
    const given = (params.get('oauth_signature') ?? '').replaceAll(' ', '+');
    if (signature !== given) throw denied('Invalid signature - provided signature does not match.');
  }

  #checkNonce(params: Map<string, string>, user: SimulatedKey, now: number): void {
    const timestamp = Number(params.get('oauth_timestamp'));
    if (!(Math.abs(now / 1000 - timestamp) <= 15 * 60)) throw denied('Invalid timestamp.');
    const nonce = params.get('oauth_nonce') ?? '';
    const used = this.#nonces.get(user.consumerKey) ?? new Map<number, string>();
    if ([...used.values()].includes(nonce)) throw denied('Invalid nonce - nonce has already been used.');
    used.set(timestamp, nonce);
    for (const second of used.keys()) if (second < now / 1000 - 15 * 60) used.delete(second);
    this.#nonces.set(user.consumerKey, used);
  }
}

function oauthParameters({ query, headers, headerStripped }: AuthenticationRequest): Map<string, string> {
  const params = new Map(query);
  const header = headerStripped ? undefined : /^OAuth (.+)$/i.exec(headers.authorization ?? '')?.[1];
  for (const pair of header?.split(',') ?? []) {
    const match = /^\s*(oauth_\w+)="([^"]*)"\s*$/.exec(pair);
    if (match?.[1] !== undefined) params.set(match[1], decodeURIComponent(match[2] ?? ''));
  }
  return params;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the key's own permission covers the method; the role behind it is judged by the route. */
export function checkPermission(user: SimulatedKey, method: string): void {
  const reading = READING.has(method);
  if (reading && user.permissions === 'write') {
    throw denied('The API key provided does not have read permissions.');
  }
  if (!reading && user.permissions === 'read') {
    throw denied('The API key provided does not have write permissions.');
  }
}

/** Logged out is 401, logged in without the right is 403; the code is the same. */
export function checkRole(user: SimulatedKey | null, verb: 'view' | 'edit' | 'create' | 'delete' | 'batch'): void {
  if (user !== null && user.role !== 'customer') return;
  const words =
    verb === 'view' ? 'list resources' : verb === 'batch' ? 'batch manipulate this resource' : `${verb} this resource`;
  const sentence = verb === 'view' ? `Sorry, you cannot ${words}.` : `Sorry, you are not allowed to ${words}.`;
  throw new RestError(user === null ? 401 : 403, `woocommerce_rest_cannot_${verb}`, sentence);
}
