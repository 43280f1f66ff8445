// Spreadsheets take a text for UTF-8 only when it begins so.
export const BYTE_ORDER_MARK = '\uFEFF';

export const CSV_TYPE = 'text/csv;charset=utf-8';

const NUMBER = /^-?\d+(\.\d+)?$/;

/** A spreadsheet would run a text that begins like a formula; the apostrophe makes it a text again. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text);

const field = (value: string | number | null): string =>
  value === null ? '' : `"${harmless(String(value)).replaceAll('"', '""')}"`;

export const asCsv = (rows: readonly (readonly (string | number | null)[])[]): string =>
  BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
