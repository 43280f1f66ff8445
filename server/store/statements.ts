import type { EntityManager } from 'typeorm';

/** Rows per statement: SQLite allows 32,766 parameters, and long statements hold the event loop. */
const ROWS_PER_STATEMENT = 500;

export function* slices<Row>(rows: readonly Row[], size = ROWS_PER_STATEMENT): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

export const marks = (values: readonly unknown[]): string => values.map(() => '?').join(',');

/** Runs a changing statement inside the current unit of work and tells how many rows it matched. */
export async function affectedRows(entities: EntityManager, sql: string, parameters: unknown[]): Promise<number> {
  const runner = entities.queryRunner;
  if (!runner) throw new Error('A changing statement outside a unit of work');
  const result = await runner.query(sql, parameters, true);
  return result.affected ?? 0;
}

/** Rows of a reading statement. The caller names the columns' types: they are those of its own SQL. */
export const selectRows = <Row>(entities: EntityManager, sql: string, parameters: readonly unknown[]): Promise<Row[]> =>
  entities.query<Row[]>(sql, [...parameters]);

type Value = string | number | boolean | null;

/** Rows as plain statements: a push passes here a dozen times, and the query builder costs more than the database does. */
export async function insertRows(
  entities: EntityManager,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  onConflict = '',
): Promise<void> {
  for (const slice of slices(rows)) {
    const tuples = slice.map((row) => `(${marks(row)})`).join(',');
    await affectedRows(
      entities,
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples} ${onConflict}`,
      slice.flat().map(storable),
    );
  }
}

/** Inserts one row and answers the id the database gave it. */
export async function insertOne(
  entities: EntityManager,
  table: string,
  row: Readonly<Record<string, Value>>,
): Promise<number> {
  const runner = entities.queryRunner;
  if (!runner) throw new Error('A changing statement outside a unit of work');
  const columns = Object.keys(row);
  const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks(columns)})`;
  const { raw } = await runner.query(sql, Object.values(row).map(storable), true);
  // SQLite's driver answers the id itself, MySQL's a header that holds it.
  const id = Number(typeof raw === 'object' && raw !== null && 'insertId' in raw ? raw.insertId : raw);
  if (!Number.isSafeInteger(id) || id <= 0) throw new Error(`The database gave no id for a row of ${table}`);
  return id;
}

/** SQLite's driver takes no booleans. */
const storable = (value: Value): string | number | null => (typeof value === 'boolean' ? Number(value) : value);

/** For a LIKE with `ESCAPE '!'`: what a person types is text, not a pattern. */
export const containsPattern = (text: string): string => `%${text.replace(/[!%_]/g, '!$&')}%`;
