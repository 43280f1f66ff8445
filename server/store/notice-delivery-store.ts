import type { Failure } from '../domain/failure';
import { type NotificationSubject, subjectKey } from '../domain/notice';
import type {
  ChannelState,
  Delivery,
  DeliveryDraft,
  NoticeChannel,
  NoticeDeliveryStore,
  Recipient,
} from '../domain/ports/notice-deliveries';
import { affectedRows, insertRows, marks, selectRows } from './statements';
import { failureOf, failureText } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const SELECTED = `SELECT id AS id, channel AS channel, user_id AS userId, webhook_id AS webhookId,
  notification_id AS notificationId, message AS message, due_at AS dueAt, lease_until AS leaseUntil,
  attempts AS attempts, first_due_at AS firstDueAt, sent_at AS sentAt FROM notice_deliveries`;

type DeliveryRow = Omit<Delivery, 'recipient' | 'message'> & {
  readonly channel: string;
  readonly userId: number | null;
  readonly webhookId: number | null;
  readonly message: string;
};

const recipientOf = ({
  channel,
  userId,
  webhookId,
}: Pick<DeliveryRow, 'channel' | 'userId' | 'webhookId'>): Recipient =>
  channel === 'webhook' ? { channel, id: webhookId ?? 0 } : { channel: 'email', id: userId ?? 0 };

const deliveryOf = ({ channel, userId, webhookId, message, ...row }: DeliveryRow): Delivery => ({
  ...row,
  recipient: recipientOf({ channel, userId, webhookId }),
  message: message === 'healed' ? 'healed' : 'raised',
});

const COLUMN: Readonly<Record<NoticeChannel, 'user_id' | 'webhook_id'>> = { email: 'user_id', webhook: 'webhook_id' };
const TABLE: Readonly<Record<NoticeChannel, string>> = { email: 'users', webhook: 'notice_webhooks' };

/** Told in one go: an e-mail holds several, a webhook is called for each. */
const MOST_AT_ONCE: Readonly<Record<NoticeChannel, number>> = { email: 200, webhook: 1 };

/** What comes after one that failed, or is being sent, waits for it. */
const IN_ORDER: Readonly<Record<NoticeChannel, string>> = {
  email: '',
  webhook: `AND NOT EXISTS (SELECT 1 FROM notice_deliveries e WHERE e.webhook_id = d.webhook_id
    AND e.due_at IS NOT NULL AND e.attempts > 0 AND e.id < d.id)`,
};

/** Longer than any digest, quiet hour or lease: what is due, or held, later was so while our own clock was ahead. */
const LONGEST_PLANNED_MS = 3 * 24 * 60 * 60_000;
const IS_DUE = `(d.due_at <= ? OR d.due_at > ?) AND (d.lease_until <= ? OR d.lease_until > ?)`;

