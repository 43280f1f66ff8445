import type { BridgePairing, BridgePairingStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { BridgeCallIn, BridgeProof, BridgeSpeech } from '../domain/ports/shop-bridge';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { Refusal, type RefusalCode } from '../domain/refusal';

export interface AdmitBridgeCallPorts {
  readonly unit: UnitOfWork;
  readonly pairings: Pick<
    BridgePairingStore,
    'findByPairing' | 'secretsOf' | 'takeNonce' | 'takeNextSecret' | 'noteCalled'
  >;
  readonly speech: Pick<BridgeSpeech, 'proofOf' | 'proofOfSignIn'>;
  readonly clock: Clock;
}

export type AdmittedPairing = BridgePairing & { readonly pairingId: string };

export interface RefusedCall {
  readonly at: number;
  readonly code: RefusalCode;
  /** As the call named it, which proves nothing. */
  readonly pairingId: string | null;
}

const CALL_WINDOW_MS = 300_000;
const SIGN_IN_WINDOW_MS = 60_000;
const REFUSED_KEPT = 50;

/** Lets in calls that a paired plugin has signed just now, each once. */
export class AdmitBridgeCall {
  /** Of this process, and in memory alone: whoever is refused must not be able to fill a disk. */
  private readonly refused: RefusedCall[] = [];

  constructor(private readonly ports: AdmitBridgeCallPorts) {}

  admit(call: BridgeCallIn): Promise<AdmittedPairing> {
    return this.prove(this.ports.speech.proofOf(call), CALL_WINDOW_MS);
  }

  async admitSignIn(
    form: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly pairing: AdmittedPairing; readonly user: number; readonly email: string }> {
    const proof = this.ports.speech.proofOfSignIn(form);
    const pairing = await this.prove(proof, SIGN_IN_WINDOW_MS);
    if (!proof) throw new Error('A sign-in was admitted without a proof');
    return { pairing, user: proof.user, email: proof.email };
  }

  /** Whether a shop is paired by this name; that it is the shop which calls is not proven by it. */
  async knows(pairingId: string): Promise<boolean> {
    return (await this.ports.pairings.findByPairing(pairingId)) !== null;
  }

  /** The last calls that were refused, latest first. */
  refusals(pairingId: string): readonly RefusedCall[] {
    return this.refused.filter((each) => each.pairingId === pairingId).reverse();
  }

  private async prove(proof: BridgeProof | null, windowMs: number): Promise<AdmittedPairing> {
    try {
      return await this.proven(proof, windowMs);
    } catch (error) {
      if (error instanceof Refusal) {
        this.refused.push({ at: this.ports.clock.now(), code: error.code, pairingId: proof?.pairingId ?? null });
        if (this.refused.length > REFUSED_KEPT) this.refused.shift();
      }
      throw error;
    }
  }

  private async proven(proof: BridgeProof | null, windowMs: number): Promise<AdmittedPairing> {
    const { unit, pairings, clock } = this.ports;
    if (!proof) throw new Refusal('stock_relay_unsigned', 'The call bears no signature that could be read.');
    const pairing = await pairings.findByPairing(proof.pairingId);
    const secrets = pairing && (await pairings.secretsOf(pairing.shopId));
    if (pairing?.pairingId == null || !secrets) {
      throw new Refusal('stock_relay_unpaired', 'Nobody is paired by this name.');
    }
    const now = clock.now();
    if (Math.abs(now - proof.timestamp * 1000) > windowMs) {
      throw new Refusal('stock_relay_late', 'The call was signed too long ago, or the clocks differ.', {
        members: { serverTime: new Date(now).toISOString() },
      });
    }
    const byNext = secrets.nextSecret !== null && proof.isSignedWith(secrets.nextSecret);
    if (!byNext && !proof.isSignedWith(secrets.secret)) {
      throw new Refusal('stock_relay_bad_signature', 'The signature does not fit.');
    }
    const { shopId, pairingId } = pairing;
    await unit.run(async () => {
      if (!(await pairings.takeNonce(pairingId, proof.nonce, now))) {
        throw new Refusal('stock_relay_replayed', 'This call came in before.');
      }
      if (byNext) await pairings.takeNextSecret(shopId);
      await pairings.noteCalled(shopId, now);
    });
    return { ...pairing, pairingId };
  }
}
