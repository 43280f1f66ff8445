/** What people are told of; each kind has words in every language (notice-words). */
export const NOTIFICATION_KINDS = [
  'circuit_open',
  'mass_zero',
  /** A run stopped by itself before it changed anything, and asks a person. */
  'run_paused',
  'run_failed',
  'source_silent',
  /** Levels that calls only named wait to be read for too long. */
  'levels_unread',
  /** A flow started late, or could not. */
  'flow_missed',
  /** Products of a connection that found no product of the shop, or several. */
  'products_unmatched',
  /** Products of a connection that are in error for one cause. */
  'products_failed',
  /** The source of a connection has not heard of a web order for very long. */
  'orders_unseen',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

const STOPPING: readonly NotificationKind[] = ['circuit_open', 'mass_zero', 'run_paused'];

/** Until somebody looks, nothing goes on: told at once. The rest can wait for a digest. */
export const stopsWork = (kind: NotificationKind): boolean => STOPPING.includes(kind);

/** One of these is told a day: it opens again, and is news again when it has grown since the day before. */
export const isDaily = (kind: NotificationKind): boolean => kind === 'products_unmatched';

/** What a notification is about; at most one of each is open. */
export interface NotificationSubject {
  readonly kind: NotificationKind;
  readonly shopId: number | null;
  readonly sourceId?: number | null;
  readonly connectionId?: number | null;
  /** What tells several of one kind apart: the failure of the products, the kind of the run. */
  readonly cause?: string | null;
}

export const subjectKey = ({ kind, shopId, sourceId, connectionId, cause }: NotificationSubject): string =>
  [kind, shopId ?? '', sourceId ?? '', connectionId ?? '', cause ?? ''].join('/');

export type NoticeParams = Readonly<Record<string, string | number>>;

/** The page of the panel where the trouble itself is seen. */
export function noticePath(
  notice: Pick<NotificationSubject, 'kind' | 'connectionId'> & { readonly params: NoticeParams },
): string {
  const { connectionId, params } = notice;
  const of = (connectionId ?? null) === null ? '' : `connection=${connectionId}`;
  switch (notice.kind) {
    case 'circuit_open':
    case 'source_silent':
    case 'levels_unread':
      return '/connections';
    case 'mass_zero':
      return '/products?status=failed';
    case 'products_failed':
      return `/products?${of}&status=failed`;
    case 'orders_unseen':
      return `/orders?${of}&state=open`;
    case 'products_unmatched':
      return `/match?${of}`;
    case 'run_paused':
    case 'run_failed':
      return `/runs/${params['run'] ?? ''}`;
    case 'flow_missed':
      return of === '' ? '/runs' : `/runs?${of}`;
  }
}
