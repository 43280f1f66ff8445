import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { LevelsPage, StockSource } from '../../domain/ports/stock-source';
import type { ChosenWarehouses } from '../../domain/warehouse';
import type { HttpAnswer } from '../../outbound/http-client';
import { isList, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { type LineFields, readLine } from '../push-body/read-line';
import { parseAnswer } from '../vendor-api/parse-answer';
import { asSourceFailure, unexpectedAnswer } from '../vendor-api/vendor-failures';
import type { SmartbillCalls } from './smartbill-calls';

const MINUTE = 60_000;
/** Kept small, so that no transaction that stores one holds up the pushes. */
const LINES_A_PAGE = 2_000;

const FIELDS: LineFields = { code: 'code', name: 'name', warehouse: 'warehouse', quantity: 'quantity' };
/** The keys of the list made for web shops are documented nowhere; its order of values is name, code, unit, quantity. */
const NAMES: Readonly<Record<'name' | 'code' | 'quantity', readonly string[]>> = {
  name: ['productName', 'name', 'denumire'],
  code: ['productCode', 'code', 'cod'],
  quantity: ['quantity', 'stock', 'cantitate', 'stoc'],
};
const POSITIONAL = ['name', 'code', 'unit', 'quantity'] as const;

const cursorShape = z.object({
  warehouses: z.array(z.string()),
  at: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  done: z.number().int().nonnegative(),
});
type Cursor = z.infer<typeof cursorShape>;

interface WarehouseLevels {
  readonly key: string;
  /** Later pages of the list are as old as its first: a push since then is newer. */
  readonly askedAt: number;
  readonly rows: readonly LosslessValue[];
}

/** All levels of SmartBill's warehouses, one call a warehouse. */
export function createSmartbillPull(calls: SmartbillCalls, clock: Clock): NonNullable<StockSource['pull']> {
  // The list of one warehouse comes whole; it is handed on in pages. After a restart it is asked for again.
  let held: WarehouseLevels | null = null;

  async function levelsOf(settings: SourceSettings, warehouse: string, signal: AbortSignal): Promise<WarehouseLevels> {
    const key = `${settings['email'] ?? ''} ${settings['vatCode'] ?? ''} ${warehouse}`;
    if (held?.key === key) return held;
    const askedAt = clock.now();
    const levels = { key, askedAt, rows: await readWarehouse(calls, settings, warehouse, clock, signal) };
    held = levels;
    return levels;
  }

  return {
    leastMsBetween: 5 * MINUTE,
    page: async (settings, { warehouses, cursor }, signal) => {
      const at = cursor === null ? await begin(warehouses) : cursorShape.parse(JSON.parse(cursor));
      const warehouse = at.warehouses[at.at];
      if (warehouse === undefined) return { lines: [], next: null, total: at.done };
      if (at.offset === 0) held = null;
      const { rows, askedAt } = await levelsOf(settings, warehouse, signal);
      const some = rows.slice(at.offset, at.offset + LINES_A_PAGE);
      const lines = some.map((row, position) => {
        const line = readLine(named(row, warehouse), at.done + position, FIELDS);
        return 'change' in line ? { change: { ...line.change, observedAt: askedAt } } : line;
      });
      const done = at.done + lines.length;
      const isWhole = at.offset + some.length >= rows.length;
      if (isWhole) held = null;
      const next: Cursor = isWhole
        ? { ...at, at: at.at + 1, offset: 0, done }
        : { ...at, offset: at.offset + some.length, done };
      return pageOf(lines, next);

      async function begin(chosen: ChosenWarehouses): Promise<Cursor> {
        const named = chosen === '*' ? await allWarehouses(calls, settings, clock, signal) : chosen;
        return { warehouses: [...named], at: 0, offset: 0, done: 0 };
      }
    },
  };
}

const pageOf = (lines: LevelsPage['lines'], next: Cursor): LevelsPage => ({
  lines,
  next: next.at < next.warehouses.length ? JSON.stringify(next) : null,
  total: null,
});

/** The list made for web shops where there is one, else the general one. */
async function readWarehouse(
  calls: SmartbillCalls,
  settings: SourceSettings,
  warehouse: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly LosslessValue[]> {
  const cif = settings['vatCode'] ?? '';
  const forShops = await ask(calls, settings, '/stocks/ecom/', { cif, warehouseName: warehouse }, signal);
  const rows = forShops === null ? [] : productsIn(forShops);
  if (rows.length > 0) return rows;
  const general = await ask(calls, settings, '/stocks', { cif, date: today(clock), warehouseName: warehouse }, signal);
  if (general === null) throw noStocks();
  return productsIn(general);
}

/** Not every account is told the names; the list of all stocks tells those of warehouses that hold something. */
async function allWarehouses(
  calls: SmartbillCalls,
  settings: SourceSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const cif = settings['vatCode'] ?? '';
  const told = await ask(calls, settings, '/company/warehouses', { cif }, signal);
  const names = told !== null && isList(told['warehouses']) ? told['warehouses'].map(textOf) : [];
  if (names.length > 0) return names.filter((name) => name !== '');
  const stocks = await ask(calls, settings, '/stocks', { cif, date: today(clock) }, signal);
  if (stocks === null) throw noStocks();
  const seen = listIn(stocks).map(({ warehouse }) => (isObject(warehouse) ? textOf(warehouse['warehouseName']) : ''));
  return [...new Set(seen)].filter((name) => name !== '');
}

const noStocks = (): FailureError => unexpectedAnswer('there is no list of stocks');

/** The firm's own day, as SmartBill asks for it. */
const today = (clock: Clock): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Bucharest' }).format(clock.now());

/** null where SmartBill has no such list. */
async function ask(
  calls: SmartbillCalls,
  settings: SourceSettings,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<LosslessObject | null> {
  let answer: HttpAnswer;
  try {
    answer = await calls.get(settings, path, query, signal);
  } catch (thrown) {
    throw asSourceFailure(thrown);
  }
  const { status, text } = answer;
  if (status === 401) throw new FailureError(failure('source_login_refused'));
  const read = parseAnswer(text);
  const body = isObject(read) ? read : null;
  const said = body === null ? '' : textOf(body['errorText']);
  if (/autentificare/i.test(said)) throw new FailureError(failure('source_login_refused', {}, said));
  if (status === 404 || status === 410) return null;
  // Business errors come with status 200 as well.
  if (said !== '' && status < 500) throw new FailureError(failure('source_refused', { said }));
  if (status >= 500) throw new FailureError(failure('source_unreachable', { reason: `status ${status}` }));
  if (status !== 200 || body === null) {
    throw unexpectedAnswer(`status ${status}`, text);
  }
  return body;
}

const textOf = (value: LosslessValue | undefined): string => (typeof value === 'string' ? value.trim() : '');

/** `{products}`, or `{list:[{products, warehouse}]}`, which some answers wrap in `stocks`. */
function productsIn(body: LosslessObject): readonly LosslessValue[] {
  const inner = unwrapped(body);
  if (isList(inner['products'])) return inner['products'];
  return listIn(body).flatMap(({ products }) => (isList(products) ? products : []));
}

const unwrapped = (body: LosslessObject): LosslessObject => (isObject(body['stocks']) ? body['stocks'] : body);

function listIn(body: LosslessObject): readonly LosslessObject[] {
  const { list } = unwrapped(body);
  if (!isList(list)) throw unexpectedAnswer('neither products nor list');
  return list.filter(isObject);
}

/** A row under our own names, whatever it calls its values. */
function named(row: LosslessValue, warehouse: string): LosslessValue {
  if (!isObject(row)) return row;
  const known = (names: readonly string[]): LosslessValue | undefined => {
    const name = names.find((each) => each in row);
    return name === undefined ? undefined : row[name];
  };
  const byName = { name: known(NAMES.name), code: known(NAMES.code), quantity: known(NAMES.quantity) };
  const values = Object.values(row);
  const isKnown = byName.quantity !== undefined && (byName.name !== undefined || byName.code !== undefined);
  const found =
    isKnown || values.length !== POSITIONAL.length
      ? byName
      : Object.fromEntries(POSITIONAL.map((name, position) => [name, values[position]]));
  return Object.fromEntries(
    Object.entries({ ...found, warehouse }).filter((entry): entry is [string, LosslessValue] => entry[1] !== undefined),
  );
}
