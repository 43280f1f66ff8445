import { asFailure, type Failure } from '../domain/failure';
import { noticePath, stopsWork } from '../domain/notice';
import { noticeLanguage, toldToPrograms } from '../domain/notice-words';
import type { Clock } from '../domain/ports/clock';
import {
  type Delivery,
  isSameRecipient,
  type NoticeChannel,
  type NoticeDeliveryStore,
  type NoticeEvent,
  type NoticePreferenceStore,
  type NoticeWebhookCalls,
  type NoticeWebhookStore,
} from '../domain/ports/notice-deliveries';
import type { Notification, NotificationStore } from '../domain/ports/notifications';
import type { OutgoingMail } from '../domain/ports/outgoing-mail';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { backoffMs } from '../domain/retry-policy';
import { composeNoticeMail } from './compose-notice-mail';

export interface DeliverNoticesPorts {
  readonly unit: UnitOfWork;
  readonly deliveries: NoticeDeliveryStore;
  readonly notifications: Pick<NotificationStore, 'find'>;
  readonly preferences: Pick<NoticePreferenceStore, 'listener'>;
  readonly webhooks: Pick<NoticeWebhookStore, 'find'>;
  readonly mail: OutgoingMail;
  readonly calls: NoticeWebhookCalls;
  /** Where the panel is. */
  readonly panelUrl: string;
  /** Of this installation: an id that no other's notices bear. */
  readonly installation: string;
  readonly clock: Clock;
  readonly chance: () => number;
}

/** Longer than any attempt: a process that is gone is taken over from. */
const LEASE_MS = 120_000;
/** What cannot be told for so long is given up, after a few tries at least. */
const MOST_TRYING_MS = 24 * 60 * 60_000;
const FEWEST_ATTEMPTS = 5;

/** Tells people and programs what is due to be told. At least once: a crash between sending and noting it repeats. */
export class DeliverNotices {
  constructor(private readonly ports: DeliverNoticesPorts) {}

  /** True when there was something to tell. */
  async step(channel: NoticeChannel): Promise<boolean> {
    const { deliveries, notifications, clock } = this.ports;
    const taken = await deliveries.take(channel, clock.now(), clock.now() + LEASE_MS);
    if (taken.length === 0) return false;
    try {
      const notices = await notifications.find([...new Set(taken.map(({ notificationId }) => notificationId))]);
      await (channel === 'email' ? this.mail(taken, notices) : this.call(taken, notices));
    } catch (thrown) {
      await this.afterFailure(taken, asFailure(thrown));
      return true;
    }
    await deliveries.sent(
      taken.map(({ id }) => id),
      clock.now(),
    );
    return true;
  }

  private async mail(taken: readonly Delivery[], notices: readonly Notification[]): Promise<void> {
    const { preferences, mail, panelUrl } = this.ports;
    const to = await preferences.listener(taken[0]?.recipient.id ?? 0);
    const told = withNotices(taken, notices);
    if (!to || told.length === 0) return;
    const language = noticeLanguage(to.language);
    const { timeZone } = to.preferences;
    await mail.send({ to: to.email, ...composeNoticeMail(told, { language, timeZone, panelUrl }) });
  }

  private async call(taken: readonly Delivery[], notices: readonly Notification[]): Promise<void> {
    const { webhooks, calls, clock } = this.ports;
    const to = await webhooks.find(taken[0]?.recipient.id ?? 0);
    if (!to) return;
    for (const { delivery, notice } of withNotices(taken, notices)) {
      await calls.post(to, this.eventOf(delivery, notice, clock.now()));
    }
  }

  private eventOf({ id, message }: Delivery, notice: Notification, at: number): NoticeEvent {
    const { panelUrl, installation } = this.ports;
    const eventId = `${installation}-${id}`;
    const type = message === 'healed' ? ('notice.healed' as const) : ('notice.raised' as const);
    return {
      id: eventId,
      type,
      body: JSON.stringify({ id: eventId, type, at: iso(at), notice: show(notice, panelUrl) }),
    };
  }

  private async afterFailure(taken: readonly Delivery[], why: Failure): Promise<void> {
    const { unit, deliveries, notifications, clock, chance } = this.ports;
    const now = clock.now();
    await unit.run(async () => {
      const notices = await notifications.find(taken.map(({ notificationId }) => notificationId));
      for (const delivery of taken) {
        const { id, recipient, notificationId, message, attempts, firstDueAt } = delivery;
        // Gone before it could be told: neither its begin nor its end is news any more.
        if (message === 'raised' && notices.find((each) => each.id === notificationId)?.healedAt != null) {
          const rest = (await deliveries.of(notificationId)).filter(
            (each) => each.dueAt !== null && isSameRecipient(each.recipient, recipient),
          );
          await deliveries.remove([id, ...rest.map((each) => each.id)]);
          continue;
        }
        const dueAt = now + backoffMs(attempts, chance());
        const isOver = attempts >= FEWEST_ATTEMPTS && dueAt > firstDueAt + MOST_TRYING_MS;
        await deliveries.failed([id], why, isOver ? null : dueAt, now);
      }
    });
  }
}

const iso = (at: number): string => new Date(at).toISOString();

const withNotices = (taken: readonly Delivery[], notices: readonly Notification[]) =>
  taken.flatMap((delivery) => {
    const notice = notices.find(({ id }) => id === delivery.notificationId);
    return notice ? [{ delivery, notice, message: delivery.message }] : [];
  });

function show(notice: Notification, panelUrl: string) {
  const { id, kind, shopId, shopName, sourceId, sourceName, connectionId, params, raisedAt, healedAt } = notice;
  const why = notice.failure;
  return {
    id,
    kind,
    stopsWork: stopsWork(kind),
    ...toldToPrograms(notice),
    url: panelUrl + noticePath(notice),
    shop: shopId === null ? null : { id: shopId, name: shopName },
    source: sourceId === null ? null : { id: sourceId, name: sourceName },
    connectionId,
    failure: why && { code: why.code, params: why.params },
    params,
    raisedAt: iso(raisedAt),
    healedAt: healedAt === null ? null : iso(healedAt),
  };
}

/** What a webhook is called with when somebody tries it. */
export const testEvent = (id: string, at: number): NoticeEvent => ({
  id,
  type: 'notice.test',
  body: JSON.stringify({ id, type: 'notice.test', at: iso(at), notice: null }),
});
