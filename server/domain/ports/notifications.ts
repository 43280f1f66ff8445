import type { Failure } from '../failure';
import type { Page, PageRequest } from '../page';

export const NOTIFICATION_KINDS = [
  'circuit_open',
  'mass_zero',
  'source_silent',
  /** Levels that calls only named wait to be read for too long. */
  'levels_unread',
  /** A flow started late, or could not. */
  'flow_missed',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** What a notification is about; at most one of each is open. */
export interface NotificationSubject {
  readonly kind: NotificationKind;
  readonly shopId: number | null;
  readonly sourceId?: number | null;
}

/** Something an owner wants to hear of, once, and once more when it has healed. */
export interface Notification {
  readonly id: number;
  readonly kind: NotificationKind;
  readonly shopId: number | null;
  readonly shopName: string | null;
  readonly sourceId: number | null;
  readonly failure: Failure | null;
  readonly raisedAt: number;
  readonly healedAt: number | null;
}

export interface NotificationStore {
  /** One notification for as long as the trouble lasts: raising it again only keeps the newest cause. */
  raise(what: NotificationSubject & { readonly failure: Failure | null }, at: number): Promise<void>;
  heal(what: NotificationSubject, at: number): Promise<void>;
  isOpen(kind: NotificationKind): Promise<boolean>;
  /** Heals those of this kind that are about another shop than these. */
  healOthers(kind: NotificationKind, shopIds: readonly number[], at: number): Promise<void>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Notification>>;
}
