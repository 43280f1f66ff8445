import { NOTIFICATION_KINDS, type NotificationKind } from '../domain/notice';
import { noticeLanguage } from '../domain/notice-words';
import { FLAPPING_MS, type MailChoice, mailChoice, mailDueAt, type NoticePreferences } from '../domain/notice-timing';
import type { Clock } from '../domain/ports/clock';
import {
  type ChannelState,
  isSameRecipient,
  type Listener,
  type NoticeDeliveryStore,
  type NoticePreferenceStore,
  type NoticeWebhook,
  type NoticeWebhookCalls,
  type NoticeWebhookStore,
} from '../domain/ports/notice-deliveries';
import type { NotificationStore } from '../domain/ports/notifications';
import type { OutgoingMail } from '../domain/ports/outgoing-mail';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { Tokens } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';
import { composeTestMail } from './compose-notice-mail';
import { testEvent } from './deliver-notices';

export interface KeepNoticeSettingsPorts {
  readonly unit: UnitOfWork;
  readonly preferences: NoticePreferenceStore;
  readonly deliveries: Pick<NoticeDeliveryStore, 'waitingFor' | 'lastTold' | 'plan' | 'remove' | 'state'>;
  readonly notifications: Pick<NotificationStore, 'find'>;
  readonly webhooks: NoticeWebhookStore;
  readonly mail: OutgoingMail;
  readonly calls: NoticeWebhookCalls;
  readonly panelUrl: string;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

export interface NoticeSettings {
  readonly email: string;
  readonly mailIsConfigured: boolean;
  readonly mailState: ChannelState;
  readonly preferences: NoticePreferences;
  /** What counts for each kind, said or not. */
  readonly mail: readonly { readonly kind: NotificationKind; readonly choice: MailChoice }[];
}

export interface ListedNoticeWebhook extends NoticeWebhook {
  readonly state: ChannelState;
}

/** Who hears of what: each for themselves by e-mail, programs by webhook. */
export class KeepNoticeSettings {
  constructor(private readonly ports: KeepNoticeSettingsPorts) {}

  async read(userId: number | null): Promise<NoticeSettings> {
    const { deliveries, mail } = this.ports;
    const person = await this.person(userId);
    const { email, role, preferences } = person;
    return {
      email,
      mailIsConfigured: mail.isConfigured(),
      mailState: await deliveries.state({ channel: 'email', id: person.userId }),
      preferences,
      mail: NOTIFICATION_KINDS.map((kind) => ({ kind, choice: mailChoice(kind, preferences, role) })),
    };
  }

  /** What waits to be told goes by the new wishes too. */
  async change(userId: number | null, patch: Partial<NoticePreferences>): Promise<NoticeSettings> {
    const { unit, preferences, clock } = this.ports;
    const person = await this.person(userId);
    const wanted = { ...person.preferences, ...patch };
    const wishes = { ...wanted, mail: { ...person.preferences.mail, ...patch.mail } };
    await unit.run(async () => {
      await preferences.save(person.userId, wishes, clock.now());
      await this.planAnew({ ...person, preferences: wishes });
    });
    return this.read(person.userId);
  }

  /** Sends at once, and throws what the mail server says. */
  async testMail(userId: number | null): Promise<void> {
    const { mail, panelUrl } = this.ports;
    const { email, language, preferences } = await this.person(userId);
    if (!mail.isConfigured()) {
      throw new Refusal('conflict', 'No e-mail is sent: start the service with SMTP_URL to have it send.');
    }
    const reader = { language: noticeLanguage(language), timeZone: preferences.timeZone, panelUrl };
    await mail.send({ to: email, ...composeTestMail(reader) });
  }

  async listWebhooks(): Promise<readonly ListedNoticeWebhook[]> {
    const all = await this.ports.webhooks.list();
    return Promise.all(all.map((webhook) => this.withState(webhook)));
  }

  /** The secret is shown this once. */
  async addWebhook(url: string): Promise<ListedNoticeWebhook & { readonly secret: string }> {
    const { webhooks, tokens, clock } = this.ports;
    const secret = tokens.random();
    return { ...(await this.withState(await webhooks.create(url, secret, clock.now()))), secret };
  }

  async removeWebhook(id: number): Promise<void> {
    if (!(await this.ports.webhooks.remove(id))) throw notFound('webhook');
  }

  async testWebhook(id: number): Promise<void> {
    const { webhooks, calls, tokens, clock } = this.ports;
    const webhook = await webhooks.find(id);
    if (!webhook) throw notFound('webhook');
    await calls.post(webhook, testEvent(tokens.random(), clock.now()));
  }

  private async planAnew({ userId, role, preferences }: Listener): Promise<void> {
    const { deliveries, notifications, clock } = this.ports;
    const now = clock.now();
    const me = { channel: 'email', id: userId } as const;
    const waiting = (await deliveries.waitingFor(me)).filter(({ leaseUntil }) => leaseUntil <= now);
    const notices = await notifications.find(waiting.map(({ notificationId }) => notificationId));
    for (const { id, notificationId, message } of waiting) {
      const notice = notices.find((each) => each.id === notificationId);
      const told = notice && message === 'raised' ? await deliveries.lastTold(notice, now - FLAPPING_MS) : [];
      const lastTold = told.find(({ recipient }) => isSameRecipient(recipient, me))?.at ?? null;
      const dueAt = notice ? mailDueAt(notice.kind, preferences, role, now, lastTold) : null;
      if (dueAt === null) await deliveries.remove([id]);
      else await deliveries.plan(id, dueAt);
    }
  }

  private async withState(webhook: NoticeWebhook): Promise<ListedNoticeWebhook> {
    return { ...webhook, state: await this.ports.deliveries.state({ channel: 'webhook', id: webhook.id }) };
  }

  private async person(userId: number | null): Promise<Listener> {
    const person = userId === null ? null : await this.ports.preferences.listener(userId);
    if (!person) throw new Refusal('conflict', 'A token hears of nothing: log in as a person to choose.');
    return person;
  }
}
