import { z } from 'zod';
import type { SourceSettings } from '../../domain/ports/sources';
import type { FieldError } from '../../domain/refusal';
import type { StockSource } from '../../domain/ports/stock-source';

/** Whoever reads a source gets to see dots instead of a secret, and must not store them in its place. */
export const secretText = z
  .string()
  .trim()
  .max(500)
  .regex(/^[^•]*$/, 'must be the secret itself; leave it out to keep the one there is');

const pathOf = (steps: readonly PropertyKey[]): string => ['settings', ...steps].map(String).join('.');

export const settingErrors = ({ issues }: z.ZodError): readonly FieldError[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is no setting we know' }))
      : [{ path: pathOf(issue.path), message: issue.message }],
  );

/** Judges settings by their shape, each fault under the path of its field. */
export const settingsReader =
  (shape: z.ZodType<SourceSettings>): StockSource['readSettings'] =>
  (input) => {
    const parsed = shape.safeParse(input);
    return parsed.success ? { ok: true, settings: parsed.data } : { ok: false, errors: settingErrors(parsed.error) };
  };
