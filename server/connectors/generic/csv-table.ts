import { setImmediate as nextTurn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { type CsvError, type Options, parse as createParser } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { FileFault } from './file-fault';

const DELIMITERS = [';', ',', '\t'] as const;
const LONGEST_ROW = 64 * 1024;
const SLICE_BYTES = 256 * 1024;

/** Rows under their header. A row of another width than the header is null: what stands where in it, nobody knows. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[] | null)[];
}

const isCsvError = (thrown: unknown): thrown is CsvError =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('CSV_');

function faultOf(thrown: unknown): unknown {
  if (!isCsvError(thrown)) return thrown;
  if (thrown.code === 'CSV_QUOTE_NOT_CLOSED') return new FileFault('it ends in the middle of a quoted field');
  return new FileFault(`line ${String(thrown['lines'] ?? '?')} is no CSV (${thrown.code})`);
}

/** The sign that stands most often in the header, outside quotes. */
function delimiterOf(text: string): string {
  const header = (/^(?:"[^"]*"|[^"\r\n])*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length - 1);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

const optionsFor = (text: string): Options => ({
  delimiter: delimiterOf(text),
  // Inches in a name are no reason to refuse a file; what such a quote may swallow is found below.
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
  max_record_size: LONGEST_ROW,
});

class TableBuilder {
  private header: readonly string[] | null = null;
  private readonly rows: (readonly string[] | null)[] = [];
  private lastIsShort = false;

  add(record: readonly string[]): void {
    // A quoted field that goes on after its closing quote, over several lines, has swallowed the rows between.
    if (record.some((field) => field.startsWith('"') && /[\r\n]/.test(field))) {
      throw new FileFault(`a quote in row ${this.rows.length + 1} is not closed`);
    }
    if (this.header === null) {
      this.header = record.map((name) => name.trim());
      return;
    }
    const { length } = this.header;
    const isFull = record.length >= length && record.slice(length).every((field) => field.trim() === '');
    this.rows.push(isFull ? record : null);
    this.lastIsShort = record.length < length;
  }

  /** A cut file must not pass for a whole one. */
  end(text: string): CsvTable {
    if (this.header === null) throw new FileFault('it is empty');
    if (this.lastIsShort && !/[\r\n]$/.test(text)) throw new FileFault('it ends in the middle of a row');
    return { header: this.header, rows: this.rows };
  }
}

const withoutHint = (text: string): string => text.replace(/^sep=.\r?\n/, '');

/** For files that are small enough to be read in one go. */
export function readCsvAtOnce(given: string): CsvTable {
  const text = withoutHint(given);
  const table = new TableBuilder();
  try {
    for (const record of parseAtOnce(text, optionsFor(text))) table.add(record);
  } catch (thrown) {
    throw faultOf(thrown);
  }
  return table.end(text);
}

/** In slices, between which everything else has its turn. */
export async function readCsv(given: string): Promise<CsvTable> {
  const text = withoutHint(given);
  const table = new TableBuilder();
  const bytes = Buffer.from(text);
  async function* slices() {
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      yield bytes.subarray(at, at + SLICE_BYTES);
      await nextTurn();
    }
  }
  const parser = createParser(optionsFor(text));
  try {
    for await (const record of Readable.from(slices(), { objectMode: false }).pipe(parser)) {
      table.add(record as readonly string[]);
    }
  } catch (thrown) {
    throw faultOf(thrown);
  }
  return table.end(text);
}
