import type { Quantity, QuantityRefusal } from './quantity';

/** One line of a push, read and judged: the source says it has this much of that product in that warehouse. */
export interface StockChange {
  readonly index: number;
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
  /** The source's own id of the product, as text: ids may exceed 2^53. */
  readonly externalId: string | null;
  /** '' when the line names none. */
  readonly warehouse: string;
  readonly quantity: Quantity;
  /** True: `quantity` is what the level changed by, not what it is. */
  readonly isChange?: boolean;
  /** When the source saw this level (epoch ms), or null when it does not say. */
  readonly observedAt: number | null;
}

/** Why a line of a push could not be used. Shown to the sender with the line, and to the owner with the push. */
export type LineRefusal =
  | QuantityRefusal
  | 'line_not_an_object'
  | 'identity_missing'
  | 'code_invalid'
  | 'code_too_long'
  | 'barcode_invalid'
  | 'barcode_too_long'
  | 'name_invalid'
  | 'name_too_long'
  | 'warehouse_invalid'
  | 'warehouse_too_long'
  | 'id_invalid'
  | 'id_too_long'
  | 'observed_at_invalid'
  | 'control_character'
  /** A change of a level that was never told. */
  | 'level_unknown'
  /** By the source's own mapping, this line is not about stock that counts. */
  | 'left_out';

export interface RefusedLine {
  readonly index: number;
  readonly refusal: LineRefusal;
  /** The field at fault, in the sender's own spelling. */
  readonly path: string;
  readonly code: string | null;
}

/**
 * What makes two lines speak of one product: the code if there is one, else the barcode, else the source's id, else
 * the name as written. The prefix keeps a code "123" apart from a barcode "123".
 */
export function productIdentity(change: Pick<StockChange, 'code' | 'barcode' | 'externalId' | 'name'>): string {
  if (change.code !== null) return `code:${change.code}`;
  if (change.barcode !== null) return `barcode:${change.barcode}`;
  if (change.externalId !== null) return `id:${change.externalId}`;
  if (change.name !== null) return `name:${change.name}`;
  throw new RangeError('A stock change without code, barcode, id or name has no identity');
}
