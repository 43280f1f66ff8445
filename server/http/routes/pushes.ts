import type { AcceptStockPush } from '../../application/accept-stock-push';
import type { PushStore } from '../../domain/ports/pushes';
import { showPush, showPushLine } from '../presenters';
import { route, type Route } from '../route';
import { idParams } from '../schemas/common';
import * as pushes from '../schemas/pushes';
import { mustBe, pageRequest } from './shared';

export interface PushRecordRoutesOptions {
  readonly pushStore: PushStore;
  readonly acceptPush: AcceptStockPush;
}

export function pushRecordRoutes({ pushStore, acceptPush }: PushRecordRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/pushes',
      tag: 'Pushes',
      summary: 'What came in, newest first',
      access: 'viewer',
      query: pushes.pushesQuery,
      status: 200,
      answer: pushes.pushPage,
      handle: async ({ query }) => {
        const found = await pushStore.list({ ...pageRequest(query), sourceId: query.sourceId ?? null });
        return { data: found.data.map(showPush), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/pushes/{id}',
      tag: 'Pushes',
      summary: 'One push: the raw body and the outcome of each line',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: pushes.pushDetail,
      handle: async ({ params }) => {
        const push = mustBe(await pushStore.find(params.id), 'push');
        return {
          ...showPush(push),
          contentType: push.contentType,
          rawBody: push.rawBody,
          lines: (await pushStore.lines(push.id)).map(showPushLine),
        };
      },
    }),
    route({
      method: 'post',
      path: '/pushes/{id}/replay',
      tag: 'Pushes',
      summary: 'Take a stored push in once more; it never undoes a newer level',
      access: 'operator',
      params: idParams,
      status: 202,
      answer: pushes.pushAnswer,
      handle: async ({ params }) => {
        const answer = await acceptPush.replay(params.id);
        return { ...answer, lines: [...answer.lines] };
      },
    }),
  ];
}
