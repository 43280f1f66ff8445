import { failureKind } from '../domain/failure';
import type { MatchSubject } from '../domain/matching';
import type { ItemTrouble, NotedTrouble, ProblemStore } from '../domain/ports/problems';
import { affectedRows, insertOne, marks, selectRows, slices } from './statements';
import { causeKey, failureOf, failureText } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

interface NotedRow {
  readonly id: number;
  readonly connectionId: number;
  readonly shopId: number;
  readonly cause: string | null;
  readonly failure: string;
  readonly items: number;
  readonly since: number;
  readonly seenAt: number;
  readonly healedAt: number | null;
}

const NOTED = `SELECT n.id AS id, n.connection_id AS connectionId, c.shop_id AS shopId, n.failure_cause AS cause,
  n.failure AS failure, n.items AS items, n.since AS since, n.seen_at AS seenAt, n.healed_at AS healedAt
  FROM problems n JOIN connections c ON c.id = n.connection_id`;

const sameTrouble = ({ connectionId, failure, cause }: Pick<ItemTrouble, 'connectionId' | 'failure' | 'cause'>) =>
  `${connectionId} ${failure.code} ${cause ?? ''}`;

export class TypeormProblemStore implements ProblemStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async troubles(): Promise<readonly ItemTrouble[]> {
    // One statement: an example that is settled between two would take its whole group for healed.
    const groups = await selectRows<{
      connectionId: number;
      shopId: number;
      cause: string | null;
      n: number | string;
      unmatched: number | string;
      failed: number | string;
      waiting: number | string;
      first: number;
      last: number;
      failure: string | null;
      firstAt: number;
      lastAt: number;
    }>(
      this.unit.entities,
      `SELECT g.connectionId AS connectionId, g.cause AS cause, g.n AS n, g.unmatched AS unmatched, g.failed AS failed,
         g.waiting AS waiting, a.shop_id AS shopId, a.failure AS failure, a.id AS ${'`first`'}, z.id AS ${'`last`'},
         a.updated_at AS firstAt, z.updated_at AS lastAt
       FROM (SELECT connection_id AS connectionId, failure_cause AS cause, COUNT(*) AS n,
           SUM(CASE WHEN status IN ('unmatched', 'ambiguous') THEN 1 ELSE 0 END) AS unmatched,
           SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN status IN ('due', 'writing') THEN 1 ELSE 0 END) AS waiting,
           MIN(id) AS firstId, MAX(id) AS lastId
         FROM sync_items WHERE failure_code IS NOT NULL GROUP BY connection_id, failure_code, failure_cause) g
       JOIN sync_items a ON a.id = g.firstId JOIN sync_items z ON z.id = g.lastId`,
      [],
    );
    const subjects = await this.subjectsOf(groups.flatMap(({ first, last }) => [first, last]));
    return groups.flatMap(({ failure: text, first, last, firstAt, lastAt, n, ...group }) => {
      const failure = failureOf(text);
      if (failure === null || failureKind(failure.code).severity === 'info') return [];
      return {
        connectionId: group.connectionId,
        shopId: group.shopId,
        cause: group.cause,
        failure,
        count: Number(n),
        unmatched: Number(group.unmatched),
        failed: Number(group.failed),
        waiting: Number(group.waiting),
        since: Math.min(firstAt, lastAt),
        examples: [...new Set([first, last])].flatMap((id) => {
          const subject = subjects.get(id);
          return subject ? [{ id, subject }] : [];
        }),
      };
    });
  }

  async note(troubles: readonly ItemTrouble[], at: number): Promise<void> {
    await this.unit.run(async () => {
      const before = new Map((await this.lasting()).map((noted) => [sameTrouble(noted), noted]));
      for (const trouble of troubles) {
        const noted = before.get(sameTrouble(trouble));
        before.delete(sameTrouble(trouble));
        const failure = failureText(trouble.failure) ?? '';
        if (noted === undefined) {
          await insertOne(this.unit.entities, 'problems', {
            connection_id: trouble.connectionId,
            failure_code: trouble.failure.code,
            failure_cause: causeKey(trouble.failure),
            failure,
            items: trouble.count,
            since: trouble.since,
            seen_at: at,
          });
        } else {
          await affectedRows(
            this.unit.entities,
            'UPDATE problems SET failure = ?, items = ?, seen_at = ? WHERE id = ?',
            [failure, Math.max(noted.count, trouble.count), at, noted.id],
          );
        }
      }
      const over = [...before.values()].map(({ id }) => id);
      if (over.length === 0) return;
      await affectedRows(this.unit.entities, `UPDATE problems SET healed_at = ? WHERE id IN (${marks(over)})`, [
        at,
        ...over,
      ]);
    });
  }

  lasting(): Promise<readonly NotedTrouble[]> {
    return this.noted('n.healed_at IS NULL', []);
  }

  healedSince(since: number): Promise<readonly NotedTrouble[]> {
    return this.noted('n.healed_at >= ?', [since]);
  }

  async waitingFor(shopIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (shopIds.length === 0) return new Map();
    const rows = await selectRows<{ shopId: number; n: number | string }>(
      this.unit.entities,
      `SELECT shop_id AS shopId, COUNT(*) AS n FROM sync_items
       WHERE shop_id IN (${marks(shopIds)}) AND due_at IS NOT NULL GROUP BY shop_id`,
      shopIds,
    );
    return new Map(rows.map(({ shopId, n }) => [shopId, Number(n)]));
  }

  removeHealedBefore(before: number): Promise<number> {
    return this.unit.run(() => affectedRows(this.unit.entities, 'DELETE FROM problems WHERE healed_at < ?', [before]));
  }

  private async noted(condition: string, parameters: readonly unknown[]): Promise<readonly NotedTrouble[]> {
    const rows = await selectRows<NotedRow>(
      this.unit.entities,
      `${NOTED} WHERE ${condition} ORDER BY n.id`,
      parameters,
    );
    return rows.flatMap(({ failure, items, ...row }) => {
      const known = failureOf(failure);
      return known === null ? [] : { ...row, failure: known, count: items };
    });
  }

  private async subjectsOf(ids: readonly number[]): Promise<ReadonlyMap<number, MatchSubject>> {
    const found = new Map<number, MatchSubject>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<MatchSubject & { id: number }>(
        this.unit.entities,
        `SELECT i.id AS id, p.code AS code, p.barcode AS barcode, p.name AS name, p.external_id AS externalId
         FROM sync_items i JOIN source_products p ON p.id = i.source_product_id WHERE i.id IN (${marks(slice)})`,
        slice,
      );
      for (const { id, ...subject } of rows) found.set(id, subject);
    }
    return found;
  }
}
