import type { NoticePreferenceStore } from '../../domain/ports/notice-deliveries';
import { stopsWork } from '../../domain/notice';
import { toldToPrograms } from '../../domain/notice-words';
import type { Notification, NotificationStore } from '../../domain/ports/notifications';
import type { Clock } from '../../domain/ports/clock';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { instantOf, instantOrNull } from '../presenters';
import { type Caller, route, type Route } from '../route';
import { z } from '../schemas/common';
import { bell, notificationFilter, notificationPage, notificationQuery, readInput } from '../schemas/notifications';
import { showNotification } from '../show-notices';
import { EXPORTED_AT_ONCE, nothing, pageRequest } from './shared';

export interface NotificationRoutesOptions {
  readonly notificationStore: NotificationStore;
  readonly noticePreferenceStore: NoticePreferenceStore;
  readonly clock: Clock;
}

/** The bell is short; the page has the rest. */
const LASTING = 20;
const HEALED = 10;

const COLUMNS: Columns<Notification> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  stops_work: ({ kind }) => stopsWork(kind),
  shop_id: ({ shopId }) => shopId,
  shop: ({ shopName }) => shopName,
  source_id: ({ sourceId }) => sourceId,
  source: ({ sourceName }) => sourceName,
  connection_id: ({ connectionId }) => connectionId,
  title: (notice) => toldToPrograms(notice).title,
  failure: ({ failure }) => failure?.code ?? null,
  cause: (notice) => toldToPrograms(notice).cause,
  proof: ({ failure }) => failure?.proof ?? null,
  cure: (notice) => toldToPrograms(notice).cure,
  raised_at: ({ raisedAt }) => instantOf(raisedAt),
  healed_at: ({ healedAt }) => instantOrNull(healedAt),
};

export function notificationRoutes({
  notificationStore,
  noticePreferenceStore,
  clock,
}: NotificationRoutesOptions): Route[] {
  /** A token reads nothing: to it nothing is unread. */
  const readUntil = async (caller: Caller | null): Promise<number> =>
    caller?.userId == null ? clock.now() : noticePreferenceStore.readUntil(caller.userId);
  return [
    csvRoute({
      path: '/notifications.csv',
      tag: 'Notifications',
      summary: 'What people are told of, as a file',
      query: z.strictObject(notificationFilter),
      name: () => 'notices',
      columns: COLUMNS,
      pages: ({ query: { state = null } }) =>
        pagesOf((cursor) => notificationStore.list({ limit: EXPORTED_AT_ONCE, cursor }, { state })),
    }),
    route({
      method: 'get',
      path: '/notifications',
      tag: 'Notifications',
      summary: 'What people are told of, and when it was whole again; newest first',
      access: 'viewer',
      query: notificationQuery,
      status: 200,
      answer: notificationPage,
      handle: async ({ query, caller }) => {
        const found = await notificationStore.list(pageRequest(query), { state: query.state ?? null });
        return { data: found.data.map(showNotification(await readUntil(caller))), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/notifications/bell',
      tag: 'Notifications',
      summary: 'How much is unread, what lasts, and what has healed lately',
      access: 'viewer',
      status: 200,
      answer: bell,
      handle: async ({ caller }) => {
        const seen = await readUntil(caller);
        const latest = (state: 'open' | 'healed', limit: number) =>
          notificationStore.list({ limit, cursor: null }, { state });
        const lasting = await latest('open', LASTING);
        const healed = await latest('healed', HEALED);
        return {
          unread: await notificationStore.countNews(seen),
          open: await notificationStore.countOpen(),
          lasting: lasting.data.map(showNotification(seen)),
          healed: healed.data.map(showNotification(seen)),
        };
      },
    }),
    route({
      method: 'post',
      path: '/notifications/read',
      tag: 'Notifications',
      summary: 'The caller has seen the news up to this moment',
      audit: false,
      access: 'viewer',
      barsTokens: true,
      body: readInput,
      status: 204,
      answer: nothing,
      handle: async ({ body, caller }) => {
        if (caller?.userId == null) return;
        await noticePreferenceStore.markRead(caller.userId, Math.min(Date.parse(body.until), clock.now()));
      },
    }),
  ];
}
