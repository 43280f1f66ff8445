import { FailureError } from '../domain/failure';
import type { BridgePairing, BridgePairingStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { BridgeGuard, BridgeSpeech, PairingAnswer, ShopBridge } from '../domain/ports/shop-bridge';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { ShopStore } from '../domain/ports/shops';
import type { Tokens } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';

export interface PairBridgePorts {
  readonly shops: Pick<ShopStore, 'find' | 'access'>;
  readonly pairings: BridgePairingStore;
  readonly bridge: Pick<ShopBridge, 'pair' | 'status' | 'rotate' | 'unpair'>;
  readonly guard: BridgeGuard;
  readonly speech: Pick<BridgeSpeech, 'newCode' | 'newPairingId' | 'newSecret'>;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Where shops reach us; null = nobody said, and the plugin is asked for what it would tell. */
  readonly publicUrl: string | null;
}

export interface GivenCode {
  /** Shown once; only its digest is kept. */
  readonly code: string;
  /** The page of the shop on which it is typed, with it filled in. */
  readonly link: string;
  readonly expiresAt: number;
}

const CODE_MS = 10 * 60_000;
const CALL_MS = 20_000;
const SERVICE_NAME = 'Stock Relay';

const inFours = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

/** What a person may type for it: small letters, blanks, and letters that look like digits. */
const readCode = (text: string): string =>
  text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');

/** Makes a shop's plugin ours, gives it a new secret, and lets go of it. */
export class PairBridge {
  constructor(private readonly ports: PairBridgePorts) {}

  async start(shopId: number, userId: number | null): Promise<GivenCode> {
    const { shops, pairings, speech, tokens, clock, publicUrl } = this.ports;
    const shop = await shops.find(shopId);
    if (!shop) throw notFound('shop');
    const code = speech.newCode();
    const expiresAt = clock.now() + CODE_MS;
    await pairings.offer(shopId, {
      pairingId: speech.newPairingId(),
      secret: speech.newSecret(),
      codeHash: tokens.digest(code),
      expiresAt,
      userId,
    });
    const query = new URLSearchParams({ page: 'stock-relay', pair: inFours(code), service: publicUrl ?? '' });
    return { code: inFours(code), link: `${shop.url}/wp-admin/admin.php?${query}`, expiresAt };
  }

  /** One try: whether the code has been typed in the shop by now. */
  async attempt(shopId: number, typed: string): Promise<{ readonly state: PairingAnswer['state'] }> {
    const { pairings, bridge, tokens, clock, publicUrl } = this.ports;
    const access = await this.accessOf(shopId);
    const code = readCode(typed);
    const pending = await pairings.pending(shopId);
    if (!pending || pending.codeHash !== tokens.digest(code)) {
      throw new Refusal('conflict', 'This is not the code that was made last. Make a new one.');
    }
    if (pending.expiresAt <= clock.now()) return { state: 'expired' };
    const { pairingId, secret } = pending;
    const service = { name: SERVICE_NAME, url: publicUrl };
    const answer = await bridge.pair(access, { code, pairingId, secret, service }, AbortSignal.timeout(CALL_MS));
    if (answer.state !== 'paired') return { state: answer.state };
    await pairings.complete(shopId, answer, clock.now());
    await this.learnStatus(access);
    return { state: 'paired' };
  }

  /** The same new secret is offered until the shop is known to use it. */
  async rotate(shopId: number): Promise<void> {
    const { pairings, bridge, guard, speech } = this.ports;
    const access = await this.accessOf(shopId);
    const pairing = await this.paired(shopId);
    const known = await pairings.secretsOf(shopId);
    const next = known?.nextSecret ?? speech.newSecret();
    if (known?.nextSecret === null) await pairings.offerSecret(shopId, next);
    const signal = AbortSignal.timeout(CALL_MS);
    await guard.cross(access, signal, async (link) => {
      if (link.secret !== next) await bridge.rotate(access, link, next, signal);
      const status = await bridge.status(access, { pairingId: pairing.pairingId, secret: next }, signal);
      await pairings.keepStatus(shopId, status, this.ports.clock.now());
    });
    await pairings.takeNextSecret(shopId);
  }

  /** Ours ends whatever the shop says; that it was told is said. */
  async unpair(shopId: number): Promise<{ readonly shopTold: boolean }> {
    const { pairings, bridge } = this.ports;
    const access = await this.accessOf(shopId);
    const pairing = await this.paired(shopId);
    const secrets = await pairings.secretsOf(shopId);
    let shopTold = true;
    try {
      if (secrets) await bridge.unpair(access, secrets, AbortSignal.timeout(CALL_MS));
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      shopTold = thrown.failure.code === 'bridge_unpaired';
    }
    await pairings.unpair(shopId, pairing.pairingId);
    return { shopTold };
  }

  /** What is not learnt now is learnt when the shop is looked after: the pairing stands. */
  private async learnStatus(access: ShopAccess): Promise<void> {
    const { pairings, bridge, guard, clock } = this.ports;
    const signal = AbortSignal.timeout(CALL_MS);
    try {
      const status = await guard.cross(access, signal, (link) => bridge.status(access, link, signal));
      await pairings.keepStatus(access.shopId, status, clock.now());
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
    }
  }

  private async paired(shopId: number): Promise<BridgePairing & { readonly pairingId: string }> {
    const pairing = await this.ports.pairings.find(shopId);
    if (pairing?.pairingId == null) throw new Refusal('conflict', 'This shop’s plugin is not paired.');
    return { ...pairing, pairingId: pairing.pairingId };
  }

  private async accessOf(shopId: number): Promise<ShopAccess> {
    const access = await this.ports.shops.access(shopId);
    if (!access) throw notFound('shop');
    return access;
  }
}
