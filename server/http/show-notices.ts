import type { ListedNoticeWebhook, NoticeSettings } from '../application/keep-notice-settings';
import { noticePath, stopsWork } from '../domain/notice';
import type { ChannelState } from '../domain/ports/notice-deliveries';
import type { Notification } from '../domain/ports/notifications';
import { failureOrNull, instantOf, instantOrNull } from './presenters';

export const showNotification =
  (readUntil: number) =>
  ({ cause: _, raisedAt, healedAt, newsAt, failure, params, ...rest }: Notification) => ({
    ...rest,
    stopsWork: stopsWork(rest.kind),
    params: { ...params },
    path: noticePath({ ...rest, params }),
    failure: failureOrNull(failure),
    raisedAt: instantOf(raisedAt),
    healedAt: instantOrNull(healedAt),
    newsAt: instantOf(newsAt),
    unread: newsAt > readUntil,
  });

const showState = ({ failure, lastSentAt, failedAt, ...counts }: ChannelState) => ({
  ...counts,
  failure: failureOrNull(failure),
  lastSentAt: instantOrNull(lastSentAt),
  failedAt: instantOrNull(failedAt),
});

export const showNoticeSettings = ({ email, mailIsConfigured, mailState, preferences, mail }: NoticeSettings) => ({
  email,
  mail: { isConfigured: mailIsConfigured, ...showState(mailState) },
  kinds: mail.map(({ kind, choice }) => ({ kind, stopsWork: stopsWork(kind), mail: choice })),
  digest: preferences.digest,
  timeZone: preferences.timeZone,
  quiet: preferences.quiet,
  stopsPass: preferences.stopsPass,
});

export const showNoticeWebhook = ({ id, url, createdAt, state }: ListedNoticeWebhook) => ({
  id,
  url,
  createdAt: instantOf(createdAt),
  ...showState(state),
});
