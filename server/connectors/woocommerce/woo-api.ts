import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Failure, failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { ShopAccess, ShopAuthentication } from '../../domain/ports/shop-target';
import type { HttpAnswer, HttpClient } from '../../outbound/http-client';
import { signedQuery } from './oauth1';
import { readAnswer } from './woo-answer';
import { addressText, restAddress, signedBase, type WooAddress } from './woo-route';

export interface WooCall<Shape> {
  readonly access: ShopAccess;
  /** Firewalls block the others, and neither is needed: every write is a batch. */
  readonly method: 'GET' | 'POST';
  /** From the API's root: "/wc/v3/products". */
  readonly route: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly shape: z.ZodType<Shape>;
  readonly signal: AbortSignal;
}

export interface WooReply<Shape> {
  readonly data: Shape;
  /** How many entries the whole list has, where the shop says so. */
  readonly total: number | null;
  /** The shop's clock when it answered (epoch ms), or null. */
  readonly shopTime: number | null;
}

/** A call the shop answered with anything but the data asked for. */
export class WooCallError extends FailureError {
  constructor(
    what: Failure,
    facts: FailureError['facts'],
    readonly answer: { readonly status: number; readonly wooCode: string | null; readonly shopTime: number | null },
  ) {
    super(what, facts);
  }
}

/** The shop itself said, by this name, that there is no such thing. */
export const isMissing = (thrown: unknown, wooCode: string): boolean =>
  thrown instanceof WooCallError && thrown.answer.status === 404 && thrown.answer.wooCode === wooCode;

/** The shop refused what a parameter said. */
export const isInvalid = (thrown: unknown): boolean =>
  thrown instanceof WooCallError && thrown.answer.status === 400 && thrown.answer.wooCode === 'rest_invalid_param';

export interface WooApi {
  call<Shape>(call: WooCall<Shape>): Promise<WooReply<Shape>>;
  /** The same without keys: for the index of the REST API, which is public. */
  callWithoutKeys<Shape>(call: WooCall<Shape>): Promise<WooReply<Shape>>;
}

export interface WooApiOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Of this service, for its User-Agent. */
  readonly version: string;
  readonly readTimeoutMs?: number;
  readonly writeTimeoutMs?: number;
}

export const READ_TIMEOUT_MS = 30_000;
/** A batch of 100 takes a slow host this long; giving up earlier leaves a write nobody knows the end of. */
export const WRITE_TIMEOUT_MS = 60_000;
export const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;
/** WooCommerce refuses signatures older or newer than this. */
export const SIGNATURE_WINDOW_MS = 15 * 60_000;

export const isHttps = (access: ShopAccess): boolean => /^https:/i.test(access.url);

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK_HOST.test(new URL(url).hostname);

/** Over plain http everything but a signature would show the secret to anyone on the way. */
export function authenticationFor(access: ShopAccess): ShopAuthentication {
  if (!isHttps(access)) return 'oauth1';
  if (access.authentication === 'query' && !access.allowQueryKeys) return 'basic';
  return access.authentication ?? 'basic';
}

const basicCredentials = ({ consumerKey, consumerSecret }: ShopAccess): string =>
  Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');

const anything = z.unknown();

