import { FLOW_KINDS, type FlowKind } from '../domain/flow-run';
import type { Flow, FlowStore } from '../domain/ports/flows';
import { affectedRows, insertRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const isKind = (text: string): text is FlowKind => (FLOW_KINDS as readonly string[]).includes(text);

const SELECTED = `SELECT id AS id, connection_id AS connectionId, kind AS kind, enabled AS enabled, cron AS cron,
  time_zone AS timeZone, next_at AS nextAt FROM flows`;

interface FlowRow {
  readonly id: number;
  readonly connectionId: number;
  readonly kind: string;
  readonly enabled: number | boolean;
  readonly cron: string;
  readonly timeZone: string;
  readonly nextAt: number | null;
}

const flowsOf = (rows: readonly FlowRow[]): Flow[] =>
  rows.flatMap((row) => (isKind(row.kind) ? [{ ...row, kind: row.kind, enabled: Boolean(row.enabled) }] : []));

export class TypeormFlowStore implements FlowStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list(connectionId: number | null): Promise<readonly Flow[]> {
    return flowsOf(
      await selectRows<FlowRow>(
        this.unit.entities,
        `${SELECTED} ${connectionId === null ? '' : 'WHERE connection_id = ?'} ORDER BY connection_id, id`,
        connectionId === null ? [] : [connectionId],
      ),
    );
  }

  async find(id: number): Promise<Flow | null> {
    return flowsOf(await selectRows<FlowRow>(this.unit.entities, `${SELECTED} WHERE id = ?`, [id]))[0] ?? null;
  }

  async addMissing(
    connectionId: number,
    flows: readonly Omit<Flow, 'id' | 'connectionId' | 'nextAt'>[],
    at: number,
  ): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'flows',
        ['connection_id', 'kind', 'enabled', 'cron', 'time_zone', 'created_at', 'updated_at'],
        flows.map(({ kind, enabled, cron, timeZone }) => [connectionId, kind, enabled, cron, timeZone, at, at]),
        this.unit.isSqlite
          ? 'ON CONFLICT (connection_id, kind) DO NOTHING'
          : 'ON DUPLICATE KEY UPDATE connection_id = connection_id',
      ),
    );
  }

  change(id: number, patch: Parameters<FlowStore['change']>[1], at: number): Promise<Flow | null> {
    return this.unit.run(async () => {
      const columns: readonly (readonly [string, string | number | boolean | null | undefined])[] = [
        ['enabled', patch.enabled === undefined ? undefined : Number(patch.enabled)],
        ['cron', patch.cron],
        ['time_zone', patch.timeZone],
        ['next_at', patch.nextAt],
      ];
      const given = columns.filter(([, value]) => value !== undefined);
      await affectedRows(
        this.unit.entities,
        `UPDATE flows SET ${[...given.map(([column]) => `${column} = ?`), 'updated_at = ?'].join(', ')} WHERE id = ?`,
        [...given.map(([, value]) => value), at, id],
      );
      return this.find(id);
    });
  }

  async due(at: number): Promise<readonly Flow[]> {
    return flowsOf(
      await selectRows<FlowRow>(this.unit.entities, `${SELECTED} WHERE next_at <= ? AND enabled = 1 ORDER BY next_at`, [
        at,
      ]),
    );
  }

  claim(id: number, from: number, nextAt: number | null): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(this.unit.entities, 'UPDATE flows SET next_at = ? WHERE id = ? AND next_at = ?', [
          nextAt,
          id,
          from,
        ])) === 1,
    );
  }
}
