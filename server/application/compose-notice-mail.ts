import { noticePath } from '../domain/notice';
import { NOTICE_WORDS, type NoticeLanguage, noticeWords } from '../domain/notice-words';
import { fillWords } from '../domain/failure';
import type { Notification } from '../domain/ports/notifications';

export interface NoticeMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailReader {
  readonly language: NoticeLanguage;
  readonly timeZone: string;
  /** Where the panel is. */
  readonly panelUrl: string;
}

export interface NoticeOfMail {
  readonly notice: Notification;
  readonly message: 'raised' | 'healed';
}

interface Told {
  readonly title: string;
  readonly lines: readonly string[];
  readonly link: { readonly label: string; readonly url: string };
}

/** One e-mail for all that is to be told to one person now: one notice, or a digest. */
export function composeNoticeMail(notices: readonly NoticeOfMail[], reader: MailReader): NoticeMail {
  const words = NOTICE_WORDS[reader.language].mail;
  const told = notices.map((each) => tell(each, reader));
  const [first] = told;
  const subject = told.length === 1 && first ? first.title : fillWords(words.several, { n: told.length });
  const foot = { why: words.why, link: { label: words.settings, url: `${reader.panelUrl}/settings/notifications` } };
  return { subject: `[Stock Relay] ${subject}`, text: asText(told, foot), html: asHtml(subject, told, foot, reader) };
}

export function composeTestMail(reader: MailReader): NoticeMail {
  const words = NOTICE_WORDS[reader.language].mail;
  const link = { label: words.settings, url: `${reader.panelUrl}/settings/notifications` };
  const told = [{ title: words.testSubject, lines: [words.testText], link }];
  const foot = { why: words.why, link };
  return { subject: words.testSubject, text: asText(told, foot), html: asHtml(words.testSubject, told, foot, reader) };
}

function tell({ notice, message }: NoticeOfMail, { language, timeZone, panelUrl }: MailReader): Told {
  const { mail } = NOTICE_WORDS[language];
  const { title, cause, cure, place } = noticeWords(notice, language);
  const moment = (at: number): string =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
  const link = { label: place, url: panelUrl + noticePath(notice) };
  const since = fillWords(mail.since, { time: moment(notice.raisedAt) });
  if (message === 'healed') {
    const lines = [fillWords(mail.overWhy, { time: moment(notice.healedAt ?? notice.newsAt) }), since];
    return { title: fillWords(mail.over, { title }), lines, link };
  }
  const proof = notice.failure?.proof ?? null;
  return { title, lines: [cause, `${mail.cure} ${cure}`, ...(proof ? [`${mail.said} ${proof}`] : []), since], link };
}

interface Foot {
  readonly why: string;
  readonly link: { readonly label: string; readonly url: string };
}

const asText = (told: readonly Told[], { why, link }: Foot): string =>
  [
    ...told.map((each) => [each.title, '', ...each.lines, `${each.link.label}: ${each.link.url}`].join('\n')),
    ['--', why, `${link.label}: ${link.url}`].join('\n'),
  ].join('\n\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const safe = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** Plain blocks in the reader's own colours: readable in every program, in the dark, and read aloud. */
function asHtml(title: string, told: readonly Told[], { why, link }: Foot, { language }: MailReader): string {
  const linked = (to: { readonly label: string; readonly url: string }): string =>
    `<a href="${safe(to.url)}">${safe(to.label)}</a>`;
  const notices = told.map(
    (each) =>
      `<section style="margin:0 0 28px"><h1 style="font-size:18px;line-height:1.3;margin:0 0 8px">${safe(each.title)}</h1>` +
      each.lines.map((line) => `<p style="margin:0 0 8px">${safe(line)}</p>`).join('') +
      `<p style="margin:0">${linked(each.link)}</p></section>`,
  );
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">` +
    `<title>${safe(title)}</title></head><body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">` +
    `<main style="max-width:560px">${notices.join('')}</main>` +
    `<footer style="max-width:560px;font-size:14px;border-top:1px solid #8888;padding-top:12px">` +
    `<p style="margin:0">${safe(why)} ${linked(link)}</p></footer></body></html>`
  );
}
