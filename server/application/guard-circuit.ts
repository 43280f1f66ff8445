import { CLOSED, type Circuit, mayCall, opened, openedAgain } from '../domain/circuit';
import type { FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { LaneStore } from '../domain/ports/lanes';
import type { Notices } from '../domain/ports/notifications';
import type { UnitOfWork } from '../domain/ports/unit-of-work';

export interface GuardCircuitPorts {
  readonly unit: UnitOfWork;
  readonly lanes: LaneStore;
  readonly notifications: Pick<Notices, 'raise' | 'heal'>;
  readonly clock: Clock;
  /** In [0, 1): spreads the probes of several shops. */
  readonly chance: () => number;
}

/** Opens and closes the way to a shop, and tells of it: once when it opens, once when it is whole again. */
export class GuardCircuit {
  constructor(private readonly ports: GuardCircuitPorts) {}

  async state(shopId: number): Promise<Circuit & { readonly mayCall: boolean }> {
    const circuit = await this.ports.lanes.circuit(shopId);
    return { ...circuit, mayCall: mayCall(circuit, this.ports.clock.now()) };
  }

  async open(shopId: number, error: FailureError): Promise<void> {
    const { unit, lanes, notifications, clock, chance } = this.ports;
    const now = clock.now();
    await unit.run(async () => {
      const before = await lanes.circuit(shopId);
      const circuit = mayCall(before, now)
        ? opened(before, error.failure, now, chance(), error.facts.retryAfterMs)
        : openedAgain(before, now, error.facts.retryAfterMs);
      if (circuit !== before) await lanes.saveCircuit(shopId, circuit, now);
      await notifications.raise({ kind: 'circuit_open', shopId, failure: error.failure }, now);
    });
  }

  async close(shopId: number): Promise<void> {
    const { unit, lanes, notifications, clock } = this.ports;
    await unit.run(async () => {
      const now = clock.now();
      await lanes.saveCircuit(shopId, CLOSED, now);
      await notifications.heal({ kind: 'circuit_open', shopId }, now);
    });
  }
}
