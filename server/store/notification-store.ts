import { isDaily, type NoticeParams, NOTIFICATION_KINDS, type NotificationKind, subjectKey } from '../domain/notice';
import type { NotificationSubject } from '../domain/notice';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { NoticeFilter, Notification, NotificationStore, RaisedNotice } from '../domain/ports/notifications';
import { NotificationRow } from './entities';
import { affectedRows, insertOne, marks, selectRows } from './statements';
import { failureOf, failureText, paramsOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const isKind = (text: string): text is NotificationKind => (NOTIFICATION_KINDS as readonly string[]).includes(text);

const DAY_MS = 86_400_000;
const dayOf = (at: number): number => Math.floor(at / DAY_MS);

const figure = (params: NoticeParams, name: string): number => Number(params[name] ?? 0);

/** The rows of a list, with the names of what they are about. */
const SELECTED = `SELECT n.id AS id, n.kind AS kind, n.shop_id AS shopId, s.name AS shopName, n.source_id AS sourceId,
  o.name AS sourceName, n.connection_id AS connectionId, n.cause AS cause, n.params AS params, n.failure AS failure,
  n.raised_at AS raisedAt, n.healed_at AS healedAt, n.news_at AS newsAt
  FROM notifications n LEFT JOIN shops s ON s.id = n.shop_id LEFT JOIN sources o ON o.id = n.source_id`;

type Listed = Omit<Notification, 'kind' | 'params' | 'failure'> & {
  readonly kind: string;
  readonly params: string | null;
  readonly failure: string | null;
};

const notificationOf = (row: Listed): Notification => ({
  ...row,
  kind: isKind(row.kind) ? row.kind : 'circuit_open',
  params: paramsOf(row.params),
  failure: failureOf(row.failure),
});

export class TypeormNotificationStore implements NotificationStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  raise(what: RaisedNotice, at: number): Promise<{ readonly id: number; readonly isNews: boolean }> {
    return this.unit.run(async () => {
      const subject = subjectKey(what);
      const known = await this.lastOf(what.kind, subject, at);
      return known === null
        ? { id: await this.insert(what, subject, at), isNews: true }
        : this.keepNewest(known, what, at);
    });
  }

  heal(what: NotificationSubject, at: number): Promise<readonly number[]> {
    return this.unit.run(async () => {
      const open = await selectRows<{ id: number }>(
        this.unit.entities,
        'SELECT id AS id FROM notifications WHERE subject = ? AND healed_at IS NULL',
        [subjectKey(what)],
      );
      return this.healed(
        open.map(({ id }) => id),
        at,
      );
    });
  }

  healOthers(kind: NotificationKind, still: readonly NotificationSubject[], at: number): Promise<readonly number[]> {
    return this.unit.run(async () => {
      const open = await selectRows<{ id: number; subject: string }>(
        this.unit.entities,
        'SELECT id AS id, subject AS subject FROM notifications WHERE kind = ? AND healed_at IS NULL',
        [kind],
      );
      const lasting = new Set(still.map(subjectKey));
      return this.healed(
        open.flatMap(({ id, subject }) => (lasting.has(subject) ? [] : [id])),
        at,
      );
    });
  }

  async find(ids: readonly number[]): Promise<readonly Notification[]> {
    if (ids.length === 0) return [];
    const rows = await selectRows<Listed>(this.unit.entities, `${SELECTED} WHERE n.id IN (${marks(ids)})`, ids);
    return rows.map(notificationOf);
  }

  async list({ limit, cursor }: PageRequest, { state }: NoticeFilter = { state: null }): Promise<Page<Notification>> {
    const wanted = { open: 'AND n.healed_at IS NULL', healed: 'AND n.healed_at IS NOT NULL' };
    const rows = await selectRows<Listed>(
      this.unit.entities,
      `${SELECTED} WHERE n.id < ? ${state === null ? '' : wanted[state]} ORDER BY n.id DESC LIMIT ?`,
      [cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(notificationOf) };
  }

  countOpen(): Promise<number> {
    return this.count('healed_at IS NULL', []);
  }

  countNews(since: number): Promise<number> {
    return this.count('news_at > ?', [since]);
  }

  removeBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        'SELECT id AS id FROM notifications WHERE healed_at < ? ORDER BY id LIMIT ?',
        [before, limit],
      );
      const ids = rows.map(({ id }) => id);
      if (ids.length > 0) {
        await affectedRows(this.unit.entities, `DELETE FROM notifications WHERE id IN (${marks(ids)})`, ids);
      }
      return ids.length;
    });
  }

  /** The open one, or the one of today that opens again. */
  private async lastOf(kind: NotificationKind, subject: string, at: number): Promise<NotificationRow | null> {
    const { entities } = this.unit;
    const last = await entities.findOne(NotificationRow, { where: { subject }, order: { id: 'DESC' } });
    if (last === null || last.healedAt === null) return last;
    return isDaily(kind) && dayOf(last.raisedAt) === dayOf(at) ? last : null;
  }

  private insert(what: RaisedNotice, subject: string, at: number): Promise<number> {
    const { kind, shopId, sourceId = null, connectionId = null, cause = null, params, failure } = what;
    return insertOne(this.unit.entities, 'notifications', {
      kind,
      subject,
      shop_id: shopId,
      source_id: sourceId,
      connection_id: connectionId,
      cause,
      params: params ? JSON.stringify(told(kind, params)) : null,
      failure: failureText(failure),
      raised_at: at,
      news_at: at,
    });
  }

  private async keepNewest(known: NotificationRow, { kind, params = {}, failure }: RaisedNotice, at: number) {
    const before = paramsOf(known.params);
    const opensAgain = known.healedAt !== null;
    const hasGrown = isDaily(kind) && dayOf(known.newsAt) < dayOf(at) && figure(params, 'n') > figure(before, 'told');
    const isNews = opensAgain || hasGrown;
    const now = {
      params: JSON.stringify(isNews ? told(kind, params) : { ...before, ...params }),
      failure: failureText(failure),
      healedAt: null,
      newsAt: isNews ? at : known.newsAt,
    };
    // Looked at every minute: what is as it was is not written again.
    if (isNews || now.params !== JSON.stringify(before) || now.failure !== known.failure) {
      await this.unit.entities.update(NotificationRow, known.id, now);
    }
    return { id: known.id, isNews };
  }

  private async healed(ids: readonly number[], at: number): Promise<readonly number[]> {
    if (ids.length > 0) {
      await affectedRows(
        this.unit.entities,
        `UPDATE notifications SET healed_at = ?, news_at = ? WHERE id IN (${marks(ids)})`,
        [at, at, ...ids],
      );
    }
    return ids;
  }

  private async count(condition: string, parameters: readonly number[]): Promise<number> {
    const [row] = await selectRows<{ n: number | string }>(
      this.unit.entities,
      `SELECT COUNT(*) AS n FROM notifications WHERE ${condition}`,
      parameters,
    );
    return Number(row?.n ?? 0);
  }
}

/** How many it were when it was last told, to know whether it has grown. */
const told = (kind: NotificationKind, params: NoticeParams): NoticeParams =>
  isDaily(kind) ? { ...params, told: figure(params, 'n') } : params;
