import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Response } from 'express';
import type { Role } from '../domain/role';
import { type Call, route, type Route, type RouteSpec } from './route';
import { z } from './schemas/common';

export type Cell = string | number | boolean | null;
/** A column by its name, and what stands in it. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

// Spreadsheets take a text for UTF-8 only when it begins so.
const BYTE_ORDER_MARK = '\uFEFF';
const NUMBER = /^-?\d+(\.\d+)?$/;
const FORMULA = /^[=+\-@\t\r]/;

/** A spreadsheet would run a text that begins like a formula; the apostrophe makes it a text again. */
const harmless = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);

const field = (cell: Cell): string => (cell === null ? '' : `"${harmless(String(cell)).replaceAll('"', '""')}"`);

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(field).join(',')}\r\n`;

type Shape = z.ZodType | undefined;

interface CsvSpec<Row, Params extends Shape, Query extends Shape> extends Pick<
  RouteSpec<Params, Query>,
  'path' | 'tag' | 'summary' | 'params' | 'query'
> {
  /** As of the list it is the whole of; a viewer's, where nothing is said. */
  readonly access?: Role;
  /** The file's name without its end. */
  readonly name: (call: Call<Params, Query, undefined>) => string;
  readonly columns: Columns<Row>;
  /** Page by page: never are all rows in memory. */
  readonly pages: (call: Call<Params, Query, undefined>) => AsyncIterable<readonly Row[]>;
}

/** A whole table as a file, sent as it is read. A failure after its begin breaks it off, so that nobody takes it for whole. */
export const csvRoute = <Row, Params extends Shape = undefined, Query extends Shape = undefined>({
  name,
  columns,
  pages,
  ...spec
}: CsvSpec<Row, Params, Query>): Route =>
  route<Params, Query, undefined, typeof csvFile>({
    access: 'viewer',
    ...spec,
    method: 'get',
    status: 200,
    answer: csvFile,
    sends: 'text/csv',
    handle: async (call) => {
      const { res } = call;
      const cells = Object.values(columns);
      for await (const rows of pages(call)) {
        if (!res.headersSent) begin(res, name(call), Object.keys(columns));
        await send(res, rows.map((row) => csvLine(cells.map((cell) => cell(row)))).join(''));
        if (res.destroyed) return '';
        await othersTurn();
      }
      if (!res.headersSent) begin(res, name(call), Object.keys(columns));
      res.end();
      return '';
    },
  });

const csvFile = z.string();

function begin(res: Response, name: string, heads: readonly string[]): void {
  res.status(200).type('text/csv; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="stock-relay-${name}.csv"`);
  res.write(BYTE_ORDER_MARK + csvLine(heads));
}

/** No faster than the other end reads. */
async function send(res: Response, text: string): Promise<void> {
  if (text === '' || res.write(text) || res.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      res.off('drain', go).off('close', go);
      resolve();
    };
    res.once('drain', go).once('close', go);
  });
}

/** All pages of a list that is read by cursor. */
export async function* pagesOf<Row>(
  read: (cursor: string | null) => Promise<{ readonly data: readonly Row[]; readonly nextCursor: string | null }>,
): AsyncGenerator<readonly Row[]> {
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof read>> = await read(cursor);
    yield page.data;
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}
