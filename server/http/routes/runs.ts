import type { AskForRun } from '../../application/ask-for-run';
import type { KeepFlows } from '../../application/keep-flows';
import type { FlowRun, FlowRunStore } from '../../domain/ports/flow-runs';
import type { FlowStore } from '../../domain/ports/flows';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { instantOf, instantOrNull, showFlow, showRun, showRunLine, showRunNote } from '../presenters';
import { route, type Route } from '../route';
import { idParams, z } from '../schemas/common';
import * as runs from '../schemas/runs';
import { EXPORTED_AT_ONCE, mustBe, pageRequest } from './shared';

export interface RunRoutesOptions {
  readonly askForRun: AskForRun;
  readonly keepFlows: KeepFlows;
  readonly runStore: FlowRunStore;
  readonly flowStore: FlowStore;
}

const RUN_COLUMNS: Columns<FlowRun> = {
  id: ({ id }) => id,
  connection_id: ({ connectionId }) => connectionId,
  kind: ({ kind }) => kind,
  started_by: ({ startedBy }) => startedBy,
  by: ({ askedBy }) => askedBy,
  status: ({ status }) => status,
  done: ({ done }) => done,
  total: ({ total }) => total,
  counts: ({ counts }) =>
    Object.entries(counts)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join('; '),
  asked_at: ({ askedAt }) => instantOf(askedAt),
  started_at: ({ startedAt }) => instantOrNull(startedAt),
  finished_at: ({ finishedAt }) => instantOrNull(finishedAt),
};

const RUN_LINE_COLUMNS: Columns<ReturnType<typeof showRunLine>> = {
  line: ({ line }) => line + 1,
  code: ({ code }) => code,
  barcode: ({ barcode }) => barcode,
  name: ({ name }) => name,
  warehouse: ({ warehouse }) => warehouse,
  quantity: ({ quantity }) => quantity,
  before: ({ before }) => before,
  wanted: ({ wanted }) => wanted,
  after: ({ after }) => after,
  outcome: ({ outcome }) => outcome,
  why: ({ failure, refusal }) => failure?.cause ?? refusal,
  reason: ({ reason }) => reason?.text ?? null,
};

