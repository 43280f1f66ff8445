import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { KeepNoticeSettings } from '../../application/keep-notice-settings';
import { consume } from '../authentication';
import { route, type Route } from '../route';
import { idParams, z } from '../schemas/common';
import {
  createdNoticeWebhook,
  noticeSettings,
  noticeSettingsPatch,
  noticeWebhook,
  noticeWebhookInput,
} from '../schemas/notifications';
import { showNoticeSettings, showNoticeWebhook } from '../show-notices';
import { nothing } from './shared';

export interface NoticeSettingsRoutesOptions {
  readonly keepNoticeSettings: KeepNoticeSettings;
}

/** Tests that one caller may send. */
const TESTS = { points: 10, duration: 300 };

export function noticeSettingsRoutes({ keepNoticeSettings }: NoticeSettingsRoutesOptions): Route[] {
  const tests = new RateLimiterMemory(TESTS);
  /** What one person chose: a token that was made to read for them must not change what they hear. */
  const ofTheCaller = { tag: 'Notifications', access: 'viewer', barsTokens: true } as const;
  return [
    route({
      method: 'get',
      path: '/notice-settings',
      ...ofTheCaller,
      summary: 'What the caller hears by e-mail, and how sending goes',
      status: 200,
      answer: noticeSettings,
      handle: async ({ caller }) => showNoticeSettings(await keepNoticeSettings.read(caller?.userId ?? null)),
    }),
    route({
      method: 'patch',
      path: '/notice-settings',
      ...ofTheCaller,
      summary: 'Choose what to hear by e-mail, and when; what waits to be sent goes by it too',
      body: noticeSettingsPatch,
      status: 200,
      answer: noticeSettings,
      handle: async ({ body: { kinds, digest, timeZone, quiet, stopsPass }, caller }) =>
        showNoticeSettings(
          await keepNoticeSettings.change(caller?.userId ?? null, {
            ...(kinds && { mail: Object.fromEntries(kinds.map(({ kind, mail }) => [kind, mail])) }),
            ...(digest && { digest }),
            ...(timeZone !== undefined && { timeZone }),
            ...(quiet !== undefined && { quiet }),
            ...(stopsPass !== undefined && { stopsPass }),
          }),
        ),
    }),
    route({
      method: 'post',
      path: '/notice-settings/test-mail',
      ...ofTheCaller,
      summary: 'Send the caller an e-mail now',
      status: 204,
      answer: nothing,
      handle: async ({ caller }) => {
        await consume(tests, `mail ${caller?.userId ?? ''}`);
        await keepNoticeSettings.testMail(caller?.userId ?? null);
      },
    }),
    route({
      method: 'get',
      path: '/notice-webhooks',
      tag: 'Notifications',
      summary: 'The webhooks that are called with every notice, and how that goes',
      access: 'owner',
      status: 200,
      answer: z.object({ data: z.array(noticeWebhook) }),
      handle: async () => ({ data: (await keepNoticeSettings.listWebhooks()).map(showNoticeWebhook) }),
    }),
    route({
      method: 'post',
      path: '/notice-webhooks',
      tag: 'Notifications',
      summary: 'Add a webhook; the secret that signs its calls is shown this once',
      access: 'owner',
      body: noticeWebhookInput,
      status: 201,
      answer: createdNoticeWebhook,
      handle: async ({ body }) => {
        const { secret, ...webhook } = await keepNoticeSettings.addWebhook(body.url);
        return { ...showNoticeWebhook(webhook), secret };
      },
    }),
    route({
      method: 'delete',
      path: '/notice-webhooks/{id}',
      tag: 'Notifications',
      summary: 'Remove a webhook, and what waited to be told to it',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: ({ params }) => keepNoticeSettings.removeWebhook(params.id),
    }),
    route({
      method: 'post',
      path: '/notice-webhooks/{id}/test',
      tag: 'Notifications',
      summary: 'Call a webhook now, with a test',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: async ({ params }) => {
        await consume(tests, `webhook ${params.id}`);
        await keepNoticeSettings.testWebhook(params.id);
      },
    }),
  ];
}
