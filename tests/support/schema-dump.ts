import type { DataSource } from 'typeorm';

/** The schema of a SQLite database as text that can be reviewed: one definition a line, in a fixed order. */
export async function dumpSqliteSchema(dataSource: DataSource): Promise<string> {
  const objects = await dataSource.query<{ sql: string }[]>(
    `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
     ORDER BY CASE type WHEN 'table' THEN 0 ELSE 1 END, tbl_name, name`,
  );
  return `${objects.map(({ sql }) => `${onLines(sql.trim())};`).join('\n\n')}\n`;
}

/** Breaks a CREATE TABLE after each of its definitions: commas inside brackets or quotes stay where they are. */
function onLines(sql: string): string {
  if (!sql.startsWith('CREATE TABLE')) return sql;
  let depth = 0;
  let quote = '';
  let text = '';
  for (const char of sql) {
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === ')' && --depth === 0) text += '\n';
    text += char;
    if (quote !== '') continue;
    if (char === '(' && ++depth === 1) text += '\n  ';
    if (char === ',' && depth === 1) text += '\n ';
  }
  return text;
}

/** Every table as the engine itself describes it, by name. */
export async function describeTables(dataSource: DataSource): Promise<Record<string, string>> {
  if (dataSource.options.type === 'better-sqlite3') {
    const rows = await dataSource.query<{ name: string; sql: string }[]>(
      `SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    );
    return Object.fromEntries(rows.map(({ name, sql }) => [name, sql]));
  }
  const tables = await dataSource.query<{ name: string }[]>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name',
  );
  const described: [string, string][] = [];
  for (const { name } of tables) {
    const [row] = await dataSource.query<Record<string, string>[]>(`SHOW CREATE TABLE \`${name}\``);
    // Where the numbering stands is no part of the schema.
    described.push([name, (row?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, '')]);
  }
  return Object.fromEntries(described);
}
