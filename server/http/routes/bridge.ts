import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { AdmitBridgeCall } from '../../application/admit-bridge-call';
import type { PairBridge } from '../../application/pair-bridge';
import { mayCross } from '../../domain/bridge-way';
import { BRIDGE_GAINS, slowWords } from '../../domain/bridge-words';
import type { BridgePairing, BridgePairingStore } from '../../domain/ports/bridge-pairings';
import type { Clock } from '../../domain/ports/clock';
import type { Shop, ShopStore } from '../../domain/ports/shops';
import type { UserStore } from '../../domain/ports/users';
import { Refusal } from '../../domain/refusal';
import { failureOrNull, instantOf, instantOrNull } from '../presenters';
import { route, type Route } from '../route';
import * as bridges from '../schemas/bridge';
import { idParams, z } from '../schemas/common';
import { mustBe } from './shared';

export interface BridgeRoutesOptions {
  readonly shopStore: ShopStore;
  readonly pairingStore: Pick<BridgePairingStore, 'find'>;
  readonly pairBridge: PairBridge;
  readonly admitBridgeCall: Pick<AdmitBridgeCall, 'refusals'>;
  readonly userStore: UserStore;
  /** Where the build leaves the plugin. */
  readonly pluginFile: string;
  readonly clock: Clock;
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

export function bridgeRoutes({
  shopStore,
  pairingStore,
  pairBridge,
  admitBridgeCall,
  userStore,
  pluginFile,
  clock,
}: BridgeRoutesOptions): Route[] {
  const bridgeOf = async (shopId: number) => {
    const shop = mustBe(await shopStore.find(shopId), 'shop');
    const pairing = await pairingStore.find(shopId);
    const account = pairing?.userId == null ? null : await userStore.find(pairing.userId);
    const refused = pairing?.pairingId == null ? [] : admitBridgeCall.refusals(pairing.pairingId);
    return {
      ...showPairing(pairing, clock.now()),
      installed: installedOf(shop),
      download: await isThere(pluginFile),
      account: account?.email ?? null,
      gains: Object.entries(BRIDGE_GAINS).map(([code, words]) => ({ code, words })),
      refused: refused.map(({ at, code }) => ({ at: instantOf(at), code })),
    };
  };
  const common = { tag: 'Bridge', params: idParams } as const;
  const owners = { ...common, access: 'owner', barsTokens: true } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/shops/{id}/bridge',
      summary: 'The plugin in the shop: whether it is paired and in use, what it gains, and what is wrong with it',
      access: 'viewer',
      status: 200,
      answer: bridges.bridge,
      handle: ({ params }) => bridgeOf(params.id),
    }),
    route({
      ...owners,
      method: 'post',
      path: '/shops/{id}/bridge/code',
      summary: 'Make a one-time code to pair the plugin with; an older code is void',
      status: 201,
      answer: bridges.bridgeCode,
      handle: async ({ params, caller }) => {
        const { code, link, expiresAt } = await pairBridge.start(params.id, caller?.userId ?? null);
        return { code, link, expiresAt: instantOf(expiresAt) };
      },
    }),
    route({
      ...owners,
      method: 'post',
      path: '/shops/{id}/bridge/pair',
      summary: 'Ask the shop once whether the code has been typed there; to be asked again every few seconds',
      body: bridges.bridgeAttempt,
      status: 200,
      answer: bridges.attempted,
      handle: async ({ params, body, note }) => {
        const { state } = await pairBridge.attempt(params.id, body.code);
        note({ fields: [], idle: state !== 'paired' });
        return { state, bridge: await bridgeOf(params.id) };
      },
    }),
    route({
      ...owners,
      method: 'post',
      path: '/shops/{id}/bridge/rotate',
      summary: 'Give the plugin a new secret; calls under way are not disturbed',
      status: 200,
      answer: bridges.bridge,
      handle: async ({ params }) => {
        await pairBridge.rotate(params.id);
        return bridgeOf(params.id);
      },
    }),
    route({
      ...owners,
      method: 'delete',
      path: '/shops/{id}/bridge',
      summary: 'End the pairing; everything goes on by WooCommerce’s own REST API',
      audit: { action: 'shops.bridge.unpair' },
      status: 200,
      answer: bridges.unpaired,
      handle: ({ params }) => pairBridge.unpair(params.id),
    }),
    route({
      tag: 'Bridge',
      method: 'get',
      path: '/bridge/plugin.zip',
      summary: 'The WordPress plugin, to be uploaded under Plugins → Add New',
      access: 'viewer',
      status: 200,
      answer: z.string().openapi({ format: 'binary' }),
      sends: 'application/zip',
      handle: async ({ res }) => {
        if (!(await isThere(pluginFile))) {
          throw new Refusal('not_found', 'The plugin is not built here. Run “npm run build” where the service runs.');
        }
        res.attachment('stock-relay.zip').type('application/zip');
        await pipeline(createReadStream(pluginFile), res);
        return '';
      },
    }),
  ];
}

/** As the connection doctor found it. */
function installedOf({ lastTest }: Shop): boolean | null {
  const check = lastTest?.checks.find(({ id }) => id === 'bridge');
  return check === undefined ? null : check.code !== 'absent' && check.code !== 'bridge_missing';
}

const latest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

function showPairing(pairing: BridgePairing | null, now: number) {
  const status = pairing?.status ?? null;
  const codeExpiresAt = (pairing?.codeExpiresAt ?? 0) > now ? (pairing?.codeExpiresAt ?? null) : null;
  const way = pairing?.way ?? null;
  return {
    state: stateOf(pairing, codeExpiresAt),
    codeExpiresAt: instantOrNull(codeExpiresAt),
    pairedAt: instantOrNull(pairing?.pairedAt ?? null),
    shopUser: pairing?.shopUser ?? null,
    versions: status?.versions ?? pairing?.site?.version ?? null,
    slowBecause: (status?.slowBecause ?? []).map((reason) => ({ ...reason, words: slowWords(reason) })),
    events: status && {
      pending: status.events.pending,
      oldestAt: status.events.oldest,
      lastError: status.events.lastError,
    },
    door: status?.door ?? null,
    clockDifferenceSeconds: status && Math.round(status.clockDifferenceMs / 1000),
    failure: failureOrNull(way?.failure ?? null),
    awaySince: instantOrNull(way?.awaySince ?? null),
    retryAt: instantOrNull(way && !mayCross(way, now) ? way.retryAt : null),
    lastFailure: failureOrNull(pairing?.lastFailure ?? null),
    lastFailureAt: instantOrNull(pairing?.lastFailureAt ?? null),
    lastSeenAt: instantOrNull(latest(pairing?.answeredAt ?? null, pairing?.calledAt ?? null)),
    checkedAt: instantOrNull(pairing?.statusAt ?? null),
    rotating: pairing?.rotating ?? false,
  };
}

function stateOf(pairing: BridgePairing | null, codeExpiresAt: number | null): bridges.Bridge['state'] {
  if (pairing?.pairingId == null) return codeExpiresAt === null ? 'none' : 'code_given';
  return pairing.way.failures > 0 ? 'away' : 'paired';
}
