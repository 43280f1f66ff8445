import { NOTIFICATION_KINDS } from '../../domain/notice';
import { MAIL_CHOICES } from '../../domain/notice-timing';
import { isTimeZone } from '../../domain/quiet-hours';
import { failureView, id, instant, page, pageQuery, z } from './common';

export const notification = z
  .object({
    id,
    /** circuit_open: a shop is not called any more; its changes wait. mass_zero: products are held back from going
     * to 0. run_paused: a run asks a person. run_failed: a run has failed. source_silent: a source has been quiet for
     * longer than it ever was. levels_unread: levels that calls only named cannot be read. flow_missed: a flow started
     * late, or not at all. products_unmatched: products match nothing, or several things. products_failed: products are
     * in error for one cause. orders_unseen: a source has not heard of a web order for very long. */
    kind: z.enum(NOTIFICATION_KINDS),
    /** Nothing goes on until somebody looks. */
    stopsWork: z.boolean(),
    shopId: id.nullable(),
    shopName: z.string().nullable(),
    sourceId: id.nullable(),
    sourceName: z.string().nullable(),
    connectionId: id.nullable(),
    /** n: how many products; run: which run. */
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    failure: failureView.nullable(),
    /** The page of the panel where the trouble itself is seen. */
    path: z.string(),
    raisedAt: instant,
    /** When it was over; null while it lasts. */
    healedAt: instant.nullable(),
    /** When there was last something new: raised, grown since the day before, healed. */
    newsAt: instant,
    /** The caller has not seen the news yet. */
    unread: z.boolean(),
  })
  .openapi('Notification');

export type Notification = z.infer<typeof notification>;

export const notificationFilter = { state: z.enum(['open', 'healed']).optional() };
export const notificationQuery = z.strictObject({ ...pageQuery, ...notificationFilter });
export const notificationPage = page(notification);

export const bell = z
  .object({
    unread: z.number().int(),
    open: z.number().int(),
    /** The latest that last. */
    lasting: z.array(notification),
    /** The latest that have healed. */
    healed: z.array(notification),
  })
  .openapi('Bell');

export type Bell = z.infer<typeof bell>;

/** The news up to this moment have been seen. */
export const readInput = z.strictObject({ until: instant }).openapi('NoticesRead');

const minute = z.number().int().min(0).max(1_439);
const kind = z.enum(NOTIFICATION_KINDS);
const mailChoice = z.enum(MAIL_CHOICES);
const quiet = z
  .strictObject({ fromMinute: minute, toMinute: minute })
  .refine(({ fromMinute, toMinute }) => fromMinute !== toMinute, {
    path: ['toMinute'],
    message: 'must not be the minute it begins',
  });
const digest = z.discriminatedUnion('every', [
  z.strictObject({ every: z.literal('hour') }),
  z.strictObject({ every: z.literal('day'), hour: z.number().int().min(0).max(23) }),
]);

const channelState = {
  waiting: z.number().int(),
  /** Could not be told for a day. */
  givenUp: z.number().int(),
  lastSentAt: instant.nullable(),
  /** Of the last try that failed, where none has come through since. */
  failure: failureView.nullable(),
  failedAt: instant.nullable(),
};

export const noticeSettings = z
  .object({
    email: z.string(),
    /** Whether the service sends e-mails at all, and how that goes. */
    mail: z.object({ isConfigured: z.boolean(), ...channelState }),
    kinds: z.array(z.object({ kind, stopsWork: z.boolean(), mail: mailChoice })),
    digest,
    timeZone: z.string(),
    quiet: quiet.nullable(),
    /** What stops everything is told in quiet hours too. */
    stopsPass: z.boolean(),
  })
  .openapi('NoticeSettings');

export type NoticeSettings = z.infer<typeof noticeSettings>;

export const noticeSettingsPatch = z
  .strictObject({
    kinds: z.array(z.strictObject({ kind, mail: mailChoice })).max(NOTIFICATION_KINDS.length),
    digest,
    timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone such as Europe/Bucharest'),
    quiet: quiet.nullable(),
    stopsPass: z.boolean(),
  })
  .partial()
  .openapi('NoticeSettingsPatch');

export type NoticeSettingsPatch = z.input<typeof noticeSettingsPatch>;

export const noticeWebhookInput = z
  .strictObject({ url: z.url({ protocol: /^https?$/, message: 'must be an http(s) address' }).max(500) })
  .openapi('NoticeWebhookInput');

export const noticeWebhook = z
  .object({ id, url: z.string(), createdAt: instant, ...channelState })
  .openapi('NoticeWebhook');

export type NoticeWebhook = z.infer<typeof noticeWebhook>;

export const createdNoticeWebhook = noticeWebhook
  .extend({
    /** Shown this once; it signs every call. */
    secret: z.string(),
  })
  .openapi('CreatedNoticeWebhook');

export type CreatedNoticeWebhook = z.infer<typeof createdNoticeWebhook>;
