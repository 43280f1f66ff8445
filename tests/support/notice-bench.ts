import { DeliverNotices } from '../../server/application/deliver-notices';
import { KeepNoticeSettings } from '../../server/application/keep-notice-settings';
import { TellPeople } from '../../server/application/tell-people';
import type { Role, User } from '../../server/domain/ports/users';
import { createSignedWebhooks } from '../../server/notifications/signed-webhooks';
import { createSmtpMail } from '../../server/notifications/smtp-mail';
import { createHttpClient } from '../../server/outbound/http-client';
import { randomTokens } from '../../server/security/random-tokens';
import type { Stores } from './test-stores';

let people = 0;

export const PANEL_URL = 'https://relay.example';

export const personIn = (stores: Stores, role: Role = 'owner', language = 'en'): Promise<User> =>
  stores.users.create(
    { email: `person${++people}@shop.example`, role, language, passwordHash: 'x' },
    stores.clock.now(),
  );

/** Everything that tells people, over a real mail server and real webhooks. */
export function noticeBench(stores: Stores, smtpUrl: string | null) {
  const { unit, notifications, deliveries, clock } = stores;
  const mail = createSmtpMail(smtpUrl === null ? null : { smtpUrl, from: 'relay@shop.example' });
  const http = createHttpClient({ allowPrivateNetwork: true, clock });
  const ports = {
    unit,
    notifications,
    deliveries,
    preferences: stores.noticePreferences,
    webhooks: stores.noticeWebhooks,
    mail,
    calls: createSignedWebhooks(http, clock),
    panelUrl: PANEL_URL,
    installation: 'inst',
    tokens: randomTokens,
    clock,
    chance: () => 0.5,
  };
  return {
    tell: new TellPeople(ports),
    deliver: new DeliverNotices(ports),
    settings: new KeepNoticeSettings(ports),
    close: () => {
      http.close();
      mail.close();
    },
  };
}

export type NoticeBench = ReturnType<typeof noticeBench>;

/** Until nothing is due any more. */
export async function tellAll({ deliver }: NoticeBench, channel: 'email' | 'webhook' = 'email'): Promise<void> {
  while (await deliver.step(channel));
}
