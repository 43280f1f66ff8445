import { AT_HAND, mayCross, wentAway } from '../domain/bridge-way';
import { type Failure, failure, FailureError } from '../domain/failure';
import type { BridgePairing, BridgePairingStore, PairingSecrets } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { BridgeGuard, BridgeLink } from '../domain/ports/shop-bridge';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { UnitOfWork } from '../domain/ports/unit-of-work';

export interface GuardBridgePorts {
  readonly unit: UnitOfWork;
  readonly pairings: Pick<BridgePairingStore, 'find' | 'secretsOf' | 'takeNextSecret' | 'keepWay' | 'noteAnswered'>;
  readonly clock: Clock;
}

/** When the plugin was last heard is known to the minute. */
const ANSWERED_MS = 60_000;

/**
 * Lets calls through a shop's plugin, and keeps in mind when it is away: everything then goes by plain REST until it is
 * tried again. It never opens the shop's circuit; whether the shop itself is out of reach, plain REST finds out.
 */
export class GuardBridge implements BridgeGuard {
  constructor(private readonly ports: GuardBridgePorts) {}

  async atHand(shopId: number): Promise<BridgePairing | null> {
    const pairing = await this.ports.pairings.find(shopId);
    return pairing?.pairingId != null && mayCross(pairing.way, this.ports.clock.now()) ? pairing : null;
  }

  async cross<Answer>(
    access: ShopAccess,
    signal: AbortSignal,
    call: (link: BridgeLink) => Promise<Answer>,
  ): Promise<Answer> {
    const { shopId } = access;
    try {
      const secrets = await this.ports.pairings.secretsOf(shopId);
      if (!secrets) throw new FailureError(failure('bridge_unpaired'));
      const answer = await this.withEitherSecret(shopId, secrets, call);
      await this.cameBack(shopId);
      return answer;
    } catch (thrown) {
      // Calls that we cut off ourselves say nothing of the plugin.
      if (thrown instanceof FailureError && !signal.aborted) await this.goneAway(shopId, thrown.failure);
      throw thrown;
    }
  }

  /** A shop that was given a new secret, and whose answer was lost, takes the former for a while and then no longer. */
  private async withEitherSecret<Answer>(
    shopId: number,
    { pairingId, secret, nextSecret }: PairingSecrets,
    call: (link: BridgeLink) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await call({ pairingId, secret });
    } catch (thrown) {
      const isRefused = thrown instanceof FailureError && thrown.failure.code === 'bridge_signature';
      if (!isRefused || nextSecret === null) throw thrown;
      const answer = await call({ pairingId, secret: nextSecret });
      await this.ports.pairings.takeNextSecret(shopId);
      return answer;
    }
  }

  private async goneAway(shopId: number, why: Failure): Promise<void> {
    const { unit, pairings, clock } = this.ports;
    await unit.run(async () => {
      const pairing = await pairings.find(shopId);
      if (pairing?.pairingId == null) return;
      await pairings.keepWay(shopId, wentAway(pairing.way, why, clock.now()), clock.now());
    });
  }

  private async cameBack(shopId: number): Promise<void> {
    const { pairings, clock } = this.ports;
    const now = clock.now();
    const pairing = await pairings.find(shopId);
    if (!pairing) return;
    if (pairing.way.failures > 0) await pairings.keepWay(shopId, AT_HAND, now);
    if (Math.abs(now - (pairing.answeredAt ?? 0)) >= ANSWERED_MS) await pairings.noteAnswered(shopId, now);
  }
}
