import { createBridgedShopTarget } from '../../../server/connectors/woocommerce/bridged-shop-target';
import { createWooCommerceShopTarget } from '../../../server/connectors/woocommerce/woocommerce-shop-target';
import { failure, FailureError } from '../../../server/domain/failure';
import type { BridgeGuard } from '../../../server/domain/ports/shop-bridge';
import type { GuardedWrite } from '../../../server/domain/ports/shop-target';
import { quantity } from '../../../server/domain/quantity';
import { ref, shopAccess } from '../../support/builders';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();
const signal = new AbortController().signal;
const JSON_TYPE = { 'content-type': 'application/json', date: new Date(clock.now() + 400_000).toUTCString() };
const secret = Buffer.alloc(32, 3).toString('base64url');
const guard: BridgeGuard = {
  atHand: () => Promise.resolve({ pairingId: 'p', status: null }),
  cross: (_access, _signal, call) => call({ pairingId: 'p', secret }),
};
const write = (id: number, changes: Partial<GuardedWrite> = {}): GuardedWrite => ({
  ref: ref(id),
  quantity: quantity('7'),
  expected: quantity('9'),
  ...changes,
});

function target(answer: () => ScriptedAnswer, by: BridgeGuard = guard) {
  const http = new ScriptedHttp(() => ({ headers: JSON_TYPE, ...answer() }));
  const options = { http, clock, version: '1' };
  const { across } = createBridgedShopTarget(createWooCommerceShopTarget(options), options, by);
  if (!across) throw new Error('A bridged target writes across parents');
  return { across, http };
}
const results = (...each: readonly object[]) => ({
  body: { results: each.map((one, index) => ({ ref: String(index), id: index + 1, ...one })) },
});
const answerTo = async (one: object) =>
  (await target(() => results(one)).across.write(shopAccess, [write(1)], signal))[0];
const failureOf = async (answer: ScriptedAnswer): Promise<FailureError> => {
  const thrown: unknown = await target(() => answer)
    .across.write(shopAccess, [write(1)], signal)
    .catch((error: unknown) => error);
  if (thrown instanceof FailureError) return thrown;
  throw new Error(`No failure but ${String(thrown)}`);
};

