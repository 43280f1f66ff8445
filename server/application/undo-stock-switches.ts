import { LARGEST_BATCH, parentOf } from '../domain/batch-plan';
import type { Clock } from '../domain/ports/clock';
import type { ShopAccess, ShopTarget } from '../domain/ports/shop-target';
import type { StockSwitch, StockSwitchStore } from '../domain/ports/stock-switches';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';

export interface UndoStockSwitchesPorts {
  readonly unit: UnitOfWork;
  readonly switches: StockSwitchStore;
  readonly items: Pick<SyncItemStore, 'distrustLinks'>;
  readonly target: Pick<ShopTarget, 'stopManaging'>;
  readonly clock: Clock;
}

/** Switches stock management off again where we had switched it on and somebody asked for it. */
export class UndoStockSwitches {
  constructor(private readonly ports: UndoStockSwitchesPorts) {}

  /** Throws the FailureError of a call that failed; what is left is done the next time. */
  async undo(access: ShopAccess, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { switches, clock } = this.ports;
    while (mayGoOn()) {
      const some = await switches.toUndo(access.shopId, clock.now(), LARGEST_BATCH);
      const [first] = some;
      if (!first) return;
      const parentId = parentOf(first.ref);
      await this.switchOff(
        access,
        parentId,
        some.filter(({ ref }) => parentOf(ref) === parentId),
        signal,
      );
    }
  }

  private async switchOff(
    access: ShopAccess,
    parentId: number | null,
    group: readonly StockSwitch[],
    signal: AbortSignal,
  ): Promise<void> {
    const { unit, target, switches, items, clock } = this.ports;
    const refs = group.map(({ ref }) => ref);
    await target.stopManaging(access, { parentId, refs }, signal);
    // Whatever the shop said of each: it was asked once, and what it shows now is looked at by the items themselves.
    await unit.run(async () => {
      await switches.forget(group.map(({ id }) => id));
      await items.distrustLinks(access.shopId, refs, clock.now());
    });
  }
}
