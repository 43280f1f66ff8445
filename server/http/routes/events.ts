import type { RequestHandler } from 'express';
import type { TellChanges } from '../../application/tell-changes';
import type { Clock } from '../../domain/ports/clock';
import { Refusal } from '../../domain/refusal';
import type { Authentication } from '../authentication';

/** Shorter than proxies wait for a word; each time the log-in is looked at anew, so that one that ended is told nothing. */
const ALIVE_EVERY_MS = 20_000;
const RECONNECT_MS = 3_000;
/** Somebody who does not read is let go; the browser comes back by itself. */
const MOST_UNREAD_BYTES = 64 * 1024;
const MOST_LISTENERS = 500;

export interface EventRouteOptions {
  readonly authentication: Pick<Authentication, 'demand' | 'isStillIn'>;
  readonly tellChanges: Pick<TellChanges, 'listen'>;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

/** Server-sent events: the names of what has changed, never the things themselves. They are read by their own calls. */
export function eventRoute({ authentication, tellChanges, clock, stopping }: EventRouteOptions): RequestHandler {
  let listeners = 0;
  return (req, res, next) => {
    authentication.demand(req, 'viewer');
    if (listeners >= MOST_LISTENERS) throw new Refusal('too_many_requests', 'Too many panels are open.');
    res.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      // Neither held back to be compressed, nor by a proxy.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    listeners++;
    const send = (text: string): void => {
      if (res.writableLength > MOST_UNREAD_BYTES) res.destroy();
      else res.write(text);
    };
    send(`retry: ${RECONNECT_MS}\nevent: ready\ndata: {}\n\n`);
    const stop = tellChanges.listen((topics) => send(`event: change\ndata: ${JSON.stringify({ topics })}\n\n`));
    const closed = new AbortController();
    const over = AbortSignal.any([closed.signal, stopping]);
    res.on('close', () => {
      listeners--;
      closed.abort();
      stop();
    });
    const stayAlive = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(ALIVE_EVERY_MS, over);
        if (over.aborted || !(await authentication.isStillIn(req))) return;
        send(': alive\n\n');
      }
    };
    // However it ends: the browser comes back, and is asked who it is.
    void stayAlive()
      .finally(() => res.end())
      .catch(next);
  };
}
