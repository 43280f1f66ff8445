import type { SourceSettings } from '../../domain/ports/sources';
import { warehouseKey } from '../../domain/warehouse';
import { textOf } from '../push-body/text-of';
import type { HiboutikCalls } from './hiboutik-calls';

export interface HiboutikWarehouse {
  readonly id: string;
  readonly name: string;
}

/** How the name is spelt is documented nowhere. */
const NAMES = ['warehouse_label', 'warehouse_name', 'label', 'name'];

/** The shop's warehouses; of two with one name, each is told by its number too. */
export async function readWarehouses(
  calls: HiboutikCalls,
  settings: SourceSettings,
  signal: AbortSignal,
): Promise<readonly HiboutikWarehouse[]> {
  const found: HiboutikWarehouse[] = [];
  for (let page = 1, isLast = false; !isLast; page++) {
    const some = await calls.list(settings, '/warehouses', page, signal);
    for (const row of some.rows) {
      const id = textOf(row['warehouse_id']);
      const name = NAMES.map((key) => textOf(row[key])).find((text) => text !== '');
      if (/^\d+$/.test(id)) found.push({ id, name: name ?? id });
    }
    isLast = some.isLast;
  }
  const isTwice = ({ id, name }: HiboutikWarehouse): boolean =>
    found.some((other) => other.id !== id && warehouseKey(other.name) === warehouseKey(name));
  return found.map((each) => (isTwice(each) ? { ...each, name: `${each.name} (${each.id})` } : each));
}
