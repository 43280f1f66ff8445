import type { RouteLocationNormalizedLoaded } from 'vue-router';

/** Where somebody wanted to go before they were asked to come in; only ever to a page of our own. */
export function destinationOf(route: RouteLocationNormalizedLoaded): string {
  const next = route.query['next'];
  return typeof next === 'string' && next.startsWith('/') && !next.startsWith('//') ? next : '/';
}
