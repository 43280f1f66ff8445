import type { Failure } from '../domain/failure';
import { countsOrders } from '../domain/order-rule';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { LedgerState } from '../domain/ports/order-ledger';
import type { OrderLedgerViews, SavedSales, UnknownOrders } from '../domain/ports/order-views';
import { quantity } from '../domain/quantity';
import { everyOne } from './every-one';
import { everyMs, TOLD_WITHIN_MS } from './keep-order-ledger';

/** Whoever looks again at once, or from another page, sees the same. */
const KEPT_MS = 5_000;
export const SAVED_LATELY_DAYS = 30;
const DAY_MS = 86_400_000;
const NONE: SavedSales = { orders: 0, pieces: quantity('0') };

export interface ViewWebOrdersPorts {
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly ledger: Pick<OrderLedgerViews, 'states' | 'unknown' | 'saved'>;
  readonly clock: Clock;
}

/** How the orders of one shop reach us, what its sources do not know of, and what counting was good for. */
export interface ShopLedger {
  readonly shopId: number;
  /** Orders placed before were never counted; null while none have been read. */
  readonly beganAt: number | null;
  /** When the shop last told of an order by itself, and how long after it had changed; null = it never did. */
  readonly told: { readonly at: number; readonly lagMs: number; readonly inTime: boolean } | null;
  /** When the orders were last read (null: never), and every how many milliseconds they are while that succeeds. */
  readonly read: { readonly at: number; readonly everyMs: number | null } | null;
  /** Why they cannot be read at the moment. */
  readonly failure: Failure | null;
  readonly unknown: readonly UnknownOrders[];
  readonly saved: { readonly all: SavedSales; readonly lately: SavedSales };
}

/** What is to be seen of web orders as a whole. */
export class ViewWebOrders {
  private kept: { readonly at: number; readonly view: Promise<readonly ShopLedger[]> } | null = null;

  constructor(private readonly ports: ViewWebOrdersPorts) {}

  /** Of every shop that web orders are counted for. */
  async view(): Promise<readonly ShopLedger[]> {
    const now = this.ports.clock.now();
    if (this.kept === null || Math.abs(now - this.kept.at) >= KEPT_MS) this.kept = { at: now, view: this.look(now) };
    try {
      return await this.kept.view;
    } catch (error) {
      this.kept = null;
      throw error;
    }
  }

  async oldestUnknown(): Promise<
    readonly { readonly connectionId: number; readonly orders: number; readonly oldestMs: number }[]
  > {
    const now = this.ports.clock.now();
    return (await this.view()).flatMap(({ unknown }) =>
      unknown.map(({ oldest, ...each }) => ({ ...each, oldestMs: Math.max(0, now - oldest.placedAt) })),
    );
  }

  private async look(now: number): Promise<readonly ShopLedger[]> {
    const { connections, ledger } = this.ports;
    const counted = (await everyOne((request) => connections.list(request))).filter(({ orders }) =>
      countsOrders(orders),
    );
    const states = await ledger.states();
    const unknown = await ledger.unknown(counted.filter(canBecomeKnown).map(({ id }) => id));
    const saved = await ledger.saved(now - SAVED_LATELY_DAYS * DAY_MS);
    return [...new Set(counted.map(({ shopId }) => shopId))].map((shopId) => ({
      shopId,
      ...wayOf(states.find((state) => state.shopId === shopId)),
      unknown: unknown.filter(({ connectionId }) =>
        counted.some(({ id, shopId: of }) => id === connectionId && of === shopId),
      ),
      saved: saved.get(shopId) ?? { all: NONE, lately: NONE },
    }));
  }
}

/** An order that its source is never told of has no age that means anything. */
const canBecomeKnown = ({ orders }: Connection): boolean => orders.knownBy !== 'never';

function wayOf(state: LedgerState | undefined): Pick<ShopLedger, 'beganAt' | 'told' | 'read' | 'failure'> {
  if (!state) return { beganAt: null, told: null, read: null, failure: null };
  const { beganAt, heardAt, lagMs, polledAt, failure } = state;
  return {
    beganAt,
    told: heardAt === null || lagMs === null ? null : { at: heardAt, lagMs, inTime: lagMs <= TOLD_WITHIN_MS },
    read: polledAt === null ? null : { at: polledAt, everyMs: failure ? null : everyMs(lagMs) },
    failure,
  };
}
