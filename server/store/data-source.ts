import { mkdirSync } from 'node:fs';
import path from 'node:path';
import libsql from 'libsql';
import { DataSource } from 'typeorm';
import { migrations } from '../../db/migrations';
import type { DatabaseAddress } from '../config/settings';
import { entities } from './entities';

const common = { entities, migrations, migrationsTableName: 'schema_migrations', synchronize: false } as const;

interface SqliteStatement {
  run(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown;
}
interface SqliteDatabase {
  pragma(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

/** libsql takes a parameter that stands alone for an object of named ones, null as well, and fails: it gets a list. */
function bindLists(db: SqliteDatabase): void {
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    const statement = prepare(sql);
    const { run, all } = statement;
    statement.run = (...parameters) => run.call(statement, parameters);
    statement.all = (...parameters) => all.call(statement, parameters);
    return statement;
  };
}

/**
 * SQLite: one process, one connection, write-ahead log, every commit on disk (FULL). The exclusive lock is taken first:
 * it keeps a second process out and needs no shared-memory file.
 */
const sqlite = (file: string): DataSource => {
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return new DataSource({
    ...common,
    type: 'better-sqlite3',
    driver: libsql,
    database: file,
    prepareDatabase: (db: SqliteDatabase) => {
      bindLists(db);
      db.pragma('busy_timeout = 10000');
      if (file !== ':memory:') {
        db.pragma('locking_mode = EXCLUSIVE');
        db.pragma('journal_mode = WAL');
      }
      db.pragma('synchronous = FULL');
    },
  });
};

const mysql = (address: DatabaseAddress & { engine: 'mysql' }): DataSource =>
  new DataSource({
    ...common,
    type: 'mariadb',
    host: address.host,
    port: address.port,
    username: address.user,
    password: address.password,
    database: address.database,
    charset: 'utf8mb4_unicode_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: false,
    extra: { connectionLimit: 10, enableKeepAlive: true },
  });

export const createDataSource = (address: DatabaseAddress): DataSource =>
  address.engine === 'sqlite' ? sqlite(address.file) : mysql(address);
