import { endOtherSessions, endSession, getAccount, listSessions, type OwnSession } from '../api/account';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 30_000;

export const useAccount = () => useLive(getAccount, { everyMs: EVERY_MS });

/** Where the person is logged in, and ending what is not wanted any more. */
export function useSessions() {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const live = useLive(listSessions, { everyMs: EVERY_MS });

  /** The device as a person would name it. */
  const deviceOf = ({ browser, system }: OwnSession): string =>
    browser !== null && system !== null
      ? t('account.device', { browser, system })
      : (browser ?? system ?? t('account.deviceUnknown'));

  const end = (session: OwnSession) =>
    run(async () => {
      await endSession(session.id);
      done(t('account.ended', { device: deviceOf(session) }));
      await live.refresh();
    });

  const endOthers = () =>
    run(async () => {
      await endOtherSessions();
      done(t('account.endedOthers'));
      await live.refresh();
    });

  return { ...live, busy, deviceOf, end, endOthers };
}
