import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { type Failure, failure, FailureError } from '../../domain/failure';
import type { BridgeLink } from '../../domain/ports/shop-bridge';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { bridgePath, bridgeSignature, callText } from './bridge-signature';
import { readAnswer } from './woo-answer';
import {
  LARGEST_ANSWER_BYTES,
  READ_TIMEOUT_MS,
  shopTimeOf,
  WooCallError,
  type WooApiOptions,
  withoutSecrets,
  WRITE_TIMEOUT_MS,
} from './woo-api';
import { addressText, restAddress } from './woo-route';

export interface BridgeCallOut<Shape> {
  readonly access: ShopAccess;
  /** Null for the two routes that are open to anybody. */
  readonly link: BridgeLink | null;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the plugin's own name: "/stock". */
  readonly route: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly shape: z.ZodType<Shape>;
  readonly signal: AbortSignal;
  /** Carried in the body, and not to be repeated by any error. */
  readonly secrets?: readonly string[];
}

export interface BridgeReply<Shape> {
  readonly data: Shape;
  readonly shopTime: number | null;
}

export interface BridgeApi {
  call<Shape>(call: BridgeCallOut<Shape>): Promise<BridgeReply<Shape>>;
}

const NAMESPACE = '/stock-relay/v1';

export function createBridgeApi({ http, clock, version }: WooApiOptions): BridgeApi {
  function signedHeaders(call: BridgeCallOut<unknown>, link: BridgeLink, body: string): Record<string, string> {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const nonce = randomBytes(16).toString('hex');
    const text = callText({
      direction: 'to-shop',
      method: call.method,
      path: bridgePath(`${NAMESPACE}${call.route}`, call.query ?? {}),
      timestamp,
      nonce,
      body: Buffer.from(body),
    });
    return {
      'X-Stock-Relay-Pairing': link.pairingId,
      'X-Stock-Relay-Timestamp': timestamp,
      'X-Stock-Relay-Nonce': nonce,
      'X-Stock-Relay-Signature': bridgeSignature(text, link.secret),
    };
  }

  return {
    async call(call) {
      const { access, link, method } = call;
      const address = restAddress(
        access.url,
        access.routeStyle ?? 'pretty',
        `${NAMESPACE}${call.route}`,
        call.query ?? {},
      );
      const body = call.body === undefined ? '' : JSON.stringify(call.body);
      await access.beforeCall?.(call.signal);
      const answer = await http.request({
        method,
        url: addressText(address),
        headers: {
          Accept: 'application/json',
          'User-Agent': `StockRelay/${version}`,
          ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
          ...(link === null ? {} : signedHeaders(call, link, body)),
        },
        ...(body === '' ? {} : { body }),
        timeoutMs: method === 'GET' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
        verifyTls: access.verifyTls,
        signal: call.signal,
        maxBytes: LARGEST_ANSWER_BYTES,
      });
      const reading = readAnswer(answer, call.shape, clock.now());
      const shopTime = shopTimeOf(answer);
      if (reading.ok) return { data: reading.data, shopTime };
      const difference = shopTime === null ? 0 : Math.round(Math.abs(shopTime - clock.now()) / 1000);
      throw new WooCallError(
        withoutSecrets(refusedBy(reading.failure, reading.wooCode, answer.status, difference), [
          ...(link ? [link.secret] : []),
          ...(call.secrets ?? []),
        ]),
        method !== 'GET' && !reading.nothingDone ? { writeMayHaveHappened: true } : {},
        { status: answer.status, wooCode: reading.wooCode, shopTime },
      );
    },
  };
}

/** The plugin's own refusals in the words of the closed list; everything else is the shop's, and is named as ever. */
function refusedBy(what: Failure, code: string | null, status: number, seconds: number): Failure {
  switch (code) {
    case 'stock_relay_unpaired':
      return failure('bridge_unpaired', {}, what.proof);
    case 'stock_relay_late':
      return failure('bridge_clock', { seconds }, what.proof);
    case 'stock_relay_unsigned':
    case 'stock_relay_bad_signature':
    case 'stock_relay_replayed':
      return failure('bridge_signature', { what: code }, what.proof);
    case 'stock_relay_capability':
      return failure('bridge_capability', {}, what.proof);
    case 'stock_relay_insecure':
      return failure('bridge_insecure', {}, what.proof);
    case 'stock_relay_oversized':
      return failure('shop_batch_too_large', {}, what.proof);
  }
  // Gone with its routes, or behind a web server that knows none.
  return status === 404 ? failure('bridge_missing', { what: code ?? 'status 404' }, what.proof) : what;
}

/** The plugin answered, and not with what was asked for: what it was asked to do may be done. */
export const misspoken = (what: string): FailureError =>
  new FailureError(failure('shop_answer_unexpected', { what }), { writeMayHaveHappened: true });
