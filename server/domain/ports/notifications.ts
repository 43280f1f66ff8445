import type { Failure } from '../failure';
import type { NoticeParams, NotificationKind, NotificationSubject } from '../notice';
import type { Page, PageRequest } from '../page';

/** Something people want to hear of, once, and once more when it has healed. */
export interface Notification {
  readonly id: number;
  readonly kind: NotificationKind;
  readonly shopId: number | null;
  readonly shopName: string | null;
  readonly sourceId: number | null;
  readonly sourceName: string | null;
  readonly connectionId: number | null;
  readonly cause: string | null;
  /** Figures of the whole: how many products (`n`), which run (`run`). */
  readonly params: NoticeParams;
  readonly failure: Failure | null;
  readonly raisedAt: number;
  readonly healedAt: number | null;
  /** When there was last something new to tell: raised, grown, healed. */
  readonly newsAt: number;
}

export interface RaisedNotice extends NotificationSubject {
  readonly failure: Failure | null;
  readonly params?: NoticeParams;
}

/** What whoever notices trouble, or its end, says. */
export interface Notices {
  /** One notification for as long as the trouble lasts: raising it again only keeps the newest cause. */
  raise(what: RaisedNotice, at: number): Promise<unknown>;
  heal(what: NotificationSubject, at: number): Promise<unknown>;
  /** Heals the open ones of this kind that are about something else than these. */
  healOthers(kind: NotificationKind, still: readonly NotificationSubject[], at: number): Promise<unknown>;
}

export interface NoticeFilter {
  readonly state: 'open' | 'healed' | null;
}

export interface NotificationStore extends Notices {
  /** `isNews` when people have to hear of it: it is new, open again, or has grown since the day before. */
  raise(what: RaisedNotice, at: number): Promise<{ readonly id: number; readonly isNews: boolean }>;
  /** Answers which have healed. */
  heal(what: NotificationSubject, at: number): Promise<readonly number[]>;
  healOthers(kind: NotificationKind, still: readonly NotificationSubject[], at: number): Promise<readonly number[]>;
  find(ids: readonly number[]): Promise<readonly Notification[]>;
  /** Newest first. */
  list(request: PageRequest, filter?: NoticeFilter): Promise<Page<Notification>>;
  /** How many last. */
  countOpen(): Promise<number>;
  /** How many have news since then. */
  countNews(since: number): Promise<number>;
  /** Those healed before go, and with them what was told of them. */
  removeBefore(before: number, limit: number): Promise<number>;
}
