import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import { warehouseKey } from '../../domain/warehouse';
import { textOf } from '../push-body/text-of';
import type { HiboutikAsk, HiboutikCalls } from './hiboutik-calls';
import { accountOf } from './hiboutik-settings';

export interface HiboutikWarehouse {
  readonly id: string;
  readonly name: string;
}

/** How the name is spelt is documented nowhere. */
const NAMES = ['warehouse_label', 'warehouse_name', 'label', 'name'];
const KEPT_MS = 60 * 60_000;
/** A warehouse nobody names may be a new one; it is looked for no more often than this. */
const NEW_AFTER_MS = 5 * 60_000;

/** The warehouses of each account. */
export class HiboutikWarehouses {
  private readonly kept = new Map<
    string,
    { readonly warehouses: readonly HiboutikWarehouse[]; readonly readAt: number }
  >();

  constructor(
    private readonly calls: HiboutikCalls,
    private readonly clock: Clock,
  ) {}

  /** As they are now. Of two with one name, each is told by its number too. */
  async read(
    settings: SourceSettings,
    signal: AbortSignal,
    ask: HiboutikAsk = {},
  ): Promise<readonly HiboutikWarehouse[]> {
    const rows = await this.calls.all(settings, '/warehouses', signal, ask);
    const found = rows.flatMap((row) => {
      const id = textOf(row['warehouse_id']);
      const name = NAMES.map((key) => textOf(row[key])).find((text) => text !== '');
      return /^\d+$/.test(id) ? [{ id, name: name ?? id }] : [];
    });
    const isTwice = ({ id, name }: HiboutikWarehouse): boolean =>
      found.some((other) => other.id !== id && warehouseKey(other.name) === warehouseKey(name));
    const warehouses = found.map((each) => (isTwice(each) ? { ...each, name: `${each.name} (${each.id})` } : each));
    this.kept.set(accountOf(settings), { warehouses, readAt: this.clock.now() });
    return warehouses;
  }

  /** As they were within the hour, unless one of these is not among them: reading levels again costs one call. */
  async known(
    settings: SourceSettings,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly HiboutikWarehouse[]> {
    const kept = this.kept.get(accountOf(settings));
    const ageMs = kept === undefined ? Infinity : this.clock.now() - kept.readAt;
    const names = new Set(kept?.warehouses.map(({ id }) => id));
    const isComplete = ids.every((id) => names.has(id));
    if (kept && ageMs < (isComplete ? KEPT_MS : NEW_AFTER_MS)) return kept.warehouses;
    return this.read(settings, signal);
  }
}
