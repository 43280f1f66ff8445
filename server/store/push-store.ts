import { pageOf, type Page, type PageRequest } from '../domain/page';
import {
  type LineOutcome,
  type Push,
  type PushingSource,
  type PushLine,
  type PushReceipt,
  PUSH_SAYS,
  type PushStore,
  type PushFilter,
  type PushOutcome,
} from '../domain/ports/pushes';
import type { PushRefusal, SourceSettings, TokenIssuer } from '../domain/ports/sources';
import { quantity } from '../domain/quantity';
import { SourceRow, SourceTokenRow, StockPushLineRow, StockPushRow } from './entities';
import type { SecretBox } from './secret-box';
import { settingsPlace } from './source-store';
import { affectedRows, insertOne, insertRows, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const OUTCOMES: readonly string[] = ['accepted', 'superseded', 'not_chosen', 'rejected'] satisfies LineOutcome[];
const isOutcome = (text: string): text is LineOutcome => OUTCOMES.includes(text);

const isIssuer = (text: string | null): text is TokenIssuer =>
  text === 'own' || text === 'vendor' || text === 'address';

const lineOf = (row: StockPushLineRow): PushLine => ({
  index: row.lineIndex,
  outcome: isOutcome(row.outcome) ? row.outcome : 'rejected',
  reason: row.reason,
  message: row.message,
  sourceProductId: row.sourceProductId,
  code: row.code,
  barcode: row.barcode,
  name: row.name,
  warehouse: row.warehouse,
  quantity: row.quantity === null ? null : quantity(row.quantity),
  before: row.beforeQuantity === null ? null : quantity(row.beforeQuantity),
});

const pushOf = (row: StockPushRow, sourceName: string): Push => ({
  id: row.id,
  sourceId: row.sourceId,
  sourceName,
  receivedAt: row.receivedAt,
  bytes: row.bytes,
  says: PUSH_SAYS.find((each) => each === row.says) ?? (row.isTest ? 'test' : 'levels'),
  accepted: row.accepted,
  rejected: row.rejected,
  superseded: row.superseded,
  notChosen: row.notChosen,
  replayOf: row.replayOf,
});

const LINE_COLUMNS = [
  'push_id',
  'line_index',
  'outcome',
  'reason',
  'message',
  'source_product_id',
  'code',
  'barcode',
  'name',
  'warehouse',
  'quantity',
  'before_quantity',
];

const LISTED = [
  'id',
  'sourceId',
  'receivedAt',
  'bytes',
  'isTest',
  'accepted',
  'rejected',
  'superseded',
  'notChosen',
  'replayOf',
  'says',
] as const satisfies readonly (keyof StockPushRow)[];

const HAVING: Readonly<Record<PushOutcome, string>> = {
  accepted: 'push.accepted > 0',
  rejected: 'push.rejected > 0',
  unreadable: "push.says = 'unreadable'",
  test: 'push.isTest = 1',
  other: "push.says IN ('asks', 'echo', 'other_event')",
};

export class TypeormPushStore implements PushStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async findSource(sourceKey: string): Promise<PushingSource | null> {
    const rows = await selectRows<{
      id: number;
      name: string;
      kind: string;
      enabled: number;
      settings: string;
      tokenId: number | null;
      issuer: string | null;
      hash: string | null;
      expiresAt: number | null;
      lastUsedAt: number | null;
    }>(
      this.unit.entities,
      `SELECT s.id AS id, s.name AS name, s.kind AS kind, s.enabled AS enabled, s.settings AS settings, t.id AS tokenId,
         t.token_hash AS hash, t.issuer AS issuer,
         t.expires_at AS expiresAt, t.last_used_at AS lastUsedAt
       FROM sources s LEFT JOIN source_tokens t ON t.source_id = s.id WHERE s.source_key = ?`,
      [sourceKey],
    );
    const [first] = rows;
    if (!first) return null;
    return {
      id: first.id,
      name: first.name,
      kind: first.kind,
      enabled: Boolean(first.enabled),
      tokens: rows.flatMap(({ tokenId, hash, issuer, expiresAt, lastUsedAt }) =>
        tokenId === null || hash === null || !isIssuer(issuer)
          ? []
          : [{ id: tokenId, hash, issuer, expiresAt, lastUsedAt }],
      ),
      settings: () => JSON.parse(this.secrets.open(first.settings, settingsPlace(first.id))) as SourceSettings,
    };
  }

  async sourceKey(sourceId: number): Promise<string | null> {
    return (await this.unit.entities.findOneBy(SourceRow, { id: sourceId }))?.sourceKey ?? null;
  }

  async recordRefusal(sourceId: number, refusal: PushRefusal, at: number): Promise<void> {
    await this.unit.run(() =>
      this.unit.entities.update(SourceRow, sourceId, { lastRefusedAt: at, lastRefusal: refusal }),
    );
  }

  async recordTokenUse(tokenId: number, at: number): Promise<void> {
    await this.unit.run(() => this.unit.entities.update(SourceTokenRow, tokenId, { lastUsedAt: at }));
  }

  async lockSource(sourceId: number, isTest: boolean, at: number): Promise<void> {
    const column = isTest ? 'last_test_at' : 'last_push_at';
    await affectedRows(this.unit.entities, `UPDATE sources SET ${column} = ? WHERE id = ?`, [at, sourceId]);
  }

  async findByIdempotency(
    sourceId: number,
    idempotencyHash: string,
  ): Promise<{ readonly id: number; readonly bodyHash: string } | null> {
    return this.unit.entities.findOne(StockPushRow, {
      select: { id: true, bodyHash: true },
      where: { sourceId, idempotencyHash },
    });
  }

  async latest(
    sourceId: number,
  ): Promise<{ readonly id: number; readonly bodyHash: string; readonly receivedAt: number } | null> {
    // A replay is a person's act; the sender's own last word is what a repeated body is compared with.
    const [row] = await selectRows<{ id: number; bodyHash: string; receivedAt: number }>(
      this.unit.entities,
      `SELECT id AS id, body_hash AS bodyHash, received_at AS receivedAt FROM stock_pushes
       WHERE source_id = ? AND replay_of IS NULL ORDER BY id DESC LIMIT 1`,
      [sourceId],
    );
    return row ?? null;
  }

  async recentTimes(sourceId: number, since: number, limit: number): Promise<readonly number[]> {
    const rows = await selectRows<{ at: number }>(
      this.unit.entities,
      `SELECT received_at AS at FROM stock_pushes
       WHERE source_id = ? AND is_test = 0 AND replay_of IS NULL AND COALESCE(says, '') <> 'unreadable' AND received_at >= ? ORDER BY id DESC LIMIT ?`,
      [sourceId, since, limit],
    );
    return rows.map((row) => row.at);
  }

  async add(receipt: PushReceipt, lines: readonly PushLine[]): Promise<number> {
    const { entities } = this.unit;
    const count = (outcome: LineOutcome) => lines.filter((line) => line.outcome === outcome).length;
    const rejected = count('rejected');
    const pushId = await insertOne(entities, 'stock_pushes', {
      source_id: receipt.sourceId,
      received_at: receipt.receivedAt,
      body_hash: receipt.bodyHash,
      idempotency_hash: receipt.idempotencyHash,
      content_type: receipt.contentType,
      raw_body: receipt.rawBody,
      bytes: receipt.bytes,
      is_test: receipt.says === 'test',
      says: receipt.says,
      accepted: lines.length - rejected,
      rejected,
      superseded: count('superseded'),
      not_chosen: count('not_chosen'),
      replay_of: receipt.replayOf,
    });
    await insertRows(
      entities,
      'stock_push_lines',
      LINE_COLUMNS,
      lines.map((line) => [
        pushId,
        line.index,
        line.outcome,
        line.reason,
        line.message,
        line.sourceProductId,
        line.code,
        line.barcode,
        line.name,
        line.warehouse,
        line.quantity,
        line.before,
      ]),
    );
    return pushId;
  }

  async lines(pushId: number): Promise<readonly (PushLine & { readonly itemIds: readonly number[] })[]> {
    const rows = await this.unit.entities.find(StockPushLineRow, { where: { pushId }, order: { lineIndex: 'ASC' } });
    const products = [...new Set(rows.flatMap((row) => row.sourceProductId ?? []))];
    const items = new Map<number, number[]>();
    for (const slice of slices(products)) {
      const found = await selectRows<{ id: number; sourceProductId: number }>(
        this.unit.entities,
        `SELECT id AS id, source_product_id AS sourceProductId FROM sync_items WHERE source_product_id IN (${marks(slice)})`,
        slice,
      );
      for (const { id, sourceProductId } of found) {
        items.set(sourceProductId, [...(items.get(sourceProductId) ?? []), id]);
      }
    }
    return rows.map((row) => ({
      ...lineOf(row),
      itemIds: row.sourceProductId === null ? [] : (items.get(row.sourceProductId) ?? []),
    }));
  }

  /** By time where a time is asked for, since that is what its index is in the order of; else by id. */
  async list(filter: PushFilter, { limit, cursor }: PageRequest): Promise<Page<Push>> {
    const isTimed = filter.from !== null || filter.before !== null;
    const query = this.unit.entities
      .createQueryBuilder(StockPushRow, 'push')
      // Everything but the raw body, which can be 5 MB a row.
      .select(LISTED.map((property) => `push.${property}`))
      .take(limit + 1);
    if (isTimed) query.orderBy('push.receivedAt', 'DESC').addOrderBy('push.id', 'DESC');
    else query.orderBy('push.id', 'DESC');
    if (filter.sourceId !== null) query.andWhere('push.sourceId = :sourceId', { sourceId: filter.sourceId });
    if (filter.from !== null) query.andWhere('push.receivedAt >= :from', { from: filter.from });
    if (filter.before !== null) query.andWhere('push.receivedAt < :before', { before: filter.before });
    if (filter.outcome !== null) query.andWhere(HAVING[filter.outcome]);
    if (cursor !== null) {
      const [at, id] = isTimed ? cursor.split('.').map(Number) : [0, Number(cursor)];
      if (isTimed) query.andWhere('(push.receivedAt < :at OR (push.receivedAt = :at AND push.id < :id))', { at, id });
      else query.andWhere('push.id < :id', { id });
    }
    const rows = await query.getMany();
    const page = pageOf(rows, limit, (row) => (isTimed ? `${row.receivedAt}.${row.id}` : String(row.id)));
    const names = await this.sourceNames(page.data.map((row) => row.sourceId));
    return { ...page, data: page.data.map((row) => pushOf(row, names.get(row.sourceId) ?? '')) };
  }

  async find(
    id: number,
  ): Promise<(Push & { readonly contentType: string | null; readonly rawBody: string | null }) | null> {
    const row = await this.unit.entities.findOneBy(StockPushRow, { id });
    if (!row) return null;
    const names = await this.sourceNames([row.sourceId]);
    return { ...pushOf(row, names.get(row.sourceId) ?? ''), contentType: row.contentType, rawBody: row.rawBody };
  }

  removeBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const ids = (
        await selectRows<{ id: number }>(
          entities,
          'SELECT id AS id FROM stock_pushes WHERE received_at < ? ORDER BY received_at LIMIT ?',
          [before, limit],
        )
      ).map((row) => row.id);
      if (ids.length === 0) return 0;
      return affectedRows(entities, `DELETE FROM stock_pushes WHERE id IN (${marks(ids)})`, ids);
    });
  }

  private async sourceNames(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const distinct = [...new Set(ids)];
    if (distinct.length === 0) return new Map();
    const rows = await selectRows<{ id: number; name: string }>(
      this.unit.entities,
      `SELECT id AS id, name AS name FROM sources WHERE id IN (${marks(distinct)})`,
      distinct,
    );
    return new Map(rows.map((row) => [row.id, row.name]));
  }
}