export function runRoutes({ askForRun, keepFlows, runStore, flowStore }: RunRoutesOptions): Route[] {
  const start = (kind: 'pull' | 'check', path: string, summary: string): Route =>
    route({
      method: 'post',
      path,
      tag: 'Runs',
      summary,
      access: 'operator',
      params: idParams,
      status: 202,
      answer: runs.runStarted,
      handle: async ({ params, caller }) => {
        const run = await askForRun.start(params.id, kind, { person: mustBe(caller, 'session').name });
        return { runId: run.id };
      },
    });
  return [
    start('pull', '/connections/{id}/pull', 'Read every level the source holds, and bring the shop in step'),
    route({
      method: 'post',
      path: '/connections/{id}/pull-file',
      tag: 'Runs',
      summary: 'A pull whose levels come from this file, CSV or JSON, by the columns in the source’s settings',
      access: 'operator',
      params: idParams,
      body: runs.pullFileInput,
      status: 202,
      answer: runs.runStarted,
      handle: async ({ params, body, caller }) => {
        const file = { contentType: body.contentType ?? null, body: new TextEncoder().encode(body.text) };
        const run = await askForRun.startWithFile(params.id, file, mustBe(caller, 'session').name);
        return { runId: run.id };
      },
    }),
    start('check', '/connections/{id}/check', 'Compare every item with the shop, and bring right what differs'),
    csvRoute({
      path: '/runs.csv',
      tag: 'Runs',
      summary: 'Runs, as a file',
      query: z.strictObject({ connectionId: z.coerce.number().int().positive().optional() }),
      name: () => 'runs',
      columns: RUN_COLUMNS,
      pages: ({ query }) =>
        pagesOf((cursor) =>
          runStore.list({ connectionId: query.connectionId ?? null }, { limit: EXPORTED_AT_ONCE, cursor }),
        ),
    }),
    csvRoute({
      path: '/runs/{id}/lines.csv',
      tag: 'Runs',
      summary: 'What a run did line by line, as a file',
      params: idParams,
      name: ({ params }) => `run-${params.id}`,
      columns: RUN_LINE_COLUMNS,
      pages: async function* ({ params }) {
        const { id } = mustBe(await runStore.find(params.id), 'run');
        for (let after = -1; ;) {
          const lines = await runStore.lines(id, after, EXPORTED_AT_ONCE);
          const last = lines.at(-1);
          if (last === undefined) return;
          yield lines.map(showRunLine);
          after = last.lineNo;
        }
      },
    }),
    route({
      method: 'get',
      path: '/runs',
      tag: 'Runs',
      summary: 'Runs, the newest first',
      access: 'viewer',
      query: runs.runsQuery,
      status: 200,
      answer: runs.runPage,
      handle: async ({ query }) => {
        const found = await runStore.list({ connectionId: query.connectionId ?? null }, pageRequest(query));
        return { data: found.data.map(showRun), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/runs/{id}',
      tag: 'Runs',
      summary: 'One run: how far it is, and what became of its lines',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: runs.run,
      handle: async ({ params }) => showRun(mustBe(await runStore.find(params.id), 'run')),
    }),
    route({
      method: 'get',
      path: '/runs/{id}/lines',
      tag: 'Runs',
      summary: 'Every line of a run',
      access: 'viewer',
      params: idParams,
      query: runs.runLinesQuery,
      status: 200,
      answer: runs.runLinePage,
      handle: async ({ params, query }) => {
        mustBe(await runStore.find(params.id), 'run');
        const { limit, cursor } = pageRequest(query);
        const after = cursor === null ? -1 : Number(cursor);
        const lines =
          query.only === 'unequal'
            ? await runStore.unequalLines(params.id, after, limit + 1)
            : await runStore.lines(params.id, after, limit + 1);
        const shown = lines.slice(0, limit);
        const last = shown.at(-1);
        return {
          data: shown.map(showRunLine),
          nextCursor: lines.length > limit && last ? String(last.lineNo) : null,
        };
      },
    }),
    route({
      method: 'get',
      path: '/runs/{id}/log',
      tag: 'Runs',
      summary: 'What happened in a run, step by step',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: runs.runNotes,
      handle: async ({ params }) => {
        mustBe(await runStore.find(params.id), 'run');
        return { data: (await runStore.notes(params.id)).map(showRunNote) };
      },
    }),
    route({
      method: 'post',
      path: '/runs/{id}/cancel',
      tag: 'Runs',
      summary: 'Stop a run; what it has stored stays stored',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: runs.run,
      handle: async ({ params }) => showRun(await askForRun.cancel(params.id)),
    }),
    route({
      method: 'post',
      path: '/runs/{id}/release',
      tag: 'Runs',
      summary: 'Let a run go on that paused and asked',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: runs.run,
      handle: async ({ params }) => showRun(await askForRun.release(params.id)),
    }),
    route({
      method: 'post',
      path: '/runs/{id}/undo',
      tag: 'Runs',
      summary: 'Give back what a run changed, where the shop still shows it; held until the source says something new',
      access: 'operator',
      params: idParams,
      status: 202,
      answer: runs.runStarted,
      handle: async ({ params, caller }) => {
        const run = await askForRun.undo(params.id, mustBe(caller, 'session').name);
        return { runId: run.id };
      },
    }),
    route({
      method: 'get',
      path: '/flows',
      tag: 'Flows',
      summary: 'What starts by itself, and when',
      access: 'viewer',
      query: runs.flowsQuery,
      status: 200,
      answer: runs.flows,
      handle: async ({ query }) => ({ data: (await flowStore.list(query.connectionId ?? null)).map(showFlow) }),
    }),
    route({
      method: 'patch',
      path: '/flows/{id}',
      tag: 'Flows',
      summary: 'Switch a flow on or off, or change when it starts',
      access: 'owner',
      params: idParams,
      body: runs.flowPatch,
      status: 200,
      answer: runs.flow,
      handle: async ({ params, body }) => showFlow(await keepFlows.change(params.id, body)),
    }),
    route({
      method: 'post',
      path: '/flows/{id}/run',
      tag: 'Flows',
      summary: 'Run now; refused while a run of the connection is under way',
      access: 'operator',
      params: idParams,
      status: 202,
      answer: runs.runStarted,
      handle: async ({ params, caller }) => ({
        runId: await keepFlows.runNow(params.id, mustBe(caller, 'session').name),
      }),
    }),
  ];
}
