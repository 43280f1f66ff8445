import { createRouter, createWebHistory, type RouterHistory, type RouteRecordRaw } from 'vue-router';
import type { Role } from './api/session';
import { SETTINGS_TABS } from './components/settings/settings-tabs';
import { mayAct } from './composables/useRole';
import { useSession } from './stores/session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Reachable without a session. */
    readonly public?: boolean;
    /** The least role that finds anything there. */
    readonly least?: Role;
  }
}

/** What the header, which stays in sight, would cover. */
const BELOW_HEADER_PX = 80;

const routes: RouteRecordRaw[] = [
  { path: '/login', name: 'login', meta: { public: true }, component: () => import('./pages/LoginPage.vue') },
  {
    path: '/setup',
    name: 'first-owner',
    meta: { public: true },
    component: () => import('./pages/FirstOwnerPage.vue'),
  },
  { path: '/join', name: 'join', meta: { public: true }, component: () => import('./pages/JoinPage.vue') },
  { path: '/enrol', name: 'enrol', component: () => import('./pages/EnrolPage.vue') },
  {
    path: '/settings',
    component: () => import('./pages/SettingsPage.vue'),
    children: [
      { path: '', name: 'settings', redirect: { name: 'settings-account' } },
      ...SETTINGS_TABS.map(({ path, name, least, page }) => ({ path, name, meta: { least }, component: page })),
    ],
  },
  { path: '/', name: 'overview', component: () => import('./pages/OverviewPage.vue') },
  { path: '/products', name: 'products', component: () => import('./pages/ProductsPage.vue') },
  { path: '/problems', name: 'problems', component: () => import('./pages/ProblemsPage.vue') },
  { path: '/match', name: 'match', component: () => import('./pages/MatchPage.vue') },
  { path: '/orders', name: 'orders', component: () => import('./pages/OrdersPage.vue') },
  { path: '/pushes', name: 'pushes', component: () => import('./pages/PushesPage.vue') },
  { path: '/pushes/:id(\\d+)', name: 'push', component: () => import('./pages/PushPage.vue') },
  { path: '/runs', name: 'runs', component: () => import('./pages/RunsPage.vue') },
  { path: '/runs/:id(\\d+)', name: 'run', component: () => import('./pages/RunPage.vue') },
  { path: '/notices', name: 'notices', component: () => import('./pages/NoticesPage.vue') },
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
    meta: { least: 'owner' },
    component: () => import('./pages/FieldMappingPage.vue'),
  },
  { path: '/wizard', name: 'wizard', meta: { least: 'owner' }, component: () => import('./pages/WizardPage.vue') },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
];

export function createPanelRouter(history: RouterHistory = createWebHistory()) {
  const router = createRouter({
    history,
    routes,
    scrollBehavior: (to, from, saved) => {
      if (saved) return saved;
      if (to.path !== from.path) return { top: 0 };
      return to.hash === '' ? undefined : { el: to.hash, top: BELOW_HEADER_PX };
    },
  });
  router.beforeEach(async (to) => {
    if (to.meta.public === true) return true;
    const session = useSession();
    await session.load();
    // When the server could not be asked, the frame says so and offers to try again.
    if (session.isOut) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
    if (session.mustEnrol && to.name !== 'enrol') return { name: 'enrol', query: { next: to.fullPath } };
    const { least } = to.meta;
    if (least !== undefined && session.user && !mayAct(session.user.role, least)) {
      return to.path.startsWith('/settings') ? { name: 'settings' } : { name: 'overview' };
    }
    return true;
  });
  return router;
}
