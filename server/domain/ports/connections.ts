import type { MatchRule } from '../matching';
import type { OrderRule } from '../order-rule';
import type { Page, PageRequest } from '../page';
import type { Quantity } from '../quantity';
import type { NumberRules } from '../target-stock';
import type { ChosenWarehouses } from '../warehouse';

/** Kept back of every product in a category of the shop. */
export interface CategoryBuffer {
  readonly categoryId: number;
  readonly buffer: Quantity;
}

/** A source feeding a shop. */
export interface Connection {
  readonly id: number;
  readonly sourceId: number;
  readonly shopId: number;
  readonly warehouses: ChosenWarehouses;
  readonly matchBy: readonly MatchRule[];
  readonly mode: 'test' | 'live';
  readonly allowNameAfterCode: boolean;
  /** True: an item in error waits for a person; a new level is recorded but not tried. */
  readonly holdErrors: boolean;
  /** How the source's number becomes the shop's. */
  readonly rules: NumberRules;
  readonly categoryBuffers: readonly CategoryBuffer[];
  /** What is done where stock management is off for a product that was found: WooCommerce would ignore the number. */
  readonly unmanaged: 'report' | 'switch-on';
  /**
   * What becomes of a number that a person or another program set in the shop, wherever we look at it: it is set right,
   * it stays until the source says something new, or a person is asked.
   */
  readonly onDifference: 'repair' | 'keep' | 'report';
  /** When the source knows of a web order, so that it is no longer taken off what it says. */
  readonly orders: OrderRule;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type ConnectionDraft = Omit<Connection, 'id' | 'createdAt' | 'updatedAt'>;

export interface ConnectionStore {
  list(request: PageRequest): Promise<Page<Connection>>;
  find(id: number): Promise<Connection | null>;
  forShop(shopId: number): Promise<readonly Connection[]>;
  forSource(sourceId: number): Promise<readonly Connection[]>;
  /** null when this source already feeds this shop. */
  create(draft: ConnectionDraft, at: number): Promise<Connection | null>;
  change(id: number, patch: Partial<ConnectionDraft>, at: number): Promise<Connection | null>;
  remove(id: number): Promise<boolean>;
}
