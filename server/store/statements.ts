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

/** For a LIKE with `ESCAPE '!'`: what a person types is text, not a pattern. */
export const containsPattern = (text: string): string => `%${text.replace(/[!%_]/g, '!$&')}%`;
