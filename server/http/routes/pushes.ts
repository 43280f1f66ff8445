import type { AcceptStockPush } from '../../application/accept-stock-push';
import type { Push, PushFilter, PushLine, PushOutcome, PushStore } from '../../domain/ports/pushes';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { instantOf, showPush, showPushLine } from '../presenters';
import { route, type Route } from '../route';
import { idParams, z } from '../schemas/common';
import * as pushes from '../schemas/pushes';
import { EXPORTED_AT_ONCE, mustBe, pageRequest } from './shared';

export interface PushRecordRoutesOptions {
  readonly pushStore: PushStore;
  readonly acceptPush: AcceptStockPush;
}

const timeOf = (iso: string | undefined): number | null => (iso === undefined ? null : Date.parse(iso));

const filterOf = (given: {
  readonly sourceId?: number | undefined;
  readonly outcome?: PushOutcome | undefined;
  readonly from?: string | undefined;
  readonly before?: string | undefined;
}): PushFilter => ({
  sourceId: given.sourceId ?? null,
  outcome: given.outcome ?? null,
  from: timeOf(given.from),
  before: timeOf(given.before),
});

const PUSH_COLUMNS: Columns<Push> = {
  id: ({ id }) => id,
  source_id: ({ sourceId }) => sourceId,
  source: ({ sourceName }) => sourceName,
  received_at: ({ receivedAt }) => instantOf(receivedAt),
  says: ({ says }) => says,
  accepted: ({ accepted }) => accepted,
  rejected: ({ rejected }) => rejected,
  superseded: ({ superseded }) => superseded,
  not_chosen: ({ notChosen }) => notChosen,
  bytes: ({ bytes }) => bytes,
  replay_of: ({ replayOf }) => replayOf,
};

const LINE_COLUMNS: Columns<PushLine> = {
  line: ({ index }) => index + 1,
  code: ({ code }) => code,
  barcode: ({ barcode }) => barcode,
  name: ({ name }) => name,
  warehouse: ({ warehouse }) => warehouse,
  quantity: ({ quantity }) => quantity,
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason,
  message: ({ message }) => message,
};

export function pushRecordRoutes({ pushStore, acceptPush }: PushRecordRoutesOptions): Route[] {
  return [
    csvRoute({
      path: '/pushes.csv',
      tag: 'Pushes',
      summary: 'What came in, as a file',
      query: z.strictObject(pushes.pushesFilter),
      name: () => 'pushes',
      columns: PUSH_COLUMNS,
      pages: ({ query }) => pagesOf((cursor) => pushStore.list(filterOf(query), { limit: EXPORTED_AT_ONCE, cursor })),
    }),
    csvRoute({
      path: '/pushes/{id}/lines.csv',
      tag: 'Pushes',
      summary: 'What became of each line of a push, as a file',
      params: idParams,
      name: ({ params }) => `push-${params.id}`,
      columns: LINE_COLUMNS,
      pages: async function* ({ params }) {
        // As many as a push may have.
        yield await pushStore.lines(mustBe(await pushStore.find(params.id), 'push').id);
      },
    }),
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
        const found = await pushStore.list(filterOf(query), pageRequest(query));
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
