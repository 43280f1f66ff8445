import type { NotificationKind, NotificationSubject } from '../domain/notice';
import { FLAPPING_MS, mailDueAt } from '../domain/notice-timing';
import {
  type Delivery,
  type DeliveryDraft,
  isSameRecipient,
  type NoticeDeliveryStore,
  type NoticePreferenceStore,
  type NoticeWebhookStore,
  type Recipient,
} from '../domain/ports/notice-deliveries';
import type { Notices, NotificationStore, RaisedNotice } from '../domain/ports/notifications';
import type { OutgoingMail } from '../domain/ports/outgoing-mail';
import type { UnitOfWork } from '../domain/ports/unit-of-work';

export interface TellPeoplePorts {
  readonly unit: UnitOfWork;
  readonly notifications: Pick<NotificationStore, 'raise' | 'heal' | 'healOthers' | 'find'>;
  readonly deliveries: Pick<NoticeDeliveryStore, 'add' | 'of' | 'lastTold' | 'remove'>;
  readonly preferences: Pick<NoticePreferenceStore, 'listeners'>;
  readonly webhooks: Pick<NoticeWebhookStore, 'list'>;
  readonly mail: Pick<OutgoingMail, 'isConfigured'>;
}

const isWaiting = ({ dueAt, leaseUntil }: Delivery, at: number): boolean => dueAt !== null && leaseUntil <= at;
const wasTold = ({ sentAt, leaseUntil }: Delivery, at: number): boolean => sentAt !== null || leaseUntil > at;

/**
 * Raises and heals, and in the same transaction writes down who is to be told of it and when. Trouble that has gone
 * before it was told is not told at all.
 */
export class TellPeople implements Notices {
  constructor(private readonly ports: TellPeoplePorts) {}

  raise(what: RaisedNotice, at: number): Promise<void> {
    const { unit, notifications } = this.ports;
    return unit.run(async () => {
      const { id, isNews } = await notifications.raise(what, at);
      if (isNews) await this.planRaised(id, what, at);
    });
  }

  heal(what: NotificationSubject, at: number): Promise<void> {
    const { unit, notifications } = this.ports;
    return unit.run(async () => this.planHealed(await notifications.heal(what, at), at));
  }

  healOthers(kind: NotificationKind, still: readonly NotificationSubject[], at: number): Promise<void> {
    const { unit, notifications } = this.ports;
    return unit.run(async () => this.planHealed(await notifications.healOthers(kind, still, at), at));
  }

  private async planRaised(notificationId: number, subject: NotificationSubject, at: number): Promise<void> {
    const { deliveries } = this.ports;
    // It has opened again before its end was told, or grown before its begin was: nothing new to them.
    const waiting = (await deliveries.of(notificationId)).filter((each) => isWaiting(each, at));
    await deliveries.remove(waiting.flatMap(({ id, message }) => (message === 'healed' ? [id] : [])));
    const told = await deliveries.lastTold(subject, at - FLAPPING_MS);
    const lastTold = (to: Recipient): number | null =>
      told.find(({ recipient }) => isSameRecipient(recipient, to))?.at ?? null;
    const due = await this.dueTimes(subject.kind, at, lastTold);
    await deliveries.add(
      due
        .filter(({ recipient }) => !waiting.some((each) => isSameRecipient(each.recipient, recipient)))
        .map((each) => ({ ...each, notificationId, message: 'raised' as const })),
    );
  }

  private async planHealed(ids: readonly number[], at: number): Promise<void> {
    const { deliveries, notifications } = this.ports;
    for (const { id, kind } of await notifications.find(ids)) {
      const all = await deliveries.of(id);
      const untold = all.filter((each) => isWaiting(each, at));
      await deliveries.remove(untold.map((each) => each.id));
      const said = all.filter((each) => wasTold(each, at));
      const lastSaid = (to: Recipient) => said.findLast(({ recipient }) => isSameRecipient(recipient, to))?.message;
      const due = await this.dueTimes(kind, at, () => null);
      await deliveries.add(
        due
          .filter(({ recipient }) => lastSaid(recipient) === 'raised')
          .map((each) => ({ ...each, notificationId: id, message: 'healed' as const })),
      );
    }
  }

  private async dueTimes(
    kind: NotificationKind,
    at: number,
    lastTold: (to: Recipient) => number | null,
  ): Promise<readonly Pick<DeliveryDraft, 'recipient' | 'dueAt'>[]> {
    const { mail, preferences, webhooks } = this.ports;
    const people = mail.isConfigured() ? await preferences.listeners() : [];
    return [
      ...people.flatMap(({ userId, role, preferences: wants }) => {
        const recipient = { channel: 'email', id: userId } as const;
        const dueAt = mailDueAt(kind, wants, role, at, lastTold(recipient));
        return dueAt === null ? [] : [{ recipient, dueAt }];
      }),
      ...(await webhooks.list()).map(({ id }) => {
        const recipient = { channel: 'webhook', id } as const;
        return { recipient, dueAt: Math.max(at, (lastTold(recipient) ?? -FLAPPING_MS) + FLAPPING_MS) };
      }),
    ];
  }
}
