import type { NotificationStore } from '../../domain/ports/notifications';
import { showNotification } from '../presenters';
import { route, type Route } from '../route';
import { page } from '../schemas/common';
import { notification } from '../schemas/notifications';
import { listQuery, pageRequest } from './shared';

export interface NotificationRoutesOptions {
  readonly notificationStore: NotificationStore;
}

export function notificationRoutes({ notificationStore }: NotificationRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/notifications',
      tag: 'Notifications',
      summary: 'What stopped, and when it was whole again; newest first',
      access: 'viewer',
      query: listQuery,
      status: 200,
      answer: page(notification),
      handle: async ({ query }) => {
        const found = await notificationStore.list(pageRequest(query));
        return { data: found.data.map(showNotification), nextCursor: found.nextCursor };
      },
    }),
  ];
}
