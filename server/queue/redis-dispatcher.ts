import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Clock } from '../domain/ports/clock';
import type { DueSweep } from './due-sweep';
import type { LaneDispatcher, Wake } from './lane-dispatcher';
import { LEASE_MS } from './lane-run';

const QUEUE = 'lanes';
/** Lanes one process works on announcement; the sweep brings it what is beyond. */
const LANES_AT_A_TIME = 200;
const RECONNECT_EVERY_MS = 250;
const CONNECT_WITHIN_MS = 2_000;
const COMMAND_WITHIN_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
const RETRY_AFTER_MS = 1_000;
const STOP_WITHIN_MS = 700;
const KEPT_EVENTS = 1_000;

export interface RedisDispatcherOptions {
  readonly url: string;
  /** Keeps installations on one Redis apart. */
  readonly namespace: string;
  readonly sweep: DueSweep;
  readonly clock: Clock;
  /** Called once per outage, whatever goes on failing during it. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: () => void;
}

/**
 * Several processes: an announcement is a job, and whoever gets it works the lane. The job lasts as long as that run of
 * the lane; what is announced meanwhile becomes one job after it and is told at once to whoever has the lane under way.
 * Redis holds nothing that the database does not know: without it the sweep finds all.
 */
export class RedisDispatcher implements LaneDispatcher {
  private readonly redis: Redis;
  private readonly queue: Queue;
  private readonly announced = new Set<number>();
  private readonly underWay = new Set<number>();
  private readonly heldJobs = new Set<() => void>();
  private consumer: { readonly worker: Worker; readonly events: QueueEvents } | null = null;
  private wake: Wake | null = null;
  private sending = false;
  private isAway = false;
  private stopped = false;

  constructor(private readonly options: RedisDispatcherOptions) {
    // Announcing must fail at once when Redis is away: nothing may pile up or wait.
    this.redis = new Redis(options.url, {
      ...this.connection(),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_WITHIN_MS,
    });
    this.redis.on('error', (error: unknown) => this.troubled(error));
    this.redis.on('ready', () => this.answered());
    this.queue = new Queue(QUEUE, {
      ...this.namespaced(),
      connection: this.redis,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: KEPT_EVENTS } },
    });
    this.queue.on('error', (error) => this.troubled(error));
  }

  announce(shopIds: Iterable<number>): void {
    if (this.stopped) return;
    for (const shopId of shopIds) this.announced.add(shopId);
    if (!this.sending) void this.send();
  }

  start(wake: Wake): void {
    this.wake = (shopId) => {
      const run = wake(shopId);
      if (!this.underWay.has(shopId)) {
        this.underWay.add(shopId);
        void run.finally(() => this.underWay.delete(shopId));
      }
      return run;
    };
    const connection = { url: this.options.url, ...this.connection(), maxRetriesPerRequest: null };
    const worker = new Worker(QUEUE, (job) => this.hold(Number(job.name)), {
      ...this.namespaced(),
      connection,
      concurrency: LANES_AT_A_TIME,
      // A killed worker's job is free again when its lane is.
      lockDuration: LEASE_MS,
      stalledInterval: LEASE_MS / 3,
      runRetryDelay: RETRY_AFTER_MS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', (error) => this.troubled(error));
    const events = new QueueEvents(QUEUE, { ...this.namespaced(), connection });
    events.on('error', (error) => this.troubled(error));
    events.on('added', ({ name }) => this.tellIfUnderWay(Number(name)));
    events.on('deduplicated', ({ deduplicationId }) => this.tellIfUnderWay(Number(deduplicationId)));
    this.consumer = { worker, events };
    this.options.sweep.start(this.wake);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.wake = null;
    await this.options.sweep.stop();
    // The lanes end by themselves; their jobs need not wait for them.
    for (const end of [...this.heldJobs]) end();
    await this.withinTime(this.closeAll());
    this.redis.disconnect();
  }

  /** One at a time: what is announced during a call to Redis goes with the next one, once per lane. */
  private async send(): Promise<void> {
    this.sending = true;
    // A burst goes as one.
    await Promise.resolve();
    while (this.announced.size > 0) {
      const shopIds = [...this.announced];
      this.announced.clear();
      // Others find it by their sweep; in this process it can be told without Redis.
      if (!(await this.sendJobs(shopIds))) for (const shopId of shopIds) void this.wake?.(shopId);
    }
    this.sending = false;
  }

  private async sendJobs(shopIds: readonly number[]): Promise<boolean> {
    if (this.redis.status !== 'ready') return false;
    try {
      await this.queue.addBulk(
        shopIds.map(String).map((id) => ({
          name: id,
          data: null,
          opts: { deduplication: { id, keepLastIfActive: true } },
        })),
      );
      this.answered();
      return true;
    } catch (error) {
      this.troubled(error);
      return false;
    }
  }

  /** Resolves when the run of the lane has ended, or when we stop. */
  private hold(shopId: number): Promise<void> {
    const { wake } = this;
    if (!wake) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.heldJobs.delete(end);
        resolve();
      };
      this.heldJobs.add(end);
      void wake(shopId).finally(end);
    });
  }

  private tellIfUnderWay(shopId: number): void {
    if (this.underWay.has(shopId)) void this.wake?.(shopId);
  }

  private troubled(error: unknown): void {
    if (this.stopped || this.isAway) return;
    this.isAway = true;
    this.options.onAway(error);
  }

  private answered(): void {
    if (this.stopped || !this.isAway) return;
    this.isAway = false;
    this.options.onBack();
  }

  private async closeAll(): Promise<void> {
    const isAway = this.isAway || ['close', 'reconnecting'].includes(this.redis.status);
    // A connection without Redis ends, and lets go of whoever waits for it, at its next try; closed before, it never would.
    if (isAway) await this.options.clock.sleep(RECONNECT_EVERY_MS * 1.5);
    await Promise.allSettled([this.consumer?.worker.close(isAway), this.consumer?.events.close(), this.queue.close()]);
  }

  private async withinTime(work: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work, this.options.clock.sleep(STOP_WITHIN_MS, done.signal)]);
    done.abort();
  }

  private namespaced(): { readonly prefix: string; readonly skipVersionCheck: true } {
    // A version check that fails because Redis goes away in that moment would leave its connection unusable for ever.
    return { prefix: `stock-relay:${this.options.namespace}`, skipVersionCheck: true };
  }

  private connection() {
    return {
      connectTimeout: CONNECT_WITHIN_MS,
      disconnectTimeout: STOP_WITHIN_MS,
      keepAlive: KEEP_ALIVE_MS,
      retryStrategy: () => (this.stopped ? null : RECONNECT_EVERY_MS),
    };
  }
}
