import type { Component } from 'vue';
import type { Role } from '../../api/session';

interface SettingsTab {
  /** Under /settings. */
  readonly path: string;
  readonly name: string;
  /** The key of its words. */
  readonly label: string;
  /** The least role that sees it. */
  readonly least: Role;
  readonly page: () => Promise<Component>;
}

/** The settings, in the order of their tabs; each is a page of its own. */
export const SETTINGS_TABS: readonly SettingsTab[] = [
  {
    path: 'account',
    name: 'settings-account',
    label: 'account.tab',
    least: 'viewer',
    page: () => import('../../pages/settings/AccountPage.vue'),
  },
  {
    path: 'notifications',
    name: 'notification-settings',
    label: 'notify.title',
    least: 'viewer',
    page: () => import('../../pages/settings/NotificationsPage.vue'),
  },
  {
    path: 'people',
    name: 'settings-people',
    label: 'people.tab',
    least: 'owner',
    page: () => import('../../pages/settings/PeoplePage.vue'),
  },
  {
    path: 'tokens',
    name: 'settings-tokens',
    label: 'tokens.tab',
    least: 'operator',
    page: () => import('../../pages/settings/TokensPage.vue'),
  },
  {
    path: 'audit',
    name: 'settings-audit',
    label: 'audit.tab',
    least: 'owner',
    page: () => import('../../pages/settings/AuditPage.vue'),
  },
  {
    path: 'service',
    name: 'settings-service',
    label: 'service.tab',
    least: 'owner',
    page: () => import('../../pages/settings/ServicePage.vue'),
  },
];
