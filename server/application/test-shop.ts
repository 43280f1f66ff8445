import { asFailure, FailureError } from '../domain/failure';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { ShopAccess, ShopCheck, ShopExamination, ShopTarget } from '../domain/ports/shop-target';
import type { ShopStore, ShopTestRecord } from '../domain/ports/shops';
import { notFound } from '../domain/refusal';
import type { CheckBridge } from './check-bridge';
import type { GuardCircuit } from './guard-circuit';

export interface TestShopPorts {
  readonly shops: ShopStore;
  readonly target: ShopTarget;
  readonly catalog: Pick<CatalogStore, 'state' | 'request' | 'countUnmanaged'>;
  readonly circuit: GuardCircuit;
  readonly checkBridge: Pick<CheckBridge, 'check'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const EXAMINATION_MS = 60_000;

/** The connection doctor. What it finds is kept, and a shop found well is called again at once. */
export class TestShop {
  constructor(private readonly ports: TestShopPorts) {}

  async test(shopId: number): Promise<ShopTestRecord> {
    const { shops, catalog, clock } = this.ports;
    const access = await this.accessOf(shopId);
    const found = 'checks' in access ? access : await this.examine(access);
    const checks = found.ok ? [...found.checks, ...(await this.checkMore(access, found))] : found.checks;
    const test: ShopTestRecord = { ok: found.ok, testedAt: clock.now(), checks };
    await shops.recordFindings(shopId, { ...found, test }, clock.now());
    if (found.ok && (await catalog.state(shopId)) === null) await catalog.request(shopId, 'full', clock.now());
    if (found.ok) await this.resume(shopId);
    return test;
  }

  /** With what has just been found to work. */
  private async checkMore(access: ShopAccess | ShopExamination, found: ShopExamination): Promise<ShopCheck[]> {
    if ('checks' in access) return [];
    const { authentication, routeStyle } = found;
    const bridge = await this.ports.checkBridge.check(
      { ...access, authentication, routeStyle },
      AbortSignal.timeout(EXAMINATION_MS),
    );
    return [...(await this.checkManagement(access.shopId)), bridge];
  }

  /** Products we write to whose stock nobody keeps: WooCommerce would ignore the number without a word. */
  private async checkManagement(shopId: number): Promise<ShopCheck[]> {
    const { linked, unmanaged } = await this.ports.catalog.countUnmanaged(shopId);
    if (linked === 0) return [];
    return [
      unmanaged === 0
        ? { id: 'products_managed', ok: true, severity: 'info', code: 'all_managed', params: { linked } }
        : {
            id: 'products_managed',
            ok: false,
            severity: 'warning',
            code: 'some_unmanaged',
            params: { linked, unmanaged },
          },
    ];
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
