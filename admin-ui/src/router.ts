import { createRouter, createWebHistory, type RouterHistory, type RouteRecordRaw } from 'vue-router';
import { useSession } from './stores/session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Reachable without a session. */
    readonly public?: boolean;
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/login', name: 'login', meta: { public: true }, component: () => import('./pages/LoginPage.vue') },
  {
    path: '/setup',
    name: 'first-owner',
    meta: { public: true },
    component: () => import('./pages/FirstOwnerPage.vue'),
  },
  { path: '/', name: 'overview', component: () => import('./pages/OverviewPage.vue') },
  { path: '/products', name: 'products', component: () => import('./pages/ProductsPage.vue') },
  { path: '/match', name: 'match', component: () => import('./pages/MatchPage.vue') },
  { path: '/pushes', name: 'pushes', component: () => import('./pages/PushesPage.vue') },
  { path: '/pushes/:id(\\d+)', name: 'push', component: () => import('./pages/PushPage.vue') },
  { path: '/runs', name: 'runs', component: () => import('./pages/RunsPage.vue') },
  { path: '/runs/:id(\\d+)', name: 'run', component: () => import('./pages/RunPage.vue') },
  { path: '/connections', name: 'connections', component: () => import('./pages/ConnectionsPage.vue') },
  {
    path: '/connections/:id(\\d+)/mappings',
    name: 'mappings',
    component: () => import('./pages/MappingsPage.vue'),
  },
  {
    path: '/connections/:id(\\d+)/go-live',
    name: 'go-live',
    component: () => import('./pages/GoLivePage.vue'),
  },
  {
    path: '/sources/:id(\\d+)/fields',
    name: 'field-mapping',
    component: () => import('./pages/FieldMappingPage.vue'),
  },
  { path: '/wizard', name: 'wizard', component: () => import('./pages/WizardPage.vue') },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
];

export function createPanelRouter(history: RouterHistory = createWebHistory()) {
  const router = createRouter({
    history,
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  });
  router.beforeEach(async (to) => {
    if (to.meta.public === true) return true;
    const session = useSession();
    await session.load();
    // When the server could not be asked, the frame says so and offers to try again.
    if (!session.isOut) return true;
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
  });
  return router;
}
