import { computed, watch, type Ref } from 'vue';
import { getBell, listNotifications, markRead, type NoticeFilter, type Notification } from '../api/notifications';
import type { Page } from '../api/http';
import { useAction } from './useAction';
import { useFailureWords } from './useFailureWords';
import { useLive } from './useLive';
import { usePages } from './usePages';
import { useWords } from './useWords';

const EVERY_MS = 10_000;

/** What the bell shows: how much is unread, what lasts, what has healed lately. */
export function useBell() {
  const live = useLive(getBell, { everyMs: EVERY_MS, about: ['notifications'] });
  const { busy, run } = useAction();
  const notices = computed(() => [...(live.data.value?.lasting ?? []), ...(live.data.value?.healed ?? [])]);
  const readAll = () =>
    run(async () => {
      const newest = notices.value.map(({ newsAt }) => newsAt).sort();
      // What has come since was not seen.
      const until = newest.at(-1);
      if (until !== undefined) await markRead(until);
      await live.refresh();
    });
  return { ...live, unread: computed(() => live.data.value?.unread ?? 0), busy, readAll };
}

/** Every notice, page by page. */
export function useNotices(filter: Ref<NoticeFilter>) {
  const pages = usePages<Notification, Page<Notification>>(
    (page, signal) => listNotifications(filter.value, page, signal),
    { everyMs: EVERY_MS, about: ['notifications'] },
  );
  watch(
    () => filter.value.state,
    () => void pages.restart(),
  );
  return pages;
}

/** What a notice says in the panel's language. */
export function useNoticeWords() {
  const { t, number } = useWords();
  const failures = useFailureWords();
  const about = ({ shopName, sourceName, failure, params }: Notification) => ({
    shop: shopName ?? '–',
    source: sourceName ?? '–',
    problem: failure === null ? '–' : failures.causeOfMany(failure),
    n: number(params['n'] ?? 0),
  });
  const say = (notice: Notification, part: string) => t(`notices.kind.${notice.kind}.${part}`, about(notice));
  return {
    title: (notice: Notification) => say(notice, 'title'),
    place: (notice: Notification) => say(notice, 'place'),
    /** A count says more than the example it was counted with; of anything else its own cause says the most. */
    cause: (notice: Notification) =>
      notice.failure === null || notice.params['n'] !== undefined
        ? say(notice, 'cause')
        : failures.cause(notice.failure),
    cure: (notice: Notification) => (notice.failure === null ? say(notice, 'cure') : failures.cure(notice.failure)),
  };
}
