import { DeliverNotices } from '../application/deliver-notices';
import { KeepNoticeSettings } from '../application/keep-notice-settings';
import { TellPeople } from '../application/tell-people';
import { createSignedWebhooks } from '../notifications/signed-webhooks';
import { createSmtpMail } from '../notifications/smtp-mail';
import { createHttpClient, type HttpCall } from '../outbound/http-client';
import { createNoticeWorker } from '../queue/notice-worker';
import { randomTokens } from '../security/random-tokens';
import type { Ground } from './ground';

export type NoticeSide = ReturnType<typeof composeNoticeSide>;

/** Who is told what goes wrong, and that it is whole again. */
export function composeNoticeSide(
  { settings, clock, log, stores }: Pick<Ground, 'settings' | 'clock' | 'log' | 'stores'>,
  installation: string,
  onCall: (call: HttpCall) => void,
) {
  const { unit, notifications, deliveries, noticePreferences: preferences, noticeWebhooks: webhooks } = stores;
  const panelUrl = settings.publicUrl ?? `http://${settings.host}:${settings.port}`;
  const mail = createSmtpMail(settings.mail);
  // The path of a webhook is often its secret.
  const http = createHttpClient({
    allowPrivateNetwork: settings.allowPrivateNetwork,
    clock,
    onCall: (call) => onCall({ ...call, path: '/…' }),
  });
  const calls = createSignedWebhooks(http, clock);
  const tellPeople = new TellPeople({ unit, notifications, deliveries, preferences, webhooks, mail });
  const deliver = new DeliverNotices({
    unit,
    deliveries,
    notifications,
    preferences,
    webhooks,
    mail,
    calls,
    panelUrl,
    installation,
    clock,
    chance: Math.random,
  });
  const workers = (['email', 'webhook'] as const).map((channel) =>
    createNoticeWorker(channel, deliver, clock, (error) =>
      log.error({ event: 'notices_failed', channel, err: error }, 'telling people failed'),
    ),
  );
  const keepNoticeSettings = new KeepNoticeSettings({
    unit,
    preferences,
    deliveries,
    notifications,
    webhooks,
    mail,
    calls,
    panelUrl,
    tokens: randomTokens,
    clock,
  });
  return {
    mail,
    tellPeople,
    keepNoticeSettings,
    start: () => workers.forEach((worker) => worker.start()),
    drain: async () => {
      await Promise.all(workers.map((worker) => worker.drain()));
      http.close();
      mail.close();
    },
  };
}
