import type { FailureCode } from '../failure';
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
  /** What is wrong with many products at once, as the panel says it of a cause. */
  readonly problems: Readonly<Partial<Record<FailureCode, string>>>;
  /** Of a cause that has no words of its own there. */
  readonly otherProblem: string;
  readonly mail: MailWords;
}
