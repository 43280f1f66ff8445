import type { VendorCalls } from '../domain/ports/vendor-calls';
import { digestOf } from './digests';
import { affectedRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

export class TypeormVendorCallStore implements VendorCalls {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  take(account: string, most: number, at: number): Promise<boolean> {
    const key = [digestOf(account), monthOf(at)];
    return this.unit.run(async () => {
      const { entities, isSqlite } = this.unit;
      await affectedRows(
        entities,
        `INSERT INTO vendor_calls (account_hash, month, calls) VALUES (?, ?, 0) ${
          isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE calls = calls'
        }`,
        key,
      );
      const counted = await affectedRows(
        entities,
        'UPDATE vendor_calls SET calls = calls + 1 WHERE account_hash = ? AND month = ? AND calls < ?',
        [...key, most],
      );
      return counted > 0;
    });
  }

  async used(account: string, at: number): Promise<number> {
    const [row] = await selectRows<{ calls: number }>(
      this.unit.entities,
      'SELECT calls AS calls FROM vendor_calls WHERE account_hash = ? AND month = ?',
      [digestOf(account), monthOf(at)],
    );
    return row?.calls ?? 0;
  }
}
