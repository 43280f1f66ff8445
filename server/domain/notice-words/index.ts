import { failureCause, failureCure, fillWords } from '../failure';
import type { Notification } from '../ports/notifications';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';
import type { KindWords, NoticeWords } from './notice-words';
import { ptBr } from './pt-br';
import { ro } from './ro';

/** What notices say outside the panel, which says the same by the same keys. */
export const NOTICE_WORDS = { en, ro, fr, es, 'pt-BR': ptBr } satisfies Readonly<Record<string, NoticeWords>>;
export type NoticeLanguage = keyof typeof NOTICE_WORDS;

const isNoticeLanguage = (text: string): text is NoticeLanguage => Object.hasOwn(NOTICE_WORDS, text);

export const noticeLanguage = (text: string): NoticeLanguage => (isNoticeLanguage(text) ? text : 'en');

/** The words of one notice, filled with what it is about. */
export function noticeWords(
  {
    kind,
    shopName,
    sourceName,
    failure,
    params,
  }: Pick<Notification, 'kind' | 'shopName' | 'sourceName' | 'failure' | 'params'>,
  language: NoticeLanguage,
): KindWords {
  const words: NoticeWords = NOTICE_WORDS[language];
  const { title, cause, cure, place } = words.kinds[kind];
  const problem = (failure && words.problems[failure.code]) ?? words.otherProblem;
  const figures = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value,
  ]);
  const about = {
    ...Object.fromEntries(figures),
    shop: shopName ?? '–',
    source: sourceName ?? '–',
    problem: fillWords(problem, failure?.params ?? {}),
  };
  return {
    title: fillWords(title, about),
    cause: fillWords(cause, about),
    cure: fillWords(cure, about),
    place: fillWords(place, about),
  };
}

/** In English, as programs are told everything; where there is a failure, in its own words. */
export function toldToPrograms(notice: Notification): Pick<KindWords, 'title' | 'cause' | 'cure'> {
  const { title, cause, cure } = noticeWords(notice, 'en');
  const why = notice.failure;
  return { title, cause: why ? failureCause(why) : cause, cure: why ? failureCure(why) : cure };
}
