import type { Connection } from './ports/connections';
import type { NumberFacts } from './ports/sync-items';
import { computeTargetStock, rulesFor, type TargetStock, type WarehouseLevel } from './target-stock';

interface Item {
  readonly levels: readonly WarehouseLevel[];
  readonly facts: NumberFacts;
}
type Rules = Pick<Connection, 'warehouses' | 'rules' | 'categoryBuffers'>;

/** The number the shop must show for an item by everything that is known of it; null while no level is known. */
export function targetOfItem({ levels, facts }: Item, connection: Rules): TargetStock | null {
  const ofCategories = connection.categoryBuffers.flatMap(({ categoryId, buffer }) =>
    facts.categoryIds.includes(categoryId) ? [buffer] : [],
  );
  const rules = rulesFor(connection.rules, facts, ofCategories);
  const { held, unseen } = facts;
  // As long as a person is asked about an edit, the source's number is what the shop must show.
  const own = held === null || held.why === 'asked' ? null : { quantity: held.quantity, why: held.why };
  return computeTargetStock(levels, connection.warehouses, rules, facts.backorders, { unseen, held: own });
}

/** What the source says that the shop must show, whatever number of its own the item has. */
export const targetOfSource = ({ levels, facts }: Item, connection: Rules): TargetStock | null =>
  targetOfItem({ levels, facts: { ...facts, held: null } }, connection);
