import { z } from 'zod';
import type { LineFields } from '../push-body/read-line';

/** A field that must have one of these values. */
export interface Condition {
  readonly field: string;
  /** Left out: any value will do, as long as there is one. */
  readonly is?: readonly string[];
  /** Also fulfilled where the field is not there. */
  readonly orAbsent?: boolean;
}

/** Where in a sender's calls the levels are. Every text is a path, see fieldPath. */
export interface FieldMapping {
  /** The list of lines; '' is the body itself. Of several the first that is there. */
  readonly items: readonly string[];
  /** null where a call only says that something changed. */
  readonly fields: LineFields | null;
  readonly eventId: string | null;
  readonly mode: 'levels' | 'changes' | 'trigger';
  readonly only: readonly Condition[];
}

const MODES = ['levels', 'changes', 'trigger'] as const;
const LONGEST_PATH = 200;

/** Forms send the empty text for what was not filled in. */
const blankIsAbsent = (value: unknown): unknown =>
  value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;

const path = z
  .string()
  .trim()
  .max(LONGEST_PATH)
  .regex(
    /^\/?[^./|][^.|]*(?:\.[^.|]+)*(?:\|\/?[^./|][^.|]*(?:\.[^.|]+)*)*$/,
    'must be a path such as data.items or /event',
  );
const optionalPath = z.preprocess(blankIsAbsent, path.optional());

const IDENTITIES = ['code', 'barcode', 'name', 'id'] as const;

/** Adds what is at fault where no field would name a product. */
export function needIdentity(
  fields: Readonly<Partial<Record<(typeof IDENTITIES)[number], string>>>,
  context: z.RefinementCtx,
): void {
  if (IDENTITIES.some((name) => fields[name] !== undefined)) return;
  context.addIssue({ code: 'custom', path: ['code'], message: 'map at least one of code, barcode, name and id' });
}

export const notAnObject = (issue: { readonly code: string }): string | undefined =>
  issue.code === 'invalid_type' ? 'must be an object, or its JSON' : undefined;

export const mappingShape = z
  .strictObject(
    {
      items: optionalPath,
      code: optionalPath,
      barcode: optionalPath,
      name: optionalPath,
      id: optionalPath,
      warehouse: optionalPath,
      quantity: optionalPath,
      observedAt: optionalPath,
      eventId: optionalPath,
      mode: z.enum(MODES).default('levels'),
      only: z
        .array(
          z.strictObject({
            field: path,
            is: z.array(z.string().trim().max(LONGEST_PATH)).min(1, 'name at least one value').max(100),
          }),
        )
        .max(20)
        .optional(),
    },
    { error: notAnObject },
  )
  .superRefine((mapping, context) => {
    if (mapping.mode === 'trigger') return;
    if (mapping.quantity === undefined) {
      context.addIssue({ code: 'custom', path: ['quantity'], message: 'say where the quantity is' });
    }
    needIdentity(mapping, context);
  });

export type MappingSettings = z.infer<typeof mappingShape>;

export function fieldMapping(settings: MappingSettings): FieldMapping {
  const { items, eventId, mode, only = [], quantity, code, barcode, name, id, warehouse, observedAt } = settings;
  return {
    items: [items ?? ''],
    fields: quantity === undefined ? null : { code, barcode, name, id, warehouse, quantity, observedAt },
    eventId: eventId ?? null,
    mode,
    only,
  };
}
