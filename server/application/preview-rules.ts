import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { notFound } from '../domain/refusal';
import { targetOfItem } from '../domain/target-of-item';
import type { TargetStock } from '../domain/target-stock';

export interface PreviewRulesPorts {
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly items: Pick<SyncItemStore, 'list'>;
}

/** One product, by the rules as they are and as they would be; null while no chosen warehouse has reported. */
export interface RulesPreview {
  readonly item: SyncItemView;
  readonly before: TargetStock | null;
  readonly after: TargetStock | null;
}

const SHOWN = 10;
const PAGE = 200;
/** Looked through for products whose number would change; the rest of a large catalogue tells no more. */
const MOST_LOOKED_AT = 2_000;

/** Ten real products by rules that are not saved yet: those whose number would change first. */
export class PreviewRules {
  constructor(private readonly ports: PreviewRulesPorts) {}

  async preview(
    connectionId: number,
    rules: Partial<Pick<Connection, 'warehouses' | 'rules' | 'categoryBuffers'>>,
  ): Promise<readonly RulesPreview[]> {
    const { connections, items } = this.ports;
    const connection = await connections.find(connectionId);
    if (!connection) throw notFound('connection');
    const changing: RulesPreview[] = [];
    const staying: RulesPreview[] = [];
    const filter = { connectionId, status: null, text: null };
    let cursor: string | null = '0';
    for (let looked = 0; cursor !== null && looked < MOST_LOOKED_AT && changing.length < SHOWN; looked += PAGE) {
      const page = await items.list(filter, { limit: PAGE, cursor });
      for (const item of page.data) {
        const before = targetOfItem(item, connection);
        const after = targetOfItem(item, { ...connection, ...rules });
        const list = before?.target === after?.target ? staying : changing;
        if (list.length < SHOWN) list.push({ item, before, after });
      }
      cursor = page.nextCursor;
    }
    return [...changing, ...staying].slice(0, SHOWN);
  }
}
