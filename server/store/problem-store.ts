import { failureKind } from '../domain/failure';
import type { ItemTrouble, NotedTrouble, ProblemStore } from '../domain/ports/problems';
import { affectedRows, insertOne, marks, selectRows, slices } from './statements';
import { causeKey, failureOf, failureText } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

interface Example {
  readonly shopId: number;
  readonly updatedAt: number;
  readonly failure: string | null;
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
  readonly externalId: string | null;
}

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
    const groups = await selectRows<{
      connectionId: number;
      code: string;
      cause: string | null;
      n: number | string;
      asking: number | string;
      waiting: number | string;
      first: number;
      last: number;
    }>(
      this.unit.entities,
      `SELECT connection_id AS connectionId, failure_code AS code, failure_cause AS cause, COUNT(*) AS n,
         SUM(CASE WHEN status IN ('failed', 'unmatched', 'ambiguous') THEN 1 ELSE 0 END) AS asking,
         SUM(CASE WHEN status IN ('due', 'writing') THEN 1 ELSE 0 END) AS waiting,
         MIN(id) AS ${'`first`'}, MAX(id) AS ${'`last`'}
       FROM sync_items WHERE failure_code IS NOT NULL GROUP BY connection_id, failure_code, failure_cause`,
      [],
    );
    const examples = await this.examplesOf(groups.flatMap(({ first, last }) => [first, last]));
    return groups.flatMap(({ connectionId, cause, first, last, ...counted }) => {
      const example = examples.get(first);
      const failure = failureOf(example?.failure ?? null);
      // One that was settled between the two questions has no failure any more.
      if (!example || failure === null || failureKind(failure.code).severity === 'info') return [];
      const ids = [...new Set([first, last])];
      return {
        connectionId,
        shopId: example.shopId,
        cause,
        failure,
        count: Number(counted.n),
        asking: Number(counted.asking),
        waiting: Number(counted.waiting),
        since: Math.min(example.updatedAt, examples.get(last)?.updatedAt ?? example.updatedAt),
        examples: ids.flatMap((id) => {
          const { code = null, barcode = null, name = null, externalId = null } = examples.get(id) ?? {};
          return { id, subject: { code, barcode, name, externalId } };
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

  private async examplesOf(ids: readonly number[]): Promise<ReadonlyMap<number, Example>> {
    const found = new Map<number, Example>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<Example & { id: number }>(
        this.unit.entities,
        `SELECT i.id AS id, i.shop_id AS shopId, i.updated_at AS updatedAt, i.failure AS failure, p.code AS code, p.barcode AS barcode, p.name AS name,
           p.external_id AS externalId
         FROM sync_items i JOIN source_products p ON p.id = i.source_product_id WHERE i.id IN (${marks(slice)})`,
        slice,
      );
      for (const row of rows) found.set(row.id, row);
    }
    return found;
  }
}
