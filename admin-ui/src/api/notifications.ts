import type { Notification } from '../../../server/http/schemas/notifications';
import { http, type Page } from './http';

export type { Notification };

const LATEST = 50;

/** The latest, the newest first. */
export const listNotifications = async (signal?: AbortSignal): Promise<Notification[]> =>
  (await http.get<Page<Notification>>('/notifications', { params: { limit: LATEST }, signal })).data.data;
