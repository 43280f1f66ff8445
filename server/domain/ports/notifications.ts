import type { Failure } from '../failure';
import type { Page, PageRequest } from '../page';

export type NotificationKind = 'circuit_open';

/** Something an owner wants to hear of, once, and once more when it has healed. */
export interface Notification {
  readonly id: number;
  readonly kind: NotificationKind;
  readonly shopId: number | null;
  readonly shopName: string | null;
  readonly failure: Failure | null;
  readonly raisedAt: number;
  readonly healedAt: number | null;
}

export interface NotificationStore {
  /** One notification for as long as the trouble lasts: raising it again only keeps the newest cause. */
  raise(
    what: { readonly kind: NotificationKind; readonly shopId: number | null; readonly failure: Failure | null },
    at: number,
  ): Promise<void>;
  heal(what: { readonly kind: NotificationKind; readonly shopId: number | null }, at: number): Promise<void>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Notification>>;
}