export function createWooApi(options: WooApiOptions): WooApi {
  const { http, clock } = options;

  function authenticated(call: WooCall<unknown>, address: WooAddress): { address: WooAddress; authorization?: string } {
    const { consumerKey, consumerSecret } = call.access;
    switch (authenticationFor(call.access)) {
      case 'basic':
        return {
          address,
          authorization: `Basic ${basicCredentials(call.access)}`,
        };
      case 'query':
        return {
          address: {
            ...address,
            query: { ...address.query, consumer_key: consumerKey, consumer_secret: consumerSecret },
          },
        };
      case 'oauth1':
        return {
          // On this very machine the header harms nobody, and behind a local tunnel it is what the shop looks at.
          ...(isLoopback(call.access.url) ? { authorization: `Basic ${basicCredentials(call.access)}` } : {}),
          address: {
            ...address,
            query: signedQuery({
              method: call.method,
              url: signedBase(address),
              query: address.query,
              consumerKey,
              consumerSecret,
              timestamp: Math.floor(clock.now() / 1000),
              nonce: randomBytes(16).toString('hex'),
            }),
          },
        };
    }
  }

  async function send(call: WooCall<unknown>, withKeys: boolean): Promise<HttpAnswer> {
    const { access, method } = call;
    const plain = restAddress(access.url, access.routeStyle ?? 'pretty', call.route, call.query ?? {});
    await access.beforeCall?.(call.signal);
    const { address, authorization } = withKeys ? authenticated(call, plain) : { address: plain };
    return http.request({
      method,
      url: addressText(address),
      headers: {
        Accept: 'application/json',
        'User-Agent': `StockRelay/${options.version}`,
        ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      timeoutMs:
        method === 'POST' ? (options.writeTimeoutMs ?? WRITE_TIMEOUT_MS) : (options.readTimeoutMs ?? READ_TIMEOUT_MS),
      verifyTls: access.verifyTls,
      signal: call.signal,
      maxBytes: LARGEST_ANSWER_BYTES,
    });
  }

  async function once<Shape>(call: WooCall<Shape>, withKeys: boolean): Promise<WooReply<Shape>> {
    const answer = await send(call, withKeys);
    const reading = readAnswer(answer, call.shape, clock.now());
    const shopTime = shopTimeOf(answer);
    if (reading.ok) return { data: reading.data, total: totalOf(answer), shopTime };
    const maybeWritten = call.method === 'POST' && !reading.nothingDone;
    throw new WooCallError(
      withoutSecrets(reading.failure, keysOf(call.access)),
      {
        ...(maybeWritten ? { writeMayHaveHappened: true } : {}),
        ...(reading.retryAfterMs === null ? {} : { retryAfterMs: reading.retryAfterMs }),
      },
      { status: answer.status, wooCode: reading.wooCode, shopTime },
    );
  }

  /** Whether the shop lets these keys read; a failure of another kind leaves the question open. */
  async function mayRead(access: ShopAccess, signal: AbortSignal): Promise<boolean | null> {
    try {
      await once(
        {
          access,
          method: 'GET',
          route: '/wc/v3/products',
          query: { per_page: '1', _fields: 'id' },
          shape: anything,
          signal,
        },
        true,
      );
      return true;
    } catch (thrown) {
      if (!(thrown instanceof WooCallError)) return null;
      return thrown.answer.status === 401 || thrown.answer.status === 403 ? false : null;
    }
  }

  /**
   * One 401 has many reasons and the same code, its message being translated. What a call of the other kind brings
   * tells them apart.
   */
  async function namedRejection<Shape>(call: WooCall<Shape>, error: WooCallError): Promise<FailureError> {
    const named = (what: Failure): WooCallError => new WooCallError(what, error.facts, error.answer);
    const { proof } = error.failure;
    const { wooCode, shopTime } = error.answer;
    const authentication = authenticationFor(call.access);
    if (wooCode === 'woocommerce_rest_authentication_error') {
      if (
        authentication === 'oauth1' &&
        shopTime !== null &&
        Math.abs(shopTime - clock.now()) > SIGNATURE_WINDOW_MS - 60_000
      ) {
        return named(failure('keys_clock', {}, proof));
      }
      if (call.method === 'POST' && (await mayRead(call.access, call.signal)) === true) {
        return named(failure('keys_read_only', {}, proof));
      }
      return error;
    }
    // No key was seen at all. A signature travels in the address, so it arrives where the header does not.
    if (authentication === 'basic' && wooCode?.startsWith('woocommerce_rest_cannot_')) {
      if (await mayRead({ ...call.access, authentication: 'oauth1' }, call.signal)) {
        return named(failure('keys_header_stripped', {}, proof));
      }
    }
    return error;
  }

  return {
    callWithoutKeys: (call) => once(call, false),
    async call(call) {
      try {
        return await once(call, true);
      } catch (thrown) {
        if (!isRejectedKey(thrown)) throw thrown;
        if (!mayBeReplay(call, thrown)) throw await namedRejection(call, thrown);
      }
      try {
        return await once(call, true);
      } catch (thrown) {
        throw isRejectedKey(thrown) ? await namedRejection(call, thrown) : thrown;
      }
    },
  };
}

const isRejectedKey = (thrown: unknown): thrown is WooCallError =>
  thrown instanceof WooCallError && thrown.failure.code === 'keys_rejected';

/**
 * A read that had to be sent again on a new connection carries the signature of the first time, and a shop that had
 * seen that one refuses it. Signed anew it passes; where the keys are wrong it does not.
 */
const mayBeReplay = (call: WooCall<unknown>, error: WooCallError): boolean =>
  call.method === 'GET' &&
  authenticationFor(call.access) === 'oauth1' &&
  error.answer.wooCode === 'woocommerce_rest_authentication_error';

function totalOf(answer: HttpAnswer): number | null {
  const total = answer.headers['x-wp-total'];
  return total !== undefined && /^\d{1,9}$/.test(total) ? Number(total) : null;
}

export function shopTimeOf(answer: HttpAnswer): number | null {
  const time = Date.parse(answer.headers['date'] ?? '');
  return Number.isFinite(time) ? time : null;
}

/** Error pages of debugging plugins repeat the call; what they repeat must not end up in a log. */
export function withoutSecrets(what: Failure, secrets: readonly string[]): Failure {
  const told = secrets.filter((each) => each !== '');
  const clean = (text: string): string => told.reduce((cleaned, secret) => cleaned.replaceAll(secret, '•••'), text);
  return {
    ...what,
    params: Object.fromEntries(
      Object.entries(what.params).map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]),
    ),
    proof: what.proof === null ? null : clean(what.proof),
  };
}

const keysOf = (access: ShopAccess): readonly string[] => [
  basicCredentials(access),
  access.consumerSecret,
  access.consumerKey,
];
