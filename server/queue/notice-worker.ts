import type { DeliverNotices } from '../application/deliver-notices';
import type { Clock } from '../domain/ports/clock';
import type { NoticeChannel } from '../domain/ports/notice-deliveries';
import { WorkLoop } from './work-loop';

/** Tells what is due on one channel; each has a loop of its own, so that a slow one holds no other up. */
export const createNoticeWorker = (
  channel: NoticeChannel,
  deliver: DeliverNotices,
  clock: Clock,
  onFailed: (error: unknown) => void,
): WorkLoop =>
  new WorkLoop(clock, async () => {
    try {
      return await deliver.step(channel);
    } catch (error) {
      // Our own database: what was taken shows up again by itself.
      onFailed(error);
      return false;
    }
  });
