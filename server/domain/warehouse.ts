/** The warehouses a connection counts: every one, or those named. Names are compared without case (see warehouseKey). */
export type ChosenWarehouses = '*' | readonly string[];

/** A line that names no warehouse is about the source's only one, kept under this name. */
export const UNNAMED_WAREHOUSE = '';

/** Two spellings of one warehouse ("Depozit", " DEPOZIT ") are one: the senders themselves are careless about case. */
export const warehouseKey = (name: string): string => name.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase();

export const isChosen = (chosen: ChosenWarehouses, warehouse: string): boolean =>
  chosen === '*' || chosen.some((name) => warehouseKey(name) === warehouseKey(warehouse));
