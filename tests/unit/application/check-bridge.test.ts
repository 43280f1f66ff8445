import { CheckBridge } from '../../../server/application/check-bridge';
import { type Failure, failure, FailureError } from '../../../server/domain/failure';
import type { BridgeHello, BridgeStatus } from '../../../server/domain/ports/shop-bridge';
import { shopCheckWords } from '../../../server/domain/shop-check-words';
import { shopAccess } from '../../support/builders';
import { TestClock } from '../../support/test-clock';

const HELLO: BridgeHello = { version: '1.2.0', api: 1, paired: false, woocommerce: true };
const STATUS: BridgeStatus = {
  api: 1,
  versions: { plugin: '1.2.0', wordpress: '6.9.1', woocommerce: '10.5.2', php: '8.2.0' },
  items: 1000,
  slowBecause: [],
  events: { pending: 0, oldest: null, lastError: null },
  door: { enabled: false, blockedBy: null, authorizationReaches: 'yes' },
  clockDifferenceMs: 1_000,
};
const thrown = (what: Failure) => Promise.reject(new FailureError(what));

/** What the doctor says of a shop whose plugin answers so. */
const said = (
  pairingId: string | null,
  answer: { hello?: Promise<BridgeHello | null>; status?: Promise<BridgeStatus> },
) =>
  new CheckBridge({
    pairings: {
      find: () => Promise.resolve(pairingId === null ? null : ({ pairingId } as never)),
      keepStatus: () => Promise.resolve(),
    },
    bridge: {
      hello: () => answer.hello ?? Promise.resolve(null),
      status: () => answer.status ?? Promise.reject(new Error('not asked')),
    },
    guard: { cross: (_access, _signal, call) => call({ pairingId: 'p', secret: 's' }) },
    clock: new TestClock(),
  }).check(shopAccess, new AbortController().signal);

describe('The connection doctor says of the plugin', () => {
  it.each<[string, string, Parameters<typeof said>]>([
    ['that there is none', 'absent', [null, {}]],
    [
      'that there is none where strange routes are refused',
      'absent',
      [null, { hello: thrown(failure('shop_blocked', { what: 'x' })) }],
    ],
    ['that it is there', 'unpaired', [null, { hello: Promise.resolve(HELLO) }]],
    ['that it is in use', 'in_use', ['p', { status: Promise.resolve(STATUS) }]],
  ])('%s, which is well', async (_what, code, [pairing, answer]) => {
    const check = await said(pairing, answer);
    expect(check).toMatchObject({ id: 'bridge', ok: true, severity: 'info', code });
    expect(shopCheckWords(check).message).not.toMatch(/\{|undefined/);
  });

  it('what it would gain a shop that has none', async () => {
    expect(shopCheckWords(await said(null, {})).message).toContain('1,000 products');
  });

  it.each<[string, string, Parameters<typeof said>]>([
    [
      'that it goes the slow way, and why',
      'slow',
      [
        'p',
        {
          status: Promise.resolve({ ...STATUS, slowBecause: [{ code: 'changing_listener', detail: 'acme/acme.php' }] }),
        },
      ],
    ],
    [
      'that the clocks drift apart',
      'clock',
      ['p', { status: Promise.resolve({ ...STATUS, clockDifferenceMs: -90_000 }) }],
    ],
    [
      'that the clocks are too far apart',
      'bridge_clock',
      ['p', { status: thrown(failure('bridge_clock', { seconds: 400 })) }],
    ],
    [
      'that it was deactivated',
      'bridge_missing',
      ['p', { status: thrown(failure('bridge_missing', { what: 'rest_no_route' })) }],
    ],
    [
      'that its user may no longer edit products',
      'bridge_capability',
      ['p', { status: thrown(failure('bridge_capability')) }],
    ],
    ['that it forgot the pairing', 'bridge_unpaired', ['p', { status: thrown(failure('bridge_unpaired')) }]],
    ['that it is of another version', 'bridge_old', [null, { hello: Promise.resolve({ ...HELLO, api: 2 }) }]],
  ])('%s, with what to do', async (_what, code, [pairing, answer]) => {
    const check = await said(pairing, answer);
    expect(check).toMatchObject({ id: 'bridge', severity: 'warning', code });
    const { message, cure } = shopCheckWords(check);
    expect(`${message} ${cure}`).not.toMatch(/\{|undefined/);
    expect(cure).not.toBeNull();
  });
});
