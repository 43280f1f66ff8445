import type { GroupProblems } from '../../application/group-problems';
import { type Columns, csvRoute } from '../csv';
import { showProblem } from '../presenters';
import { route, type Route } from '../route';
import * as problems from '../schemas/problems';
import { mustBe } from './shared';

export interface ProblemRoutesOptions {
  readonly groupProblems: GroupProblems;
}

const PROBLEM_COLUMNS: Columns<ReturnType<typeof showProblem>> = {
  about: ({ about }) => about,
  connection_id: ({ connectionId }) => connectionId,
  shop_id: ({ shopId }) => shopId,
  source_id: ({ sourceId }) => sourceId,
  failure: ({ failure }) => failure?.code ?? null,
  cause: ({ says }) => says,
  proof: ({ failure }) => failure?.proof ?? null,
  cure: ({ cure }) => cure,
  asks: ({ asks }) => asks,
  products: ({ count }) => count,
  tried_again: ({ waiting }) => waiting,
  since: ({ since }) => since,
  healed_at: ({ healedAt }) => healedAt,
};

export function problemRoutes({ groupProblems }: ProblemRoutesOptions): Route[] {
  return [
    csvRoute({
      path: '/problems.csv',
      tag: 'Problems',
      summary: 'What is wrong by its cause, as a file',
      name: () => 'problems',
      columns: PROBLEM_COLUMNS,
      pages: async function* () {
        yield (await groupProblems.list()).map(showProblem);
      },
    }),
    route({
      method: 'get',
      path: '/problems',
      tag: 'Problems',
      summary: 'What is wrong, once for each cause, and what healed within a day',
      access: 'viewer',
      status: 200,
      answer: problems.problemList,
      handle: async () => ({ data: (await groupProblems.list()).map(showProblem) }),
    }),
    route({
      method: 'post',
      path: '/problems/{key}/retry',
      tag: 'Problems',
      summary: 'Try everything of this cause once more',
      access: 'operator',
      params: problems.problemParams,
      status: 200,
      answer: problems.problemRetry,
      handle: async ({ params, caller }) => ({
        affected: await groupProblems.retry(params.key, mustBe(caller, 'session').name),
      }),
    }),
  ];
}
