import type { ViewOverview } from '../../application/view-overview';
import { showOverview } from '../presenters';
import { route, type Route } from '../route';
import * as overview from '../schemas/overview';

export interface OverviewRoutesOptions {
  readonly viewOverview: ViewOverview;
}

export function overviewRoutes({ viewOverview }: OverviewRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/overview',
      tag: 'Overview',
      summary: 'What waits and for how long, how old the proofs are, and what was done hour by hour',
      access: 'viewer',
      query: overview.overviewQuery,
      status: 200,
      answer: overview.overview,
      handle: async ({ query }) => showOverview(await viewOverview.view(query.hours)),
    }),
  ];
}
