import type { NotificationKind } from '../notice';

/** `{name}` is filled from what the notice is about and from its figures. */
export interface KindWords {
  readonly title: string;
  /** One sentence: what is so. */
  readonly cause: string;
  readonly cure: string;
  /** Where its link leads. */
  readonly place: string;
}

/** What frames the notices of an e-mail. */
export interface MailWords {
  readonly over: string;
  readonly overWhy: string;
  readonly several: string;
  readonly cure: string;
  readonly said: string;
  readonly since: string;
  readonly why: string;
  readonly settings: string;
  readonly testSubject: string;
  readonly testText: string;
}

export interface NoticeWords {
  readonly kinds: Readonly<Record<NotificationKind, KindWords>>;
  readonly mail: MailWords;
}
