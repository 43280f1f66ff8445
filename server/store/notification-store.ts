import { IsNull, LessThan } from 'typeorm';
import type { Failure } from '../domain/failure';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { Notification, NotificationKind, NotificationStore } from '../domain/ports/notifications';
import { NotificationRow } from './entities';
import { marks, selectRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const openOne = ({ kind, shopId }: { readonly kind: NotificationKind; readonly shopId: number | null }) => ({
  kind,
  shopId: shopId ?? IsNull(),
  healedAt: IsNull(),
});

export class TypeormNotificationStore implements NotificationStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async raise(
    what: { readonly kind: NotificationKind; readonly shopId: number | null; readonly failure: Failure | null },
    at: number,
  ): Promise<void> {
    await this.unit.run(async () => {
      const failure = what.failure === null ? null : JSON.stringify(what.failure);
      const open = await this.unit.entities.findOneBy(NotificationRow, openOne(what));
      if (open) await this.unit.entities.update(NotificationRow, open.id, { failure });
      else {
        const { kind, shopId } = what;
        await this.unit.entities.insert(NotificationRow, { kind, shopId, failure, raisedAt: at, healedAt: null });
      }
    });
  }

  async heal(what: { readonly kind: NotificationKind; readonly shopId: number | null }, at: number): Promise<void> {
    await this.unit.run(() => this.unit.entities.update(NotificationRow, openOne(what), { healedAt: at }));
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Notification>> {
    const rows = await this.unit.entities.find(NotificationRow, {
      where: cursor === null ? {} : { id: LessThan(Number(cursor)) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const page = pageOf(rows, limit, (row) => String(row.id));
    const shopIds = [...new Set(page.data.flatMap((row) => row.shopId ?? []))];
    const shops =
      shopIds.length === 0
        ? []
        : await selectRows<{ id: number; name: string }>(
            this.unit.entities,
            `SELECT id AS id, name AS name FROM shops WHERE id IN (${marks(shopIds)})`,
            shopIds,
          );
    return {
      ...page,
      data: page.data.map((row) => ({
        id: row.id,
        kind: 'circuit_open',
        shopId: row.shopId,
        shopName: shops.find((shop) => shop.id === row.shopId)?.name ?? null,
        failure: failureOf(row.failure),
        raisedAt: row.raisedAt,
        healedAt: row.healedAt,
      })),
    };
  }
}
