import type { Page, PageRequest } from '../page';

/** A line of a connection's mapping: what the source calls this is the SKU of that product in the shop. */
export interface SkuMapping {
  readonly id: number;
  readonly reference: string;
  readonly sku: string;
}

export interface SkuMappingStore {
  list(connectionId: number, request: PageRequest): Promise<Page<SkuMapping>>;
  count(connectionId: number): Promise<number>;
  /** The SKU for each of these references that has one, compared without case. Key = reference as asked. */
  find(connectionId: number, references: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Adds lines and changes those of a known reference; answers the references whose SKU is another one now. */
  put(
    connectionId: number,
    lines: readonly { readonly reference: string; readonly sku: string }[],
    at: number,
  ): Promise<{ readonly added: number; readonly changed: number; readonly references: readonly string[] }>;
  /** Answers the references removed. */
  remove(connectionId: number, ids: readonly number[]): Promise<readonly string[]>;
  /** Removes all whose reference is not one of these; answers the references removed. */
  removeOthers(connectionId: number, keep: readonly string[]): Promise<readonly string[]>;
}
