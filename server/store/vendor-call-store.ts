import { type CallPeriod, TEN_SECONDS_MS, type VendorCalls } from '../domain/ports/vendor-calls';
import { digestOf } from './digests';
import { affectedRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
const tenSecondsOf = (at: number): string => `t${Math.floor(at / TEN_SECONDS_MS)}`;

export class TypeormVendorCallStore implements VendorCalls {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  take(account: string, most: number, at: number, period: CallPeriod = 'month'): Promise<boolean> {
    const key = [digestOf(account), period === 'month' ? monthOf(at) : tenSecondsOf(at)];
    return this.unit.run(async () => {
      const { entities, isSqlite } = this.unit;
      await affectedRows(
        entities,
        `INSERT INTO vendor_calls (account_hash, period, calls) VALUES (?, ?, 0) ${
          isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE calls = calls'
        }`,
        key,
      );
      const counted = await affectedRows(
        entities,
        'UPDATE vendor_calls SET calls = calls + 1 WHERE account_hash = ? AND period = ? AND calls < ?',
        [...key, most],
      );
      return counted > 0;
    });
  }

  async used(account: string, at: number): Promise<number> {
    const [row] = await selectRows<{ calls: number }>(
      this.unit.entities,
      'SELECT calls AS calls FROM vendor_calls WHERE account_hash = ? AND period = ?',
      [digestOf(account), monthOf(at)],
    );
    return row?.calls ?? 0;
  }

  removeBefore(at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(this.unit.entities, "DELETE FROM vendor_calls WHERE period LIKE 't%' AND period < ?", [
        tenSecondsOf(at),
      ]),
    );
  }
}
