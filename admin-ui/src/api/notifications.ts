import type {
  Bell,
  CreatedNoticeWebhook,
  NoticeSettings,
  NoticeSettingsPatch,
  NoticeWebhook,
  Notification,
} from '../../../server/http/schemas/notifications';
import { http, PATIENT_MS, type Page } from './http';

export type { Bell, CreatedNoticeWebhook, NoticeSettings, NoticeSettingsPatch, NoticeWebhook, Notification };
export type NotificationKind = Notification['kind'];
export type NoticeState = 'open' | 'healed';

export interface NoticeFilter {
  readonly state?: NoticeState;
}

/** Newest first. */
export const listNotifications = async (
  filter: NoticeFilter,
  page: { readonly limit: number; readonly cursor?: string },
  signal?: AbortSignal,
): Promise<Page<Notification>> =>
  (await http.get<Page<Notification>>('/notifications', { params: { ...filter, ...page }, signal })).data;

export const getBell = async (signal?: AbortSignal): Promise<Bell> =>
  (await http.get<Bell>('/notifications/bell', { signal })).data;

/** All news up to this moment. */
export const markRead = async (until: string): Promise<void> => {
  await http.post('/notifications/read', { until });
};

export const getNoticeSettings = async (signal?: AbortSignal): Promise<NoticeSettings> =>
  (await http.get<NoticeSettings>('/notice-settings', { signal })).data;

export const changeNoticeSettings = async (patch: NoticeSettingsPatch): Promise<NoticeSettings> =>
  (await http.patch<NoticeSettings>('/notice-settings', patch)).data;

export const sendTestMail = async (): Promise<void> => {
  await http.post('/notice-settings/test-mail', undefined, { timeout: PATIENT_MS });
};

export const listNoticeWebhooks = async (signal?: AbortSignal): Promise<NoticeWebhook[]> =>
  (await http.get<{ data: NoticeWebhook[] }>('/notice-webhooks', { signal })).data.data;

export const addNoticeWebhook = async (url: string): Promise<CreatedNoticeWebhook> =>
  (await http.post<CreatedNoticeWebhook>('/notice-webhooks', { url })).data;

export const removeNoticeWebhook = async (id: number): Promise<void> => {
  await http.delete(`/notice-webhooks/${id}`);
};

export const testNoticeWebhook = async (id: number): Promise<void> => {
  await http.post(`/notice-webhooks/${id}/test`, undefined, { timeout: PATIENT_MS });
};
