import { TypeormClusterStore } from '../../server/store/cluster-store';
import { isMigrated, migrate } from '../../server/store/migrate';
import { engines } from '../support/databases';
import { dataSourceOf, storesOn } from '../support/test-stores';

describe.each(engines)('What processes agree on through $name', (engine) => {
  engine.whenAvailable(() => {
    const open = async (url: string) => {
      const dataSource = await dataSourceOf(url).initialize();
      await migrate(dataSource);
      return { dataSource, cluster: new TypeormClusterStore(storesOn(dataSource).unit) };
    };
    let one: Awaited<ReturnType<typeof open>>;

    beforeAll(async () => {
      one = await open((await engine.create()).url);
    });
    afterAll(async () => {
      await one.dataSource.destroy();
      await engine.dropAll();
    });

    it('is one installation per database', async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, () => one.cluster.installationId()));
      expect(new Set(ids).size).toBe(1);
      const other = await open((await engine.create()).url);
      expect(await other.cluster.installationId()).not.toBe(ids[0]);
      await other.dataSource.destroy();
    });

    it('is who runs a schedule: one of many who ask at once, at each moment', async () => {
      const claimsOf = async (moment: number) =>
        (await Promise.all(Array.from({ length: 8 }, () => one.cluster.claimMoment('nightly', moment)))).filter(
          (isOurs) => isOurs,
        );
      expect(await claimsOf(Date.UTC(2026, 0, 9, 3, 30))).toHaveLength(1);
      expect(await claimsOf(Date.UTC(2026, 0, 10, 3, 30))).toHaveLength(1);
      expect(await one.cluster.claimMoment('hourly', Date.UTC(2026, 0, 10, 3, 30))).toBe(true);
    });

    it('is that a moment that was passed over is not claimed later', async () => {
      await one.cluster.claimMoment('weekly', Date.UTC(2026, 0, 10));
      expect(await one.cluster.claimMoment('weekly', Date.UTC(2026, 0, 3))).toBe(false);
    });

    it('is that the database has every migration, or lacks one', async () => {
      expect(await isMigrated(one.dataSource)).toBe(true);
      await one.dataSource.undoLastMigration();
      expect(await isMigrated(one.dataSource)).toBe(false);
      await migrate(one.dataSource);
      expect(await isMigrated(one.dataSource)).toBe(true);
    });
  });
});

const [, mysql] = engines;
describe('An empty MySQL database', () => {
  mysql?.whenAvailable(() => {
    afterAll(() => mysql.dropAll());

    it('is migrated once by processes that start at the same moment', async () => {
      const { url } = await mysql.create();
      const processes = await Promise.all(Array.from({ length: 4 }, () => dataSourceOf(url).initialize()));
      await Promise.all(processes.map(migrate));
      expect(await Promise.all(processes.map(isMigrated))).toEqual([true, true, true, true]);
      await Promise.all(processes.map((dataSource) => dataSource.destroy()));
    });
  });
});