describe('A write through the plugin', () => {
  it('is one signed call with what is expected, and nothing where that is not known', async () => {
    const { across, http } = target(() =>
      results({ outcome: 'written', after: '7' }, { outcome: 'written', after: '7' }),
    );
    await across.write(shopAccess, [write(1), write(2, { expected: null, switchOn: true })], signal);
    const [request] = http.requests;
    expect(http.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: 'POST', url: 'https://shop.example/wp-json/stock-relay/v1/stock' });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      seconds: 8,
      items: [
        { ref: '0', id: 1, set: '7', expected: '9' },
        { ref: '1', id: 2, set: '7', manage: true },
      ],
    });
    expect(request?.headers).toMatchObject({
      'X-Stock-Relay-Pairing': 'p',
      'X-Stock-Relay-Timestamp': String(Math.floor(clock.now() / 1000)),
      'X-Stock-Relay-Nonce': expect.stringMatching(/^[0-9a-f]{32}$/),
      'X-Stock-Relay-Signature': expect.stringMatching(/^v1=[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(request)).not.toContain(shopAccess.consumerSecret);
  });

  it.each<[object, object]>([
    [
      { outcome: 'written', stockId: 1, before: '9', after: '7' },
      { kind: 'shown', quantity: '7', before: '9', written: true },
    ],
    [
      { outcome: 'unchanged', stockId: 1, before: 7, after: 7 },
      { kind: 'shown', quantity: '7', before: '7', written: false },
    ],
    [{ outcome: 'written', stockId: 50, before: '9', after: '7' }, { kind: 'unclear' }],
    [{ outcome: 'written', stockId: 1, before: '9', after: null }, { kind: 'unclear' }],
    [
      { outcome: 'conflict', stockId: 1, before: '8' },
      { kind: 'changed_meanwhile', quantity: '8' },
    ],
    [
      { outcome: 'conflict', stockId: 1, before: null },
      { kind: 'changed_meanwhile', quantity: null },
    ],
    [{ outcome: 'unmanaged' }, { kind: 'not_managed' }],
    [{ outcome: 'not_found' }, { kind: 'gone' }],
    [{ outcome: 'not_reached' }, { kind: 'not_reached' }],
    [{ outcome: 'wrong_type' }, { kind: 'unclear' }],
    [{ outcome: 'refused', reason: 'disagree' }, { kind: 'unclear' }],
    [{ outcome: 'failed', reason: 'listener' }, { kind: 'unclear' }],
    [{ outcome: 'from_tomorrow' }, { kind: 'unclear' }],
  ])('is answered by %j', async (result, answer) => {
    expect(await answerTo(result)).toEqual(answer);
  });

  it.each<[string, ScriptedAnswer, string, boolean]>([
    [
      'another’s answer',
      { body: { results: [{ ref: '0', id: 2, outcome: 'written' }] } },
      'shop_answer_unexpected',
      true,
    ],
    ['an answer too few', { body: { results: [] } }, 'shop_answer_unexpected', true],
    ['a number that was a float', results({ outcome: 'written', after: 0.5 }), 'shop_answer_unexpected', true],
    ['a page', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }, 'shop_not_json', true],
    ['a server error', { status: 500, body: { code: 'x', message: '' } }, 'shop_server_error', true],
    ['no such route', { status: 404, body: { code: 'rest_no_route', message: '' } }, 'bridge_missing', false],
    [
      'a 404 of the web server',
      { status: 404, body: 'x', headers: { 'content-type': 'text/html' } },
      'bridge_missing',
      false,
    ],
    ['late', { status: 401, body: { code: 'stock_relay_late', message: '' } }, 'bridge_clock', false],
    [
      'bad signature',
      { status: 401, body: { code: 'stock_relay_bad_signature', message: '' } },
      'bridge_signature',
      false,
    ],
    ['unsigned', { status: 401, body: { code: 'stock_relay_unsigned', message: '' } }, 'bridge_signature', false],
    ['unpaired', { status: 401, body: { code: 'stock_relay_unpaired', message: '' } }, 'bridge_unpaired', false],
    ['capability', { status: 403, body: { code: 'stock_relay_capability', message: '' } }, 'bridge_capability', false],
    ['plain http', { status: 403, body: { code: 'stock_relay_insecure', message: '' } }, 'bridge_insecure', false],
    ['too large', { status: 413, body: { code: 'stock_relay_oversized', message: '' } }, 'shop_batch_too_large', false],
  ])('fails as a whole by %s', async (_what, answer, code, mayHaveHappened) => {
    const error = await failureOf(answer);
    expect(error.failure.code).toBe(code);
    expect(error.facts.writeMayHaveHappened ?? false).toBe(mayHaveHappened);
  });

  it('tells by how much the clocks differ, and never the secret', async () => {
    const { failure: what } = await failureOf({
      status: 401,
      body: { code: 'stock_relay_late', message: `the call was ${secret}` },
    });
    expect(what.params).toEqual({ seconds: 400 });
    expect(JSON.stringify(what)).not.toContain(secret);
  });

  it('finds no room where the plugin is not at hand', async () => {
    const away = target(() => ({}), { ...guard, atHand: () => Promise.resolve(null) });
    expect(await away.across.room(1)).toBe(0);
    expect(await target(() => ({})).across.room(1)).toBe(100);
  });

  it('of a number no shop can hold does not go out', async () => {
    const { across, http } = target(() => ({}));
    const wrong = across.write(shopAccess, [write(1, { quantity: quantity('0.5') })], signal);
    await expect(wrong).rejects.toMatchObject({ failure: failure('number_unsafe', { quantity: '0.5' }) });
    expect(http.requests).toEqual([]);
  });
});
