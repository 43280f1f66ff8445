import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { UnitOfWork } from '../domain/ports/unit-of-work';

const TRANSIENT = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
const MOST_TRIES = 8;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Every write goes through `run`. On SQLite TypeORM has one connection: a statement issued while another flow's
 * transaction is open would belong to that transaction and vanish with its rollback, so units run one after another
 * there. No network call may be awaited inside a unit: it would hold every other writer.
 */
export class TypeormUnitOfWork implements UnitOfWork {
  private readonly current = new AsyncLocalStorage<EntityManager>();
  private tail: Promise<unknown> = Promise.resolve();
  readonly isSqlite: boolean;

  constructor(private readonly dataSource: DataSource) {
    this.isSqlite = dataSource.options.type === 'better-sqlite3';
  }

  /** Inside a unit: its transaction. Outside: for reads only. */
  get entities(): EntityManager {
    return this.current.getStore() ?? this.dataSource.manager;
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.current.getStore()) return work();
    if (!this.isSqlite) return this.tryAgain(work);
    const turn = this.tail.then(
      () => this.once(work),
      () => this.once(work),
    );
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private once<Result>(work: () => Promise<Result>): Promise<Result> {
    const body = async (entities: EntityManager) => {
      // SQLite begins without a lock; taking the write lock now avoids failing in the middle of read-then-write.
      if (this.isSqlite) await entities.query('UPDATE lock_row SET n = n WHERE 0');
      return this.current.run(entities, work);
    };
    return this.isSqlite ? this.dataSource.transaction(body) : this.dataSource.transaction('READ COMMITTED', body);
  }

  /** A deadlock was rolled back whole by the database: the unit runs again from its start. */
  private async tryAgain<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (tries >= MOST_TRIES || !TRANSIENT.has(codeOf(error))) throw error;
        await wait(Math.random() * tries * 10);
      }
    }
  }
}
