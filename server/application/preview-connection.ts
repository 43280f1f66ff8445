import { isMassZero } from '../domain/mass-zero';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { ShopStore } from '../domain/ports/shops';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { notFound, Refusal } from '../domain/refusal';
import { targetOfItem } from '../domain/target-of-item';
import type { KeepConnection } from './keep-connection';

/** What going live would do with an item; not_compared: it waits to be looked at. */
export const PREVIEW_CLASSES = [
  'to_change',
  'equal',
  'not_found',
  'ambiguous',
  'not_managed',
  'failed',
  'offline',
  'level_unknown',
  'not_compared',
] as const;
export type PreviewClass = (typeof PREVIEW_CLASSES)[number];

export interface ConnectionPreview {
  readonly counts: Readonly<Record<PreviewClass, number>>;
  /** The first items whose number would change. */
  readonly changes: readonly { readonly item: SyncItemView; readonly wanted: string }[];
  /** Products in stock that would go to 0, of how many in stock, when that looks like a mistake of the source. */
  readonly massZero: { readonly zeros: number; readonly inStock: number } | null;
  /** Why the connection cannot go live yet; empty = it can. */
  readonly obstacles: readonly GoLiveObstacle[];
}

export type GoLiveObstacle =
  'already_live' | 'shop_not_tested' | 'circuit_open' | 'nothing_compared' | 'not_all_compared' | 'mass_zero';

export interface PreviewConnectionPorts {
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly shops: Pick<ShopStore, 'find'>;
  readonly items: Pick<SyncItemStore, 'list'>;
  readonly keepConnection: Pick<KeepConnection, 'change'>;
  readonly clock: Clock;
}

const PAGE = 500;
const MOST_CHANGES_SHOWN = 100;
const NOT_MANAGED: ReadonlySet<string> = new Set([
  'stock_not_managed',
  'stock_managed_by_parent',
  'product_without_stock',
]);

/** What a connection in test mode would change, and the step to live that is allowed once all of it is known. */
export class PreviewConnection {
  constructor(private readonly ports: PreviewConnectionPorts) {}

  async preview(connectionId: number): Promise<ConnectionPreview> {
    const { connections, shops, items } = this.ports;
    const connection = await connections.find(connectionId);
    const shop = connection && (await shops.find(connection.shopId));
    if (!connection || !shop) throw notFound('connection');
    const counts = Object.fromEntries(PREVIEW_CLASSES.map((each) => [each, 0])) as Record<PreviewClass, number>;
    const changes: { item: SyncItemView; wanted: string }[] = [];
    let zeros = 0;
    let inStock = 0;
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page = await items.list({ connectionId, status: null, text: null }, { limit: PAGE, cursor });
      for (const item of page.data) {
        const wanted = targetOfItem(item, connection)?.target ?? null;
        const what = classOf(item, wanted);
        counts[what]++;
        if (isPositive(item.shown)) inStock++;
        if (what !== 'to_change' || wanted === null) continue;
        if (isPositive(item.shown) && !isPositive(wanted)) zeros++;
        if (changes.length < MOST_CHANGES_SHOWN) changes.push({ item, wanted });
      }
      cursor = page.nextCursor;
    }
    const massZero = isMassZero(zeros, inStock) ? { zeros, inStock } : null;
    const compared = counts.to_change + counts.equal;
    const obstacles: readonly (readonly [GoLiveObstacle, boolean])[] = [
      ['already_live', connection.mode === 'live'],
      ['shop_not_tested', shop.lastTest?.ok !== true],
      ['circuit_open', shop.circuit.state !== 'closed'],
      ['nothing_compared', compared === 0],
      ['not_all_compared', counts.not_compared > 0],
      ['mass_zero', massZero !== null],
    ];
    return { counts, changes, massZero, obstacles: obstacles.flatMap(([name, is]) => (is ? [name] : [])) };
  }

  /** `massZeroSeen`: a person has seen how many products would go to 0, and wants it so. */
  async goLive(connectionId: number, massZeroSeen: boolean): Promise<Connection> {
    const { obstacles } = await this.preview(connectionId);
    const left = obstacles.filter((each) => each !== 'mass_zero' || !massZeroSeen);
    if (left.length > 0) {
      throw new Refusal('conflict', 'The connection cannot go live yet.', {
        errors: left.map((each) => ({ path: each, message: OBSTACLE_WORDS[each] })),
      });
    }
    return this.ports.keepConnection.change(connectionId, { mode: 'live' });
  }
}

const OBSTACLE_WORDS: Readonly<Record<GoLiveObstacle, string>> = {
  already_live: 'The connection is live.',
  shop_not_tested: 'The last connection test of the shop did not pass, or there was none.',
  circuit_open: 'The shop is out of reach at the moment.',
  nothing_compared: 'No product has been compared with the shop yet.',
  not_all_compared: 'Some products have not been compared with the shop yet.',
  mass_zero: 'Very many products in stock would go to 0.',
};

const isPositive = (quantity: string | null): boolean =>
  quantity !== null && quantity !== '0' && !quantity.startsWith('-');

function classOf(item: SyncItemView, wanted: string | null): PreviewClass {
  if (item.status === 'offline') return 'offline';
  if (item.status === 'unmatched') return 'not_found';
  if (item.status === 'ambiguous') return 'ambiguous';
  if (item.status === 'failed') return NOT_MANAGED.has(item.failure?.code ?? '') ? 'not_managed' : 'failed';
  if (wanted === null) return 'level_unknown';
  if (item.dueAt !== null || item.status === 'writing' || item.shown === null) return 'not_compared';
  return item.shown === wanted ? 'equal' : 'to_change';
}
