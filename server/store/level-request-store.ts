import type { Failure } from '../domain/failure';
import type { LevelRequest, LevelRequestStore } from '../domain/ports/level-requests';
import { digestOf } from './digests';
import { affectedRows, insertRows, marks, selectRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

/** Longer than anything is put off: what is due later was put off, or asked for, while our own clock was ahead. */
const LONGEST_PUT_OFF_MS = 60 * 60_000;

export class TypeormLevelRequestStore implements LevelRequestStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async add(sourceId: number, references: readonly string[], at: number): Promise<void> {
    const again = 'version = level_requests.version + 1, attempts = 0, due_at = ';
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'level_requests',
        ['source_id', 'reference_hash', 'reference', 'asked_at', 'due_at'],
        [...new Set(references)].map((reference) => [sourceId, digestOf(reference), reference, at, at]),
        this.unit.isSqlite
          ? `ON CONFLICT (source_id, reference_hash) DO UPDATE SET ${again} excluded.due_at`
          : `ON DUPLICATE KEY UPDATE ${again} VALUES(due_at)`,
      ),
    );
  }

  take(
    at: number,
    hiddenUntil: number,
    limit: number,
  ): Promise<{ readonly sourceId: number; readonly requests: readonly LevelRequest[] } | null> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const future = at + LONGEST_PUT_OFF_MS;
      const firstOf = async (which: string, time: number) =>
        (
          await selectRows<{ sourceId: number }>(
            entities,
            `SELECT source_id AS sourceId FROM level_requests WHERE due_at ${which} ? ORDER BY due_at LIMIT 1`,
            [time],
          )
        )[0];
      const first = (await firstOf('<=', at)) ?? (await firstOf('>', future));
      if (!first) return null;
      const { sourceId } = first;
      // The source's row is the lock: two workers who look at once do so one after the other.
      await affectedRows(entities, 'UPDATE sources SET updated_at = updated_at WHERE id = ?', [sourceId]);
      const requests = await selectRows<LevelRequest>(
        entities,
        `SELECT reference AS reference, version AS version, attempts AS attempts FROM level_requests
         WHERE source_id = ? AND (due_at <= ? OR due_at > ?) ORDER BY asked_at, reference_hash LIMIT ?${this.unit.isSqlite ? '' : ' FOR UPDATE'}`,
        [sourceId, at, future, limit],
      );
      if (requests.length === 0) return null;
      await this.setDue(sourceId, requests, hiddenUntil);
      return { sourceId, requests };
    });
  }

  async done(sourceId: number, requests: readonly LevelRequest[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const { reference, version } of requests) {
        const removed = await affectedRows(
          this.unit.entities,
          'DELETE FROM level_requests WHERE source_id = ? AND reference_hash = ? AND version = ?',
          [sourceId, digestOf(reference), version],
        );
        if (removed === 0) await this.setDue(sourceId, [{ reference }], at);
      }
    });
  }

  async putOff(
    sourceId: number,
    requests: readonly LevelRequest[],
    dueAt: number,
    failure: Failure | null,
    counts: boolean,
  ): Promise<void> {
    if (requests.length === 0) return;
    const hashes = requests.map(({ reference }) => digestOf(reference));
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE level_requests SET due_at = ?, failure = ?, attempts = attempts + ?
         WHERE source_id = ? AND reference_hash IN (${marks(hashes)})`,
        [dueAt, failure === null ? null : JSON.stringify(failure), counts ? 1 : 0, sourceId, ...hashes],
      ),
    );
  }

  async waiting(
    sourceId: number,
  ): Promise<{ readonly count: number; readonly oldestAt: number | null; readonly failure: Failure | null }> {
    const [row] = await selectRows<{ count: number; oldestAt: number | null; failure: string | null }>(
      this.unit.entities,
      `SELECT COUNT(*) AS count, MIN(asked_at) AS oldestAt, MAX(failure) AS failure FROM level_requests
       WHERE source_id = ?`,
      [sourceId],
    );
    return {
      count: Number(row?.count ?? 0),
      oldestAt: row?.oldestAt ?? null,
      failure: failureOf(row?.failure ?? null),
    };
  }

  private async setDue(sourceId: number, requests: readonly { readonly reference: string }[], at: number) {
    const hashes = requests.map(({ reference }) => digestOf(reference));
    await affectedRows(
      this.unit.entities,
      `UPDATE level_requests SET due_at = ? WHERE source_id = ? AND reference_hash IN (${marks(hashes)})`,
      [at, sourceId, ...hashes],
    );
  }
}
