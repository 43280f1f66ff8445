import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { entities } from '../../server/store/entities';
import { productLink, ref } from '../support/builders';
import { engines } from '../support/databases';
import { describeTables, dumpSqliteSchema } from '../support/schema-dump';
import { dataSourceOf, feedIn, itemOf, push, storesOn } from '../support/test-stores';

const SCHEMA_FILE = path.resolve(__dirname, '../../db/schema.sql');

/** Some tables, each before those it refers to. */
const CHILDREN_FIRST = [
  'item_deed_items',
  'flow_run_lines',
  'stock_switches',
  'former_links',
  'product_link_twins',
  'catalog_words',
  'sync_attempts',
  'product_links',
  'sync_items',
  'stock_push_lines',
];
describe.each(engines.map((engine) => [engine.name, engine] as const))('The migrations on %s', (name, engine) => {
  engine.whenAvailable(() => {
    const opened: DataSource[] = [];
    const open = async (): Promise<DataSource> => {
      const dataSource = await dataSourceOf((await engine.create()).url).initialize();
      opened.push(dataSource);
      return dataSource;
    };
    const up = (dataSource: DataSource) => dataSource.runMigrations({ transaction: 'each' });

    afterAll(async () => {
      for (const dataSource of opened) await dataSource.destroy();
      await engine.dropAll();
    });

    it('make a table for everything that is stored, with every column, and leave none behind', async () => {
      const dataSource = await open();
      await up(dataSource);
      const first = await describeTables(dataSource);
      for (const { tableName, columns } of dataSource.entityMetadatas) {
        expect(first).toHaveProperty(tableName);
        for (const { databaseName } of columns) expect(first[tableName]).toContain(databaseName);
      }
      expect(dataSource.entityMetadatas).toHaveLength(entities.length);

      for (let left = dataSource.migrations.length; left > 0; left--) {
        await dataSource.undoLastMigration({ transaction: 'each' });
      }
      expect(Object.keys(await describeTables(dataSource))).toEqual(['schema_migrations']);

      await up(dataSource);
      expect(await describeTables(dataSource)).toEqual(first);
      expect(await up(dataSource)).toEqual([]);
    });

    it('keep what is stored, upwards and downwards', async () => {
      const dataSource = await open();
      await up(dataSource);
      const stores = storesOn(dataSource);
      const feed = await feedIn(stores, { allowNameAfterCode: true });
      await push(stores, feed, [{ code: 'A', warehouse: 'Depozit', quantity: '2.5' }]);
      const { id } = await itemOf(stores, feed, 'A');
      await stores.items.setLink(id, productLink(5, { ref: ref(5, 51) }), 1);
      const known = async () => ({
        item: await stores.items.find(id),
        timeline: (await stores.items.timeline(id, { limit: 10, cursor: null })).data,
        shop: await stores.shops.access(feed.shop.id),
        connection: await stores.connections.find(feed.connection.id),
      });
      const before = await known();
      expect(before.item).toMatchObject({ levels: [{ quantity: '2.5' }], link: { ref: ref(5, 51) } });
      // SQLite rebuilds a table to change it, and inside a transaction its references cannot be switched off meanwhile.
      await dataSource.undoLastMigration({ transaction: 'none' });
      await up(dataSource);
      expect(await known()).toEqual(before);
      await stores.connections.remove(feed.connection.id);
      expect(await stores.items.find(id)).toBeNull();
    });

    it('run again to the same end after they were cut off', async () => {
      const dataSource = await open();
      await up(dataSource);
      const whole = await describeTables(dataSource);
      // The state a killed process leaves where DDL is not rolled back: some tables made, nothing recorded.
      for (const table of CHILDREN_FIRST) {
        await dataSource.query(`DROP TABLE ${table}`);
      }
      await dataSource.query('DELETE FROM schema_migrations');
      await up(dataSource);
      expect(await describeTables(dataSource)).toEqual(whole);
    });

    if (name === 'SQLite') {
      // Rewritten by UPDATE_SCHEMA=1, so that each change of the schema is seen in review.
      it('end in the schema of db/schema.sql', async () => {
        const dataSource = await open();
        await up(dataSource);
        const dump = await dumpSqliteSchema(dataSource);
        if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(SCHEMA_FILE, dump);
        expect(dump).toBe(readFileSync(SCHEMA_FILE, 'utf8'));
      });

      it('keep the references true: foreign keys are enforced', async () => {
        const dataSource = await open();
        await up(dataSource);
        await expect(
          dataSource.query(`INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at)
            VALUES ('x', 99, 0, 0, 0)`),
        ).rejects.toThrow(/FOREIGN KEY/);
        expect(await dataSource.query('PRAGMA foreign_key_check')).toEqual([]);
      });

      it('leave a file that one process alone can open', async () => {
        const { url } = await engine.create();
        const first = await dataSourceOf(url).initialize();
        opened.push(first);
        expect(await first.query('PRAGMA locking_mode')).toEqual([{ locking_mode: 'exclusive' }]);
        expect(await first.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
        expect(await first.query('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
      });
    } else {
      it('store every script, whatever character set the database has by default', async () => {
        const dataSource = await open();
        const [row] = await dataSource.query<{ name: string }[]>('SELECT DATABASE() AS name');
        await dataSource.query(`ALTER DATABASE ${row?.name ?? ''} CHARACTER SET latin1 COLLATE latin1_swedish_ci`);
        await up(dataSource);
        const stores = storesOn(dataSource);
        const feed = await feedIn(stores);
        await push(stores, feed, [{ code: 'A-1', name: 'Cană 商品 ☕️ 👩‍👩‍👧', warehouse: 'Brașov', quantity: 1 }]);
        expect((await itemOf(stores, feed, 'A-1')).subject.name).toBe('Cană 商品 ☕️ 👩‍👩‍👧');
      });
    }
  });
});
