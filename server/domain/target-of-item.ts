import type { Connection } from './ports/connections';
import type { NumberFacts } from './ports/sync-items';
import { computeTargetStock, rulesFor, type TargetStock, type WarehouseLevel } from './target-stock';

/** The number the shop must show for an item by everything that is known of it; null while no level is known. */
export function targetOfItem(
  item: { readonly levels: readonly WarehouseLevel[]; readonly facts: NumberFacts },
  connection: Pick<Connection, 'warehouses' | 'rules' | 'categoryBuffers'>,
): TargetStock | null {
  const { facts } = item;
  const ofCategories = connection.categoryBuffers.flatMap(({ categoryId, buffer }) =>
    facts.categoryIds.includes(categoryId) ? [buffer] : [],
  );
  const rules = rulesFor(connection.rules, facts, ofCategories);
  const target = computeTargetStock(item.levels, connection.warehouses, rules, facts.backorders, facts.unseen);
  if (facts.held === null || target === null) return target;
  return { ...target, target: facts.held, steps: [...target.steps, { kind: 'held', by: null, value: facts.held }] };
}
