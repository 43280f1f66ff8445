import type { DataSource } from 'typeorm';

/** Server-wide, so it names the database; a lock's name has at most 64 characters. */
const LOCK = "CONCAT('stock-relay migrations ', SHA1(DATABASE()))";
const LOCK_WITHIN_S = 120;

/** Brings the database up to date. */
export const migrate = (dataSource: DataSource): Promise<void> =>
  alone(dataSource, async () => {
    await dataSource.runMigrations({ transaction: 'each' });
  });

/** Whether the database holds every migration this program knows. */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  const table = dataSource.options.migrationsTableName ?? 'migrations';
  const rows = await dataSource.manager.query<{ name: string }[]>(`SELECT name FROM ${table}`);
  const applied = new Set(rows.map(({ name }) => name));
  return dataSource.migrations.every((migration) => applied.has(migration.name ?? migration.constructor.name));
}

/** MySQL does not roll DDL back: processes that start at once must not be in one migration together. */
async function alone(dataSource: DataSource, work: () => Promise<void>): Promise<void> {
  if (dataSource.options.type === 'better-sqlite3') return work();
  const lock = dataSource.createQueryRunner();
  try {
    const [row] = await lock.manager.query<{ got: unknown }[]>(`SELECT GET_LOCK(${LOCK}, ${LOCK_WITHIN_S}) AS got`);
    if (Number(row?.got) !== 1) throw new Error('Another process has been migrating the database for too long');
    try {
      await work();
    } finally {
      await lock.query(`DO RELEASE_LOCK(${LOCK})`);
    }
  } finally {
    await lock.release();
  }
}
