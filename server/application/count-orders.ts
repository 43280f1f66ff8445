import type { SalesInAll } from '../domain/hand-edit';
import { salesOf } from '../domain/order-ledger';
import type { OrderLedgerStore, UnseenAsked } from '../domain/ports/order-ledger';
import type { ShopAccess, ShopProductRef } from '../domain/ports/shop-target';
import type { KeepOrderLedger } from './keep-order-ledger';
import { isAsLeft, looksWrittenOver } from './judge-edits';
import type { OwnStore } from './own-store';
import { isCounted, isOpen, type Journal, type Parcel, wantedOf } from './parcel';

/** An order may come with every look; where they keep coming, the product is come back to. */
const MOST_LOOKS = 3;
/** By then the lines of an order that fell together with a write are written, too. */
const AFTER_A_WRITE_MS = 5_000;

export interface CountOrdersPorts {
  /** Orders as far as the shop knows them at this moment. */
  readonly orders: Pick<KeepOrderLedger, 'read'>;
  readonly ledger: Pick<OrderLedgerStore, 'openLines' | 'sales' | 'askRead'>;
}

/** Takes what web orders hold and their source does not know of off the numbers of one delivery. */
export class CountOrders {
  constructor(
    private readonly ports: CountOrdersPorts,
    private readonly access: ShopAccess,
    private readonly journal: Journal,
    private readonly own: OwnStore,
    private readonly look: (parcels: readonly Parcel[]) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  /** What was known of orders before anything is looked at; what is new after that may be in what the shop shows, or not. */
  async recall(all: readonly Parcel[]): Promise<void> {
    const parcels = all.filter((parcel) => isCounted(parcel) && parcel.link !== null);
    if (parcels.length === 0) return;
    const sales = await this.own.ask(() => this.ports.ledger.sales(askedBy(parcels)));
    for (const parcel of parcels) parcel.sales = sales.get(parcel.item.id) ?? null;
  }

  /**
   * What the shop showed has an order in it or not, and nobody could tell which if the order came between the look and
   * the reading of the orders: a product whose orders are not those that were known before the look is looked at again,
   * unless what it showed is just what new orders leave of it. Not so where it showed one that was written over: should
   * that be cancelled after the look, or another one take what it had given back, the two would seem to explain each other.
   */
  async count(all: readonly Parcel[]): Promise<void> {
    const parcels = all.filter(isCounted);
    if (parcels.length === 0) return;
    for (let looks = 1; ; looks++) {
      const before = new Map(parcels.map((parcel) => [parcel, { unseen: unseenKey(parcel), sales: parcel.sales }]));
      await this.own.askAmong(() => this.ports.orders.read(this.access, this.signal));
      await this.recount(parcels.filter(isOpen));
      const moved = parcels.filter((parcel) => isOpen(parcel) && isMoved(parcel, before.get(parcel)));
      if (moved.length === 0) return;
      if (looks === MOST_LOOKS) return this.comeBackTo(moved);
      await this.look(moved);
    }
  }

  /** An order that fell together with our write is written over until it is read of: that must not take a minute. */
  async readSoon(): Promise<void> {
    const at = this.journal.now() + AFTER_A_WRITE_MS;
    await this.own.ask(() => this.ports.ledger.askRead(this.access.shopId, at));
  }

  private comeBackTo(moved: readonly Parcel[]): void {
    for (const parcel of moved) this.journal.conclude(parcel, 'look', 'orders_moving', { kind: 'moving' });
  }

  private async recount(parcels: readonly Parcel[]): Promise<void> {
    const { ledger } = this.ports;
    const asked = askedBy(parcels);
    const lines = await this.own.ask(() => ledger.openLines(askedBy(parcels, ({ gone }) => gone)));
    const sales = await this.own.ask(() => ledger.sales(asked));
    for (const parcel of parcels) {
      parcel.sales = sales.get(parcel.item.id) ?? null;
      parcel.unseen = salesOf(lines.get(parcel.item.id) ?? []);
      parcel.wanted = wantedOf(parcel) ?? parcel.wanted;
    }
  }
}

const askedBy = (
  parcels: readonly Parcel[],
  more: (parcel: Parcel) => readonly ShopProductRef[] = () => [],
): readonly UnseenAsked[] =>
  parcels.flatMap((parcel) => {
    const { item, connection, link } = parcel;
    return link ? [{ id: item.id, connectionId: connection.id, refs: [link.ref, ...link.twins, ...more(parcel)] }] : [];
  });

const unseenKey = ({ unseen }: Parcel): string => unseen.map(({ order, quantity }) => `${order}=${quantity}`).join();

interface Known {
  readonly unseen: string;
  /** null: of a product that was not its product yet. */
  readonly sales: SalesInAll | null;
}

/** More of its orders is known than before, and that alone does not explain what it showed. */
function isMoved(parcel: Parcel, before: Known | undefined): boolean {
  const [was, is] = [before?.sales ?? null, parcel.sales];
  const hasNews =
    unseenKey(parcel) !== before?.unseen || (was !== null && (was.taken !== is?.taken || was.given !== is.given));
  return hasNews && !(isAsLeft(parcel) && was !== null && !looksWrittenOver(parcel, was));
}
