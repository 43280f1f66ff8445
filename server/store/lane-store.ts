import { CLOSED, type Circuit } from '../domain/circuit';
import { FIRST_PACE, type Pace, paceOf } from '../domain/pace';
import type { LaneStore } from '../domain/ports/lanes';
import type { LaneLease } from '../domain/ports/sync-items';
import { LaneRow } from './entities';
import { affectedRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

export const circuitOf = (row: LaneRow): Circuit => ({
  state: row.circuitState === 'open' ? 'open' : 'closed',
  failure: failureOf(row.circuitFailure),
  openedAt: row.circuitOpenedAt,
  probeAt: row.circuitProbeAt,
  failures: row.circuitFailures,
});

const paceIn = (text: string | null): Pace => {
  try {
    return text === null ? FIRST_PACE : paceOf(JSON.parse(text));
  } catch {
    return FIRST_PACE;
  }
};

export class TypeormLaneStore implements LaneStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  take(
    shopId: number,
    owner: string,
    at: number,
    leaseUntil: number,
  ): Promise<(LaneLease & { readonly tookOver: boolean }) | null> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const before = await entities.findOneBy(LaneRow, { shopId });
      if (!before) return null;
      // The condition, not the read above, decides: another worker may have taken it in between.
      const taken = await affectedRows(
        entities,
        'UPDATE lanes SET owner = ?, epoch = epoch + 1, lease_until = ? WHERE shop_id = ? AND epoch = ? AND (owner IS NULL OR owner = ? OR lease_until < ?)',
        [owner, leaseUntil, shopId, before.epoch, owner, at],
      );
      return taken === 1 ? { shopId, owner, epoch: before.epoch + 1, tookOver: before.owner !== null } : null;
    });
  }

  renew(lease: LaneLease, leaseUntil: number): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          'UPDATE lanes SET lease_until = ? WHERE shop_id = ? AND owner = ? AND epoch = ?',
          [leaseUntil, lease.shopId, lease.owner, lease.epoch],
        )) === 1,
    );
  }

  async release(lease: LaneLease): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        'UPDATE lanes SET owner = NULL, lease_until = 0 WHERE shop_id = ? AND owner = ? AND epoch = ?',
        [lease.shopId, lease.owner, lease.epoch],
      ),
    );
  }

  async freeAll(): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE lanes SET owner = NULL, lease_until = 0 WHERE owner IS NOT NULL', []),
    );
  }

  async circuit(shopId: number): Promise<Circuit> {
    const row = await this.unit.entities.findOneBy(LaneRow, { shopId });
    return row ? circuitOf(row) : CLOSED;
  }

  async pace(shopId: number): Promise<Pace> {
    const row = await this.unit.entities.findOneBy(LaneRow, { shopId });
    return paceIn(row?.pace ?? null);
  }

  async savePace(shopId: number, { batchSize, deliveries }: Pace): Promise<void> {
    const pace = JSON.stringify({ batchSize, deliveries });
    await this.unit.run(() => this.unit.entities.update(LaneRow, shopId, { pace }));
  }

  async saveCircuit(shopId: number, circuit: Circuit, at: number): Promise<void> {
    await this.unit.run(() =>
      this.unit.entities.update(LaneRow, shopId, {
        circuitState: circuit.state,
        circuitFailure: circuit.failure === null ? null : JSON.stringify(circuit.failure),
        circuitOpenedAt: circuit.openedAt,
        circuitProbeAt: circuit.probeAt,
        circuitFailures: circuit.failures,
        circuitSetAt: at,
      }),
    );
  }
}
