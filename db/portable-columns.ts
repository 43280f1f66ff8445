import { TableColumn, type QueryRunner, type TableColumnOptions } from 'typeorm';

/**
 * Column types that mean the same on SQLite and on MySQL/MariaDB. Times are epoch milliseconds (both engines' date
 * types differ in precision and zone), quantities are decimal text (both engines' numbers would round), digests and
 * machine words are ASCII compared byte by byte.
 */
export function portableColumns(runner: QueryRunner) {
  const isSqlite = runner.connection.options.type === 'better-sqlite3';
  const column = (options: TableColumnOptions) => new TableColumn(options);
  const ascii: Partial<TableColumnOptions> = isSqlite ? {} : { charset: 'ascii', collation: 'ascii_bin' };
  // Named for each column: a database made with another default could not store every script.
  const unicode: Partial<TableColumnOptions> = isSqlite ? {} : { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' };
  const big: Partial<TableColumnOptions> = isSqlite ? { type: 'integer' } : { type: 'bigint', unsigned: true };
  type More = Partial<TableColumnOptions>;
  return {
    id: () =>
      column({
        name: 'id',
        type: 'integer',
        ...big,
        isPrimary: true,
        isGenerated: true,
        generationStrategy: 'increment',
      }),
    ref: (name: string, more: More = {}) => column({ name, type: 'integer', ...big, ...more }),
    count: (name: string, more: More = {}) => column({ name, type: isSqlite ? 'integer' : 'int', ...more }),
    time: (name: string, more: More = {}) => column({ name, type: isSqlite ? 'integer' : 'bigint', ...more }),
    bool: (name: string, more: More = {}) => column({ name, type: isSqlite ? 'boolean' : 'tinyint', ...more }),
    /** Words of people: any script, compared without case on MySQL. */
    words: (name: string, length: number, more: More = {}) =>
      column({ name, type: 'varchar', length: String(length), ...unicode, ...more }),
    /** Machine words, digests, quantities. */
    token: (name: string, length: number, more: More = {}) =>
      column({ name, type: 'varchar', length: String(length), ...ascii, ...more }),
    text: (name: string, more: More = {}) =>
      column({ name, type: isSqlite ? 'text' : 'mediumtext', ...unicode, ...more }),
  };
}

export const nullable = { isNullable: true } as const;
