import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SourceSettings } from '../../domain/ports/sources';
import type { ReadPush, StockSource } from '../../domain/ports/stock-source';
import { type ChosenWarehouses, isChosen } from '../../domain/warehouse';
import type { LevelFile } from './level-file';
import type { PulledFile, PulledFiles } from './pulled-file';

const MINUTE = 60_000;
const ROWS_A_PAGE = 2_000;
/** A pull that is called off never comes for its last page. */
const KEPT_MS = 10 * MINUTE;

const cursorShape = z.object({ digest: z.string(), at: z.number().int().nonnegative() });
type Cursor = z.infer<typeof cursorShape>;

/** The files pulls are in the middle of, so that every page is of one file, whatever lies at its address by then. */
class FilesInUse {
  private readonly files = new Map<string, { readonly pulled: PulledFile; readonly end: NodeJS.Timeout }>();

  find(settings: SourceSettings, digest: string): PulledFile | undefined {
    return this.files.get(keyOf(settings, digest))?.pulled;
  }

  keep(settings: SourceSettings, pulled: PulledFile): void {
    this.drop(settings, pulled);
    const key = keyOf(settings, pulled.digest);
    this.files.set(key, { pulled, end: setTimeout(() => this.files.delete(key), KEPT_MS).unref() });
  }

  drop(settings: SourceSettings, { digest }: PulledFile): void {
    const key = keyOf(settings, digest);
    clearTimeout(this.files.get(key)?.end);
    this.files.delete(key);
  }
}

/** By the settings too: they say what its columns mean. */
const keyOf = (settings: SourceSettings, digest: string): string =>
  createHash('sha256')
    .update(JSON.stringify([settings, digest]))
    .digest('hex');

/** Every row of the file at the source's address, so many a page. */
export function createGenericPull(files: PulledFiles): NonNullable<StockSource['pull']> {
  const inUse = new FilesInUse();
  return {
    leastMsBetween: MINUTE,
    isSetUp: ({ fileUrl = '' }) => fileUrl !== '',
    page: async (settings, { warehouses, cursor }, signal) => {
      const asked: Cursor | null = cursor === null ? null : cursorShape.parse(JSON.parse(cursor));
      const pulled = (asked && inUse.find(settings, asked.digest)) ?? (await files.get(settings, signal));
      const { digest, file } = pulled;
      // After a restart the file may be another one by now; half of each would be neither.
      const from = asked?.digest === digest ? asked.at : 0;
      const to = Math.min(from + ROWS_A_PAGE, file.length);
      const lines = linesOf(file, from, to, warehouses);
      const total = file.warehouseOf === null || warehouses === '*' ? file.length : null;
      if (to >= file.length) {
        inUse.drop(settings, pulled);
        return { lines, next: null, total };
      }
      inUse.keep(settings, pulled);
      return { lines, next: JSON.stringify({ digest, at: to } satisfies Cursor), total };
    },
  };
}

function linesOf(file: LevelFile, from: number, to: number, chosen: ChosenWarehouses): ReadPush {
  const rows = Array.from({ length: to - from }, (_, position) => from + position);
  const { warehouseOf } = file;
  const counted = warehouseOf === null ? rows : rows.filter((row) => isChosen(chosen, warehouseOf(row)));
  return counted.map((row) => file.line(row));
}
