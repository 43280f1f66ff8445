import { BRIDGE_GAINS } from '../../../server/domain/bridge-words';
import type { Bridge, BridgeAttempted } from '../../../server/http/schemas/bridge';
import { ago, type FakeAnswer, type FakeState, failureView } from './fake-api';

/** The plugin of every shop, and what the shop says when it is asked for the code. */
export interface FakeBridge {
  view: Bridge;
  attempt: BridgeAttempted['state'] | 'missing' | 'void';
  /** Seconds for which the next code is good. */
  goodFor: number;
  /** Whether the shop is there to be told of an end. */
  isTold: boolean;
}

const unpairedView = (): Bridge => ({
  state: 'none',
  installed: null,
  download: true,
  codeExpiresAt: null,
  pairedAt: null,
  shopUser: null,
  account: null,
  versions: null,
  gains: Object.entries(BRIDGE_GAINS).map(([code, words]) => ({ code, words })),
  slowBecause: [],
  events: null,
  door: null,
  clockDifferenceSeconds: null,
  failure: null,
  awaySince: null,
  retryAt: null,
  lastFailure: null,
  lastFailureAt: null,
  lastSeenAt: null,
  checkedAt: null,
  rotating: false,
  refused: [],
});

export const unpairedBridge = (): FakeBridge => ({
  view: unpairedView(),
  attempt: 'waiting',
  goodFor: 600,
  isTold: true,
});

export const pairedView = (more: Partial<Bridge> = {}): Bridge => ({
  ...unpairedView(),
  state: 'paired',
  installed: true,
  pairedAt: ago(86_400),
  shopUser: { id: 7, email: 'ana@shop.example', displayName: 'Ana' },
  account: 'owner@example.com',
  versions: { plugin: '1.0.0', wordpress: '6.9.1', woocommerce: '10.5.2', php: '8.2.0' },
  events: { pending: 0, oldestAt: null, lastError: null },
  door: { enabled: false, blockedBy: null, authorizationReaches: 'yes' },
  clockDifferenceSeconds: 1,
  lastSeenAt: ago(20),
  checkedAt: ago(20),
  ...more,
});

export const awayView = (): Bridge =>
  pairedView({
    state: 'away',
    failure: failureView('bridge_missing', { what: 'rest_no_route' }),
    awaySince: ago(900),
    retryAt: ago(-60),
    lastSeenAt: ago(930),
  });

export const slowView = (): Bridge =>
  pairedView({
    slowBecause: [
      {
        code: 'saving_listener',
        detail: 'woocommerce_product_set_stock: old-erp: ERP::push',
        words: 'woocommerce_product_set_stock: old-erp: ERP::push',
      },
    ],
    events: { pending: 3, oldestAt: ago(300), lastError: 'cURL error 28' },
    door: { enabled: true, blockedBy: null, authorizationReaches: 'no' },
    clockDifferenceSeconds: -140,
    refused: [{ at: ago(400), code: 'stock_relay_late' }],
  });

const CODE = '7K3F-9QXM-2WTB';

function attempt({ bridge }: FakeState): FakeAnswer {
  if (bridge.attempt === 'void') return { status: 409, body: { status: 409, code: 'conflict' } };
  if (bridge.attempt === 'paired') bridge.view = pairedView();
  return { status: 200, body: { state: bridge.attempt, bridge: bridge.view } satisfies BridgeAttempted };
}

export const bridgeRoutes: Record<string, (state: FakeState) => FakeAnswer> = {
  'GET /shops/#/bridge': ({ bridge }) => ({ status: 200, body: bridge.view }),
  'POST /shops/#/bridge/code': ({ bridge }) => {
    const expiresAt = new Date(Date.now() + bridge.goodFor * 1000).toISOString();
    const state = bridge.view.state === 'none' ? 'code_given' : bridge.view.state;
    bridge.view = { ...bridge.view, state, codeExpiresAt: expiresAt };
    const link = `https://shop.example.com/wp-admin/admin.php?page=stock-relay&pair=${CODE}&service=`;
    return { status: 201, body: { code: CODE, link, expiresAt } };
  },
  'POST /shops/#/bridge/pair': attempt,
  'POST /shops/#/bridge/rotate': ({ bridge }) => ({ status: 200, body: bridge.view }),
  'DELETE /shops/#/bridge': ({ bridge }) => {
    bridge.view = unpairedView();
    return { status: 200, body: { shopTold: bridge.isTold } };
  },
};
