import type { z } from 'zod';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';

/** Judges settings by their shape, each fault under the path of its field. */
export const settingsReader =
  (shape: z.ZodType<SourceSettings>): StockSource['readSettings'] =>
  (input) => {
    const parsed = shape.safeParse(input);
    if (parsed.success) return { ok: true, settings: parsed.data };
    const errors = parsed.error.issues.map(({ path, message }) => ({ path: `settings.${path.join('.')}`, message }));
    return { ok: false, errors };
  };