export class TypeormNoticeDeliveryStore implements NoticeDeliveryStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async add(drafts: readonly DeliveryDraft[]): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'notice_deliveries',
        ['channel', 'user_id', 'webhook_id', 'notification_id', 'message', 'due_at', 'first_due_at'],
        drafts.map(({ recipient: { channel, id }, notificationId, message, dueAt }) => [
          channel,
          channel === 'email' ? id : null,
          channel === 'webhook' ? id : null,
          notificationId,
          message,
          dueAt,
          dueAt,
        ]),
      ),
    );
  }

  of(notificationId: number): Promise<readonly Delivery[]> {
    return this.rows(`WHERE notification_id = ? ORDER BY id ${this.locked}`, [notificationId]);
  }

  waitingFor({ channel, id }: Recipient): Promise<readonly Delivery[]> {
    return this.rows(`WHERE ${COLUMN[channel]} = ? AND due_at IS NOT NULL ORDER BY id ${this.locked}`, [id]);
  }

  async lastTold(
    subject: NotificationSubject,
    since: number,
  ): Promise<readonly { readonly recipient: Recipient; readonly at: number }[]> {
    const rows = await selectRows<Pick<DeliveryRow, 'channel' | 'userId' | 'webhookId'> & { readonly at: number }>(
      this.unit.entities,
      `SELECT d.channel AS channel, d.user_id AS userId, d.webhook_id AS webhookId, MAX(d.sent_at) AS at
       FROM notifications n JOIN notice_deliveries d ON d.notification_id = n.id
       WHERE n.subject = ? AND d.message = 'raised' AND d.sent_at > ?
       GROUP BY d.channel, d.user_id, d.webhook_id`,
      [subjectKey(subject), since],
    );
    return rows.map((row) => ({ recipient: recipientOf(row), at: row.at }));
  }

  async plan(id: number, dueAt: number): Promise<void> {
    await this.change('due_at = ?, first_due_at = ?', [dueAt, dueAt], [id]);
  }

  async remove(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.unit.run(() =>
      affectedRows(this.unit.entities, `DELETE FROM notice_deliveries WHERE id IN (${marks(ids)})`, [...ids]),
    );
  }

  take(channel: NoticeChannel, at: number, leaseUntil: number): Promise<readonly Delivery[]> {
    return this.unit.run(async () => {
      const column = COLUMN[channel];
      const future = at + LONGEST_PLANNED_MS;
      const [first] = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT ${column} AS id FROM notice_deliveries d WHERE d.channel = ? AND ${IS_DUE}
         ${IN_ORDER[channel]} ORDER BY d.due_at, d.id LIMIT 1`,
        [channel, at, future, at, future],
      );
      if (!first) return [];
      // The recipient's row is the lock: two workers who look at once do so one after the other.
      await affectedRows(this.unit.entities, `UPDATE ${TABLE[channel]} SET created_at = created_at WHERE id = ?`, [
        first.id,
      ]);
      const taken = await this.rows(
        `d WHERE d.${column} = ? AND ${IS_DUE} ${IN_ORDER[channel]}
         ORDER BY d.id LIMIT ${MOST_AT_ONCE[channel]} ${this.locked}`,
        [first.id, at, future, at, future],
      );
      await this.change(
        'lease_until = ?, attempts = attempts + 1',
        [leaseUntil],
        taken.map(({ id }) => id),
      );
      return taken.map((row) => ({ ...row, leaseUntil, attempts: row.attempts + 1 }));
    });
  }

  sent(ids: readonly number[], at: number): Promise<void> {
    return this.change('sent_at = ?, due_at = NULL, lease_until = 0, failure = NULL, failed_at = NULL', [at], ids);
  }

  failed(ids: readonly number[], failure: Failure, dueAt: number | null, at: number): Promise<void> {
    return this.change(
      'failure = ?, failed_at = ?, due_at = ?, lease_until = 0',
      [failureText(failure), at, dueAt],
      ids,
    );
  }

  async state({ channel, id }: Recipient): Promise<ChannelState> {
    const column = COLUMN[channel];
    const [sums] = await selectRows<{ waiting: number | string; givenUp: number | string; lastSentAt: number | null }>(
      this.unit.entities,
      `SELECT SUM(CASE WHEN due_at IS NULL THEN 0 ELSE 1 END) AS waiting,
         SUM(CASE WHEN due_at IS NULL AND sent_at IS NULL THEN 1 ELSE 0 END) AS givenUp, MAX(sent_at) AS lastSentAt
       FROM notice_deliveries WHERE ${column} = ?`,
      [id],
    );
    const lastSentAt = sums?.lastSentAt ?? null;
    const [last] = await selectRows<{ failure: string | null; failedAt: number }>(
      this.unit.entities,
      `SELECT failure AS failure, failed_at AS failedAt FROM notice_deliveries
       WHERE ${column} = ? AND failed_at > ? ORDER BY failed_at DESC, id DESC LIMIT 1`,
      [id, lastSentAt ?? 0],
    );
    return {
      waiting: Number(sums?.waiting ?? 0),
      givenUp: Number(sums?.givenUp ?? 0),
      lastSentAt,
      failure: failureOf(last?.failure ?? null),
      failedAt: last?.failedAt ?? null,
    };
  }

  /** On MySQL a read inside a transaction locks nothing by itself. */
  private get locked(): string {
    return this.unit.isSqlite ? '' : 'FOR UPDATE';
  }

  private async rows(where: string, parameters: readonly unknown[]): Promise<Delivery[]> {
    return (await selectRows<DeliveryRow>(this.unit.entities, `${SELECTED} ${where}`, parameters)).map(deliveryOf);
  }

  private async change(sets: string, values: readonly unknown[], ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.unit.run(() =>
      affectedRows(this.unit.entities, `UPDATE notice_deliveries SET ${sets} WHERE id IN (${marks(ids)})`, [
        ...values,
        ...ids,
      ]),
    );
  }
}
