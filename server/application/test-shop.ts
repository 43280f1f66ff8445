import { asFailure, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { ShopAccess, ShopExamination, ShopTarget } from '../domain/ports/shop-target';
import type { ShopStore, ShopTestRecord } from '../domain/ports/shops';
import { notFound } from '../domain/refusal';
import type { GuardCircuit } from './guard-circuit';

export interface TestShopPorts {
  readonly shops: ShopStore;
  readonly target: ShopTarget;
  readonly circuit: GuardCircuit;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const EXAMINATION_MS = 60_000;

/** The connection doctor. What it finds is kept, and a shop found well is called again at once. */
export class TestShop {
  constructor(private readonly ports: TestShopPorts) {}

  async test(shopId: number): Promise<ShopTestRecord> {
    const { shops, clock } = this.ports;
    const access = await this.accessOf(shopId);
    const found = 'checks' in access ? access : await this.examine(access);
    const test: ShopTestRecord = { ok: found.ok, testedAt: clock.now(), checks: found.checks };
    await shops.recordFindings(shopId, { ...found, test }, clock.now());
    if (found.ok) await this.resume(shopId);
    return test;
  }

  /** Closes the circuit by hand; the next call shows whether the shop is back. */
  async resume(shopId: number): Promise<void> {
    await this.ports.circuit.close(shopId);
    this.ports.laneSignal.announce([shopId]);
  }

  private examine(access: ShopAccess): Promise<ShopExamination> {
    return this.ports.target.examine(access, AbortSignal.timeout(EXAMINATION_MS));
  }

  private async accessOf(shopId: number): Promise<ShopAccess | ShopExamination> {
    try {
      const access = await this.ports.shops.access(shopId);
      if (!access) throw notFound('shop');
      return access;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      const { code, params } = asFailure(error);
      return {
        ok: false,
        checks: [{ id: 'keys_valid', ok: false, severity: 'error', code, params }],
        authentication: null,
        routeStyle: null,
        version: null,
      };
    }
  }
}
