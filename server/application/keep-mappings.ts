import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SkuMappingStore } from '../domain/ports/sku-mappings';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';
import { readMappingLines, writeMappingCsv } from '../domain/sku-mapping';
import { PRIORITY } from '../domain/sync-item';

export interface KeepMappingsPorts {
  readonly unit: UnitOfWork;
  readonly mappings: SkuMappingStore;
  readonly connections: ConnectionStore;
  readonly items: Pick<SyncItemStore, 'referredTo' | 'forgetLinks' | 'makeDue'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

export interface MappingsKept {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Items that are matched anew because of it. */
  readonly items: number;
}

const PAGE = 500;
const SLICE = 500;

/** A connection's mapping lines; whatever they change is matched anew at once. */
export class KeepMappings {
  constructor(private readonly ports: KeepMappingsPorts) {}

  /** All or nothing: a text with one bad line changes nothing, and every bad line is named. */
  async import(connectionId: number, text: string, mode: 'add' | 'replace'): Promise<MappingsKept> {
    const { unit, mappings, clock } = this.ports;
    const shopId = await this.shopOf(connectionId);
    const { lines, errors } = readMappingLines(text);
    if (errors.length > 0) {
      throw new Refusal('invalid_input', 'Some lines cannot be used. Nothing was changed.', {
        errors: errors.map(({ line, code }) => ({ path: `line ${line}`, message: code })),
      });
    }
    const kept = await unit.run(async () => {
      const removed =
        mode === 'replace'
          ? await mappings.removeOthers(
              connectionId,
              lines.map(({ reference }) => reference),
            )
          : [];
      const put = await mappings.put(connectionId, lines, clock.now());
      const items = await this.matchAnew(connectionId, [...removed, ...put.references]);
      return { added: put.added, changed: put.changed, removed: removed.length, items };
    });
    if (kept.items > 0) this.ports.laneSignal.announce([shopId]);
    return kept;
  }

  async remove(connectionId: number, ids: readonly number[]): Promise<MappingsKept> {
    const { unit, mappings } = this.ports;
    const shopId = await this.shopOf(connectionId);
    const kept = await unit.run(async () => {
      const removed = await mappings.remove(connectionId, ids);
      const items = await this.matchAnew(connectionId, removed);
      return { added: 0, changed: 0, removed: removed.length, items };
    });
    if (kept.items > 0) this.ports.laneSignal.announce([shopId]);
    return kept;
  }

  async export(connectionId: number): Promise<string> {
    await this.shopOf(connectionId);
    const rows: { reference: string; sku: string }[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page = await this.ports.mappings.list(connectionId, { limit: PAGE, cursor });
      rows.push(...page.data);
      cursor = page.nextCursor;
    }
    return writeMappingCsv(rows);
  }

  private async matchAnew(connectionId: number, references: readonly string[]): Promise<number> {
    if (references.length === 0) return 0;
    const { items, clock } = this.ports;
    const ids = await items.referredTo(connectionId, references);
    for (let start = 0; start < ids.length; start += SLICE) {
      const some = ids.slice(start, start + SLICE);
      await items.forgetLinks(some);
      await items.makeDue(some, PRIORITY.manual, clock.now());
    }
    return ids.length;
  }

  private async shopOf(connectionId: number): Promise<number> {
    const connection = await this.ports.connections.find(connectionId);
    if (!connection) throw notFound('connection');
    return connection.shopId;
  }
}
