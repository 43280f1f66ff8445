import { IsNull, LessThan } from 'typeorm';
import type { Failure } from '../domain/failure';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import {
  type Notification,
  NOTIFICATION_KINDS,
  type NotificationKind,
  type NotificationStore,
  type NotificationSubject,
} from '../domain/ports/notifications';
import { NotificationRow } from './entities';
import { affectedRows, marks, selectRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const isKind = (text: string): text is NotificationKind => (NOTIFICATION_KINDS as readonly string[]).includes(text);

const openOne = ({ kind, shopId, sourceId }: NotificationSubject) => ({
  kind,
  shopId: shopId ?? IsNull(),
  sourceId: sourceId ?? IsNull(),
  healedAt: IsNull(),
});

export class TypeormNotificationStore implements NotificationStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async raise(what: NotificationSubject & { readonly failure: Failure | null }, at: number): Promise<void> {
    await this.unit.run(async () => {
      const failure = what.failure === null ? null : JSON.stringify(what.failure);
      const open = await this.unit.entities.findOneBy(NotificationRow, openOne(what));
      if (open) await this.unit.entities.update(NotificationRow, open.id, { failure });
      else {
        const { kind, shopId, sourceId = null } = what;
        await this.unit.entities.insert(NotificationRow, {
          kind,
          shopId,
          sourceId,
          failure,
          raisedAt: at,
          healedAt: null,
        });
      }
    });
  }

  isOpen(kind: NotificationKind): Promise<boolean> {
    return this.unit.entities.existsBy(NotificationRow, { kind, healedAt: IsNull() });
  }

  async healOthers(kind: NotificationKind, shopIds: readonly number[], at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE notifications SET healed_at = ? WHERE kind = ? AND healed_at IS NULL
         ${shopIds.length === 0 ? '' : `AND shop_id NOT IN (${marks(shopIds)})`}`,
        [at, kind, ...shopIds],
      ),
    );
  }

  async heal(what: NotificationSubject, at: number): Promise<void> {
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
        kind: isKind(row.kind) ? row.kind : 'circuit_open',
        shopId: row.shopId,
        sourceId: row.sourceId,
        shopName: shops.find((shop) => shop.id === row.shopId)?.name ?? null,
        failure: failureOf(row.failure),
        raisedAt: row.raisedAt,
        healedAt: row.healedAt,
      })),
    };
  }
}
