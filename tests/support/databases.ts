import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';

/** A database of its own for one test file, by the address the service would be given. */
export interface TestDatabase {
  readonly url: string;
}

export interface Engine {
  readonly name: string;
  isAvailable(): boolean;
  create(): Promise<TestDatabase>;
  /** Removes every database made here. */
  dropAll(): Promise<void>;
  /**
   * Declares the tests if this engine can be had on this machine. If not, they are named as skipped; where CI=true
   * they are declared all the same, and fail.
   */
  whenAvailable(declare: () => void): void;
}

const sqlite = (): Engine => {
  const folders: string[] = [];
  return {
    name: 'SQLite',
    isAvailable: () => true,
    create: () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-db-'));
      folders.push(folder);
      return Promise.resolve({ url: `sqlite:${path.join(folder, 'test.sqlite')}` });
    },
    dropAll: () => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
    whenAvailable: (declare) => declare(),
  };
};

const MYSQL_URL = process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/';

/** Jest declares tests synchronously, so a server has to be looked for in a process of its own. */
export function serverAnswers(url: string, usualPort: number): boolean {
  const { hostname, port } = new URL(url);
  const probe = `const s=require('node:net').connect(${Number(port || usualPort)},${JSON.stringify(hostname)});s.on('connect',()=>process.exit(0));s.on('error',()=>process.exit(1));setTimeout(()=>process.exit(1),2000)`;
  try {
    execFileSync(process.execPath, ['-e', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const mysqlAnswers = (): boolean => serverAnswers(MYSQL_URL, 3306);

const mysql = (): Engine => {
  const names: string[] = [];
  const onServer = async (statements: readonly string[]): Promise<void> => {
    const connection = await createConnection(MYSQL_URL);
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  };
  return {
    name: 'MariaDB',
    isAvailable: mysqlAnswers,
    create: async () => {
      const name = `stock_relay_test_${randomBytes(6).toString('hex')}`;
      await onServer([`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`]);
      names.push(name);
      const url = new URL(MYSQL_URL);
      url.pathname = `/${name}`;
      return { url: url.href };
    },
    dropAll: () => onServer(names.splice(0).map((name) => `DROP DATABASE IF EXISTS ${name}`)),
    whenAvailable: (declare) => {
      if (process.env['CI'] === 'true' || mysqlAnswers()) declare();
      else it.skip('needs a MySQL or MariaDB server (TEST_MYSQL_URL)', () => undefined);
    },
  };
};

export const engines: readonly Engine[] = [sqlite(), mysql()];
