import type { Failure } from '../failure';
import type { NotificationSubject } from '../notice';
import type { NoticePreferences } from '../notice-timing';
import type { Role } from './users';

/** Whom something is told: a person by e-mail, or a program by webhook. */
export type Recipient =
  { readonly channel: 'email'; readonly id: number } | { readonly channel: 'webhook'; readonly id: number };
export type NoticeChannel = Recipient['channel'];

export const isSameRecipient = (one: Recipient, other: Recipient): boolean =>
  one.channel === other.channel && one.id === other.id;

/** Somebody who is told by e-mail. */
export interface Listener {
  readonly userId: number;
  readonly email: string;
  readonly role: Role;
  readonly language: string;
  readonly preferences: NoticePreferences;
}

export interface DeliveryDraft {
  readonly recipient: Recipient;
  readonly notificationId: number;
  readonly message: 'raised' | 'healed';
  readonly dueAt: number;
}

/** One thing to be told to one recipient. */
export interface Delivery extends Omit<DeliveryDraft, 'dueAt'> {
  readonly id: number;
  /** null = sent, or given up. */
  readonly dueAt: number | null;
  readonly sentAt: number | null;
  /** Somebody is sending it until then at most. */
  readonly leaseUntil: number;
  readonly attempts: number;
  /** As it was planned, before anything failed. */
  readonly firstDueAt: number;
}

/** How the telling goes. */
export interface ChannelState {
  readonly waiting: number;
  readonly lastSentAt: number | null;
  /** The last try that failed, where none has come through since. */
  readonly failure: Failure | null;
  readonly failedAt: number | null;
  /** Of those kept: how many were given up. */
  readonly givenUp: number;
}

export interface NoticeDeliveryStore {
  add(drafts: readonly DeliveryDraft[]): Promise<void>;
  /** All that was, or is to be, told of a notification, oldest first; nobody else changes it until the unit of work ends. */
  of(notificationId: number): Promise<readonly Delivery[]>;
  /** What waits for one recipient. */
  waitingFor(recipient: Recipient): Promise<readonly Delivery[]>;
  /** Who was told that this was raised since then, and when. */
  lastTold(
    subject: NotificationSubject,
    since: number,
  ): Promise<readonly { readonly recipient: Recipient; readonly at: number }[]>;
  plan(id: number, dueAt: number): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  /**
   * The recipient whose turn is first, with all that is due to be told to them; of several processes one alone has it
   * until then. A program is told one thing at a time, in their order: what comes after one that failed waits for it.
   */
  take(channel: NoticeChannel, at: number, leaseUntil: number): Promise<readonly Delivery[]>;
  sent(ids: readonly number[], at: number): Promise<void>;
  /** `dueAt` null = given up. */
  failed(ids: readonly number[], failure: Failure, dueAt: number | null, at: number): Promise<void>;
  state(recipient: Recipient): Promise<ChannelState>;
}

export interface NoticePreferenceStore {
  /** Everybody who has an account. */
  listeners(): Promise<readonly Listener[]>;
  listener(userId: number): Promise<Listener | null>;
  save(userId: number, preferences: NoticePreferences, at: number): Promise<void>;
  /** Until when this person has seen the news; their account's begin at first. */
  readUntil(userId: number): Promise<number>;
  markRead(userId: number, until: number): Promise<void>;
}

export interface NoticeWebhook {
  readonly id: number;
  readonly url: string;
  readonly createdAt: number;
}

export interface NoticeWebhookStore {
  list(): Promise<readonly NoticeWebhook[]>;
  find(id: number): Promise<(NoticeWebhook & { readonly secret: string }) | null>;
  create(url: string, secret: string, at: number): Promise<NoticeWebhook>;
  remove(id: number): Promise<boolean>;
}

/** What a webhook is told. */
export interface NoticeEvent {
  /** The same for every try, so that the receiver can tell a repetition. */
  readonly id: string;
  readonly type: 'notice.raised' | 'notice.healed' | 'notice.test';
  readonly body: string;
}

export interface NoticeWebhookCalls {
  /** Throws FailureError unless the receiver answers 2xx. */
  post(to: { readonly url: string; readonly secret: string }, event: NoticeEvent): Promise<void>;
}
