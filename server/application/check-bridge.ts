import { failure, FailureError } from '../domain/failure';
import type { BridgePairingStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { BridgeGuard, BridgeHello, BridgeStatus, ShopBridge } from '../domain/ports/shop-bridge';
import type { ShopAccess, ShopCheck } from '../domain/ports/shop-target';

export interface CheckBridgePorts {
  readonly pairings: Pick<BridgePairingStore, 'find' | 'keepStatus'>;
  readonly bridge: Pick<ShopBridge, 'hello' | 'status'>;
  readonly guard: Pick<BridgeGuard, 'cross'>;
  readonly clock: Clock;
}

/** The protocol this service speaks. */
const API = 1;
/** Far from the 300 s from which calls are refused, and more than two clocks of one network ever differ. */
const CLOCK_WARNING_MS = 60_000;
const LONGEST_WHAT = 200;

/** What the connection doctor says of the plugin. Nothing depends on it, so nothing it finds makes a shop unfit. */
export class CheckBridge {
  constructor(private readonly ports: CheckBridgePorts) {}

  async check(access: ShopAccess, signal: AbortSignal): Promise<ShopCheck> {
    const { pairings, bridge, guard, clock } = this.ports;
    const { shopId } = access;
    try {
      if ((await pairings.find(shopId))?.pairingId == null) return await this.lookForIt(access, signal);
      const status = await guard.cross(access, signal, (link) => bridge.status(access, link, signal));
      await pairings.keepStatus(shopId, status, clock.now());
      return inUse(status);
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      return refusing(thrown);
    }
  }

  /** A shop that answers strange routes with anything but 404 has no plugin either, as far as can be told. */
  private async lookForIt(access: ShopAccess, signal: AbortSignal): Promise<ShopCheck> {
    try {
      return unpaired(await this.ports.bridge.hello(access, signal));
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      return well('absent');
    }
  }
}

const well = (code: string, params: ShopCheck['params'] = {}): ShopCheck => ({
  id: 'bridge',
  ok: true,
  severity: 'info',
  code,
  params,
});

const refusing = ({ failure: { code, params } }: FailureError): ShopCheck => ({
  id: 'bridge',
  ok: false,
  severity: 'warning',
  code,
  params,
});

function unpaired(hello: BridgeHello | null): ShopCheck {
  if (hello === null) return well('absent');
  if (hello.api === API) return well('unpaired', { version: hello.version });
  return refusing(new FailureError(failure('bridge_old', { version: hello.version })));
}

function inUse({ versions, items, slowBecause, clockDifferenceMs }: BridgeStatus): ShopCheck {
  const version = versions.plugin;
  const difference = Math.abs(clockDifferenceMs);
  if (difference > CLOCK_WARNING_MS) {
    return { ...well('clock', { seconds: Math.round(difference / 1000) }), severity: 'warning' };
  }
  if (slowBecause.length === 0) return well('in_use', { version, items });
  const what = slowBecause.map(({ code, detail }) => detail || code).join('; ');
  return { ...well('slow', { version, what: what.slice(0, LONGEST_WHAT) }), severity: 'warning' };
}
