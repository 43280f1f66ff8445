import { randomUUID } from 'node:crypto';
import type { ClusterStore } from '../domain/ports/cluster';
import { AppSettingRow } from './entities';
import { affectedRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const INSTALLATION = 'installation_id';

export class TypeormClusterStore implements ClusterStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  installationId(): Promise<string> {
    return this.unit.run(async () => {
      await this.writeIfMissing(INSTALLATION, randomUUID());
      return (await this.unit.entities.findOneByOrFail(AppSettingRow, { name: INSTALLATION })).value;
    });
  }

  claimMoment(schedule: string, moment: number): Promise<boolean> {
    const name = `schedule:${schedule}`;
    // Of one length, so that the order of the texts is the order of the moments.
    const value = new Date(moment).toISOString();
    return this.unit.run(async () => {
      await this.writeIfMissing(name, '');
      const sql = 'UPDATE app_settings SET value = ? WHERE name = ? AND value < ?';
      return (await affectedRows(this.unit.entities, sql, [value, name, value])) === 1;
    });
  }

  private async writeIfMissing(name: string, value: string): Promise<void> {
    await this.unit.entities
      .createQueryBuilder()
      .insert()
      .into(AppSettingRow)
      .values({ name, value })
      .orIgnore()
      .execute();
  }
}
