import { BURST_BEGINS_WITHIN_MS, LONGEST_BURST_MS, STILL_MS } from '../domain/coalescing';
import { refKey } from '../domain/batch-plan';
import { type Failure, failure, type FailureCode } from '../domain/failure';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { MatchMethod } from '../domain/matching';
import { gtin14, gtinSpellings } from '../domain/gtin';
import type { ShopProduct, ShopProductRef } from '../domain/ports/shop-target';
import type {
  AttemptStep,
  ClaimedItem,
  ClaimRequest,
  ItemFilter,
  LaneLease,
  NumberFacts,
  ProductLink,
  Selection,
  Settlement,
  SyncItemStore,
  SyncItemView,
  TimelineRow,
} from '../domain/ports/sync-items';
import { quantity, type Quantity } from '../domain/quantity';
import { PRIORITY, SYNC_ITEM_STATUSES, type SyncItemStatus } from '../domain/sync-item';
import type { WarehouseLevel } from '../domain/target-stock';
import { ProductLinkRow, SyncItemRow } from './entities';
import { affectedRows, containsPattern, insertRows, marks, selectRows, slices } from './statements';
import { referenceKey } from './sku-mapping-store';
import { failureOf, numbersIn, paramsOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const METHODS: readonly string[] = [
  'code',
  'barcode',
  'code-gtin',
  'name',
  'mapping',
  'manual',
] satisfies MatchMethod[];
const isMethod = (text: string): text is MatchMethod => METHODS.includes(text);
const isStatus = (text: string): text is SyncItemStatus => (SYNC_ITEM_STATUSES as readonly string[]).includes(text);

const stored = (text: string | null): Quantity | null => (text === null ? null : quantity(text));
const failureText = (failure: Settlement['failure']) => (failure === null ? null : JSON.stringify(failure));

const URGENT = [PRIORITY.movement, PRIORITY.retry] as const;
const BULK = [PRIORITY.manual, PRIORITY.bulk] as const;
/** Five full calls: more would make one claim last too long. */
const MOST_SIBLINGS = 500;

/** The product itself, and its translations. */
const LINK_TABLES = ['product_links', 'product_link_twins'] as const;
const APPEARED_PER_LOOK = 50;

/** Spellings of one text to a database that compares it as it is written. */
const casesOf = (text: string): readonly string[] => [text, text.toLowerCase(), text.toUpperCase()];

/** By which a source may call a product, as its code or as its barcode. */
function codesOf({ sku, gtin }: Pick<ShopProduct, 'sku' | 'gtin'>): readonly string[] {
  return [sku, gtin ?? ''].flatMap((code) => {
    const number = gtin14(code);
    return code === '' ? [] : [...casesOf(code), ...(number === null ? [] : gtinSpellings(number))];
  });
}

/** For so long after a clock was set back, work that had read it before may still write what it read. */
const ROWS_FROM_THE_FUTURE_MS = 60_000;
/** Far more than any lease that is given. */
const LONGEST_LEASE_MS = 60_000;
/** Longer than what has failed is ever put off. */
const LONGEST_PUT_OFF_MS = 10 * 60_000;

const NEW_ITEM_COLUMNS = [
  'connection_id',
  'shop_id',
  'source_product_id',
  'status',
  'priority',
  'due_at',
  'waiting_since',
  'version',
  'epoch',
  'attempts',
  'created_at',
  'updated_at',
];
const STEP_COLUMNS = [
  'item_id',
  'at',
  'step',
  'outcome',
  'before_quantity',
  'after_quantity',
  'wanted',
  'params',
  'failure',
  'made_by',
];

const ITEM_COLUMNS = `i.id AS id, i.connection_id AS connectionId, i.source_product_id AS sourceProductId,
  i.status AS status, i.priority AS priority, i.version AS version, i.epoch AS epoch, i.attempts AS attempts, i.shown AS shown,
  i.last_synced_at AS lastSyncedAt, i.due_at AS dueAt, i.failure AS failure, i.updated_at AS updatedAt,
  p.code AS code, p.barcode AS barcode, p.name AS name,
  l.product_id AS productId, l.variation_id AS variationId, l.found_by AS foundBy, l.sku AS linkSku,
  l.name AS linkName, l.proven_at AS provenAt, i.buffer AS buffer, i.pack_size AS packSize, i.held AS held, i.written_at AS writtenAt,
  e.backorders AS backorders, COALESCE(o.categories, e.categories) AS categories`;
/** A variation's categories are its parent's. */
const ITEM_TABLES = `sync_items i JOIN source_products p ON p.id = i.source_product_id
  LEFT JOIN product_links l ON l.item_id = i.id
  LEFT JOIN catalog_entries e ON e.shop_id = l.shop_id AND e.product_id = l.product_id AND e.variation_id = l.variation_id
  LEFT JOIN catalog_entries o ON l.variation_id > 0 AND o.shop_id = l.shop_id AND o.product_id = l.product_id AND o.variation_id = 0`;

interface ItemRow {
  id: number;
  connectionId: number;
  sourceProductId: number;
  status: string;
  priority: number;
  version: number;
  epoch: number;
  attempts: number;
  shown: string | null;
  lastSyncedAt: number | null;
  dueAt: number | null;
  failure: string | null;
  updatedAt: number;
  code: string | null;
  barcode: string | null;
  name: string | null;
  productId: number | null;
  variationId: number | null;
  foundBy: string | null;
  linkSku: string | null;
  linkName: string | null;
  provenAt: number | null;
  buffer: string | null;
  packSize: string | null;
  held: string | null;
  writtenAt: number | null;
  backorders: number | boolean | null;
  categories: string | null;
}

const refOf = (productId: number, variationId: number): ShopProductRef => ({
  productId,
  variationId: variationId === 0 ? null : variationId,
});

const factsOf = (row: ItemRow): NumberFacts => ({
  buffer: stored(row.buffer),
  packSize: stored(row.packSize),
  backorders: Boolean(row.backorders),
  categoryIds: numbersIn(row.categories),
  held: stored(row.held),
});

const linkOf = (row: ItemRow, twins: readonly ShopProductRef[]): ProductLink | null =>
  row.productId === null || row.foundBy === null
    ? null
    : {
        ref: refOf(row.productId, row.variationId ?? 0),
        foundBy: isMethod(row.foundBy) ? row.foundBy : 'manual',
        sku: row.linkSku ?? '',
        name: row.linkName ?? '',
        provenAt: row.provenAt ?? 0,
        twins,
      };

/** The same product, found the same way: only the moment of its proof is new. */
const isSame = (known: ProductLink | null, now: ProductLink | null): boolean =>
  known !== null &&
  now !== null &&
  refKey(known.ref) === refKey(now.ref) &&
  known.sku === now.sku &&
  known.name === now.name &&
  known.foundBy === now.foundBy &&
  known.twins.map(refKey).join() === now.twins.map(refKey).join();

const subjectOf = ({ code, barcode, name }: ItemRow) => ({ code, barcode, name });

/** One way of spelling a filter as SQL, for lists, counts and selections alike. */
function conditionsOf(filter: Partial<ItemFilter>): { readonly sql: string; readonly parameters: unknown[] } {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  if (filter.connectionId) {
    conditions.push('i.connection_id = ?');
    parameters.push(filter.connectionId);
  }
  if (filter.status) {
    conditions.push('i.status = ?');
    parameters.push(filter.status);
  }
  if (filter.text) {
    const pattern = containsPattern(filter.text);
    conditions.push("(p.code LIKE ? ESCAPE '!' OR p.barcode LIKE ? ESCAPE '!' OR p.name LIKE ? ESCAPE '!')");
    parameters.push(pattern, pattern, pattern);
  }
  return { sql: conditions.length === 0 ? '1 = 1' : conditions.join(' AND '), parameters };
}

export class TypeormSyncItemStore implements SyncItemStore {
  /** The time of the latest sweep, and until when rows of a clock that has been set back are looked for. */
  private sweptAt: number | null = null;
  private rowsFromTheFutureUntil = 0;

  constructor(private readonly unit: TypeormUnitOfWork) {}

  async markDue(
    connection: { readonly id: number; readonly shopId: number; readonly holdErrors: boolean },
    sourceProductIds: readonly number[],
    priority: number,
    at: number,
    saysNew = true,
  ): Promise<void> {
    await this.unit.run(async () => {
      const { entities } = this.unit;
      for (const slice of slices(sourceProductIds)) {
        const known = await selectRows<{ id: number; sourceProductId: number }>(
          entities,
          `SELECT id AS id, source_product_id AS sourceProductId FROM sync_items
           WHERE connection_id = ? AND source_product_id IN (${marks(slice)}) ORDER BY id`,
          [connection.id, ...slice],
        );
        await this.bump(
          known.map((row) => row.id),
          priority,
          at,
          { patient: true, holdErrors: connection.holdErrors, saysNew },
        );
        const knownProducts = new Set(known.map((row) => row.sourceProductId));
        const missing = slice.filter((id) => !knownProducts.has(id));
        if (missing.length === 0) continue;
        await insertRows(
          entities,
          'sync_items',
          NEW_ITEM_COLUMNS,
          missing.map((id) => [connection.id, connection.shopId, id, 'due', priority, at, at, 1, 0, 0, at, at]),
        );
      }
    });
  }

  async markAllDue(
    connection: { readonly id: number; readonly shopId: number; readonly sourceId: number },
    priority: number,
    at: number,
  ): Promise<number> {
    let marked = 0;
    for (let after = 0; ;) {
      const products = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT p.id AS id FROM source_products p WHERE p.source_id = ? AND p.id > ?
         AND EXISTS (SELECT 1 FROM stock_levels s WHERE s.source_product_id = p.id) ORDER BY p.id LIMIT 500`,
        [connection.sourceId, after],
      );
      const last = products.at(-1);
      if (last === undefined) return marked;
      await this.markDue(
        { ...connection, holdErrors: false },
        products.map((row) => row.id),
        priority,
        at,
      );
      marked += products.length;
      after = last.id;
    }
  }

  async shopsWithDueItems(at: number): Promise<readonly number[]> {
    // Before this process began, or since its last look.
    const mayHaveBeenSetBack = this.sweptAt === null || at < this.sweptAt;
    this.sweptAt = at;
    if (mayHaveBeenSetBack) this.rowsFromTheFutureUntil = at + ROWS_FROM_THE_FUTURE_MS;
    if (at <= this.rowsFromTheFutureUntil) await this.bringForward(at);
    const priorities = Object.values(PRIORITY);
    const due = priorities.map(
      () => 'EXISTS (SELECT 1 FROM sync_items i WHERE i.shop_id = lanes.shop_id AND i.priority = ? AND i.due_at <= ?)',
    );
    const rows = await selectRows<{ shopId: number }>(
      this.unit.entities,
      // An open circuit is probed even where nothing is due, or it would stay open until something is.
      `SELECT shop_id AS shopId FROM lanes WHERE (circuit_state <> 'closed' AND circuit_probe_at <= ?)
         OR (circuit_state = 'closed' AND (${due.join(' OR ')}
           OR (lease_until < ? AND EXISTS (SELECT 1 FROM sync_items w WHERE w.shop_id = lanes.shop_id AND w.status = 'writing'))
           OR EXISTS (SELECT 1 FROM catalogs g WHERE g.shop_id = lanes.shop_id AND g.due_at <= ?)
           OR EXISTS (SELECT 1 FROM stock_switches u WHERE u.shop_id = lanes.shop_id AND u.undo_at <= ?))) `,
      [at, ...priorities.flatMap((priority) => [priority, at]), at, at, at],
    );
    return rows.map((row) => row.shopId);
  }

  claim(lease: LaneLease, ask: ClaimRequest, at: number, leaseUntil: number): Promise<readonly ClaimedItem[]> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      // Renewing is the fence: whoever lost the lane claims nothing. It also makes a lane's claims wait in line.
      const ours = await affectedRows(
        entities,
        'UPDATE lanes SET lease_until = ? WHERE shop_id = ? AND owner = ? AND epoch = ?',
        [leaseUntil, lease.shopId, lease.owner, lease.epoch],
      );
      if (ours !== 1) return [];
      const { ids, priorities } = await this.dueIds(lease.shopId, ask, at);
      if (ids.length === 0) return [];
      ids.push(...(await this.dueSiblings(lease.shopId, ids, priorities, at)));
      await affectedRows(
        entities,
        `UPDATE sync_items SET status = 'writing', epoch = epoch + 1, due_at = NULL, waiting_since = NULL,
           updated_at = ?
         WHERE id IN (${marks(ids)}) AND due_at IS NOT NULL`,
        [at, ...ids],
      );
      // Read after the update: its row locks keep version and levels from changing under us until the commit.
      const rows = await selectRows<ItemRow>(
        entities,
        `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id IN (${marks(ids)}) AND i.status = 'writing'`,
        ids,
      );
      const levels = await this.levels(rows.map((row) => row.sourceProductId));
      const twins = await this.twins(ids);
      const order = new Map(ids.map((id, position) => [id, position]));
      return rows
        .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
        .map((row) => ({
          id: row.id,
          connectionId: row.connectionId,
          sourceProductId: row.sourceProductId,
          epoch: row.epoch,
          version: row.version,
          priority: row.priority,
          attempts: row.attempts,
          subject: subjectOf(row),
          levels: levels.get(row.sourceProductId) ?? [],
          facts: factsOf(row),
          link: linkOf(row, twins.get(row.id) ?? []),
        }));
    });
  }

  settle(settlements: readonly Settlement[], steps: readonly AttemptStep[], at: number): Promise<number> {
    return this.unit.run(async () => {
      let settled = 0;
      // Two products may have swapped their SKUs: both let go of what they had before either takes what it found.
      await this.letGo(
        settlements.filter(({ item, link }) => item.link !== null && link !== undefined && !isSame(item.link, link)),
      );
      const proven = new Map<number, number[]>();
      const late = new Map<number, number>();
      // In one order everywhere, so that two transactions never wait for each other's rows.
      for (const each of [...settlements].sort((a, b) => a.item.id - b.item.id)) {
        const { item, link } = each;
        if (!(await this.settleOne(each, at))) {
          late.set(item.id, item.epoch);
          continue;
        }
        settled++;
        await this.recordSwitches(each, at);
        if (link && isSame(item.link, link)) {
          proven.set(link.provenAt, [...(proven.get(link.provenAt) ?? []), item.id]);
        } else if (link !== undefined && !(await this.storeLink(each, at))) {
          await this.yieldProduct(each, link, at);
        }
      }
      for (const [provenAt, ids] of proven) {
        await affectedRows(
          this.unit.entities,
          `UPDATE product_links SET proven_at = ? WHERE item_id IN (${marks(ids)})`,
          [provenAt, ...ids],
        );
      }
      await this.distrust(late, at);
      // An item may be gone by now (its connection was removed): its steps go with it, its neighbours' stay.
      const known = await this.existing([...new Set(steps.map((step) => step.itemId))]);
      await this.recordSteps(steps.filter((step) => known.has(step.itemId)));
      return settled;
    });
  }

  releaseAbandoned(shopId: number, at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'due', due_at = ?, waiting_since = COALESCE(waiting_since, ?), epoch = epoch + 1,
           updated_at = ?
         WHERE shop_id = ? AND status = 'writing'`,
        [at, at, at, shopId],
      ),
    );
  }

  distrustLinks(shopId: number, refs: readonly ShopProductRef[], at: number): Promise<number> {
    return this.unit.run(async () => {
      const ids = new Set<number>();
      for (const slice of slices(refs)) {
        const products = slice.flatMap((ref) => (ref.variationId === null ? [ref.productId] : []));
        const variations = slice.flatMap((ref) => (ref.variationId === null ? [] : [ref.variationId]));
        for (const [column, asked] of [
          ['variation_id = 0 AND product_id', products],
          ['variation_id', variations],
        ] as const) {
          if (asked.length === 0) continue;
          for (const table of LINK_TABLES) {
            const rows = await selectRows<{ id: number }>(
              this.unit.entities,
              `SELECT item_id AS id FROM ${table} WHERE shop_id = ? AND ${column} IN (${marks(asked)})`,
              [shopId, ...asked],
            );
            for (const { id } of rows) ids.add(id);
          }
        }
      }
      return this.lookAnew([...ids], PRIORITY.bulk, at);
    });
  }

  awaken(shopId: number, appeared: readonly Pick<ShopProduct, 'sku' | 'gtin' | 'name'>[], at: number): Promise<number> {
    return this.unit.run(async () => {
      let awake = 0;
      for (const slice of slices(appeared, APPEARED_PER_LOOK)) {
        const codes = [...new Set(slice.flatMap(codesOf))];
        const names = [...new Set(slice.flatMap(({ name }) => (name === '' ? [] : casesOf(name))))];
        const conditions = [
          ...(codes.length === 0 ? [] : [`p.code IN (${marks(codes)})`, `p.barcode IN (${marks(codes)})`]),
          ...(names.length === 0 ? [] : [`p.name IN (${marks(names)})`]),
        ];
        if (conditions.length === 0) continue;
        // Through the few items that found nothing, and not through all products of the source: by none of these is
        // there an index, and a product bears more than it is called by.
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          `SELECT i.id AS id FROM connections c
           JOIN sync_items i ON i.connection_id = c.id AND i.status IN ('unmatched', 'ambiguous')
           JOIN source_products p ON p.id = i.source_product_id
           WHERE c.shop_id = ? AND c.hold_errors = 0 AND (${conditions.join(' OR ')})`,
          [shopId, ...(codes.length === 0 ? [] : [...codes, ...codes]), ...names],
        );
        awake += await this.bump(
          rows.map(({ id }) => id),
          PRIORITY.retry,
          at,
        );
      }
      return awake;
    });
  }

  awakenAll(shopId: number, at: number): Promise<number> {
    return this.unit.run(async () => {
      let awake = 0;
      for (let after = 0; ;) {
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          `SELECT i.id AS id FROM sync_items i JOIN connections c ON c.id = i.connection_id
           WHERE c.shop_id = ? AND c.hold_errors = 0 AND i.shop_id = ? AND i.status IN ('unmatched', 'ambiguous')
             AND i.id > ? ORDER BY i.id LIMIT 500`,
          [shopId, shopId, after],
        );
        const last = rows.at(-1);
        if (last === undefined) return awake;
        awake += await this.bump(
          rows.map(({ id }) => id),
          PRIORITY.bulk,
          at,
        );
        after = last.id;
      }
    });
  }

  async linkedTo(
    shopId: number,
    refs: readonly ShopProductRef[],
  ): Promise<readonly { readonly itemId: number; readonly ref: ShopProductRef; readonly label: string }[]> {
    const found: { itemId: number; ref: ShopProductRef; label: string }[] = [];
    for (const slice of slices(refs)) {
      for (const table of LINK_TABLES) {
        const rows = await selectRows<{ itemId: number; productId: number; variationId: number; label: string | null }>(
          this.unit.entities,
          `SELECT l.item_id AS itemId, l.product_id AS productId, l.variation_id AS variationId,
             COALESCE(p.code, p.barcode, p.name) AS label
           FROM ${table} l JOIN sync_items i ON i.id = l.item_id JOIN source_products p ON p.id = i.source_product_id
           WHERE l.shop_id = ? AND l.product_id IN (${marks(slice)})`,
          [shopId, ...slice.map((ref) => ref.productId)],
        );
        for (const row of rows) {
          found.push({ itemId: row.itemId, ref: refOf(row.productId, row.variationId), label: row.label ?? '' });
        }
      }
    }
    return found;
  }

  async list(filter: ItemFilter, { limit, cursor }: PageRequest): Promise<Page<SyncItemView>> {
    const where = conditionsOf(filter);
    const rows = await selectRows<ItemRow>(
      this.unit.entities,
      `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE ${where.sql} AND i.id > ? ORDER BY i.id LIMIT ?`,
      [...where.parameters, Number(cursor ?? 0), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: await this.viewsOf(page.data) };
  }

  async counts(filter: Omit<ItemFilter, 'status'>): Promise<Readonly<Record<SyncItemStatus, number>>> {
    const where = conditionsOf(filter);
    const join = filter.text ? 'JOIN source_products p ON p.id = i.source_product_id' : '';
    const rows = await selectRows<{ status: string; n: number | string }>(
      this.unit.entities,
      `SELECT i.status AS status, COUNT(*) AS n FROM sync_items i ${join} WHERE ${where.sql} GROUP BY i.status`,
      where.parameters,
    );
    const counts = Object.fromEntries(SYNC_ITEM_STATUSES.map((status) => [status, 0])) as Record<
      SyncItemStatus,
      number
    >;
    for (const row of rows) if (isStatus(row.status)) counts[row.status] = Number(row.n);
    return counts;
  }

  async find(id: number): Promise<SyncItemView | null> {
    const rows = await selectRows<ItemRow>(
      this.unit.entities,
      `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id = ?`,
      [id],
    );
    return (await this.viewsOf(rows))[0] ?? null;
  }

  async timeline(itemId: number, { limit, cursor }: PageRequest): Promise<Page<TimelineRow>> {
    // Newest first, pushes after the steps they led to when the clock shows the same moment.
    const [at, rank, id] = (cursor ?? `${Number.MAX_SAFE_INTEGER}.9.0`).split('.').map(Number);
    const before = (column: string, ownRank: number) =>
      `(${column} < ? OR (${column} = ? AND (${ownRank} < ? OR (${ownRank} = ? AND %id% < ?))))`;
    const bounds = [at, at, rank, rank, id];
    const steps = await selectRows<{
      id: number;
      at: number;
      step: string;
      outcome: string;
      before: string | null;
      after: string | null;
      wanted: string | null;
      params: string | null;
      failure: string | null;
      madeBy: string | null;
    }>(
      this.unit.entities,
      `SELECT a.id AS id, a.at AS at, a.step AS step, a.outcome AS outcome, a.before_quantity AS ${'`before`'},
         a.after_quantity AS ${'`after`'}, a.wanted AS wanted, a.params AS params, a.failure AS failure, a.made_by AS madeBy
       FROM sync_attempts a WHERE a.item_id = ? AND ${before('a.at', 1).replace('%id%', 'a.id')}
       ORDER BY a.at DESC, a.id DESC LIMIT ?`,
      [itemId, ...bounds, limit + 1],
    );
    const lines = await selectRows<{
      id: number;
      at: number;
      pushId: number;
      outcome: string;
      before: string | null;
      after: string | null;
      warehouse: string | null;
      source: string;
    }>(
      this.unit.entities,
      `SELECT n.push_id * 16384 + n.line_index AS id, u.received_at AS at, u.id AS pushId, n.outcome AS outcome,
         n.before_quantity AS ${'`before`'}, n.quantity AS ${'`after`'}, n.warehouse AS warehouse, s.name AS source
       FROM sync_items i JOIN stock_push_lines n ON n.source_product_id = i.source_product_id
         JOIN stock_pushes u ON u.id = n.push_id JOIN sources s ON s.id = u.source_id
       WHERE i.id = ? AND ${before('u.received_at', 0).replace('%id%', 'n.push_id * 16384 + n.line_index')}
       ORDER BY u.received_at DESC, id DESC LIMIT ?`,
      [itemId, ...bounds, limit + 1],
    );
    const rows = [
      ...steps.map((row) => ({
        key: [row.at, 1, row.id] as const,
        entry: {
          itemId,
          at: row.at,
          step: row.step as AttemptStep['step'],
          outcome: row.outcome,
          before: stored(row.before),
          after: stored(row.after),
          wanted: stored(row.wanted),
          params: paramsOf(row.params),
          failure: failureOf(row.failure),
          by: row.madeBy,
          pushId: null,
        } satisfies TimelineRow,
      })),
      ...lines.map((row) => ({
        key: [row.at, 0, Number(row.id)] as const,
        entry: {
          itemId,
          at: row.at,
          step: 'push',
          outcome: row.outcome,
          before: stored(row.before),
          after: stored(row.after),
          wanted: null,
          params: { source: row.source, warehouse: row.warehouse ?? '' },
          failure: null,
          by: null,
          pushId: row.pushId,
        } satisfies TimelineRow,
      })),
    ].sort((a, b) => b.key[0] - a.key[0] || b.key[1] - a.key[1] || b.key[2] - a.key[2]);
    const page = pageOf(rows, limit, (row) => row.key.join('.'));
    return { ...page, data: page.data.map((row) => row.entry) };
  }

  async recordSteps(steps: readonly AttemptStep[]): Promise<void> {
    await this.unit.run(async () => {
      await insertRows(
        this.unit.entities,
        'sync_attempts',
        STEP_COLUMNS,
        steps.map((step) => [
          step.itemId,
          step.at,
          step.step,
          step.outcome,
          step.before,
          step.after,
          step.wanted,
          Object.keys(step.params).length === 0 ? null : JSON.stringify(step.params),
          failureText(step.failure),
          step.by,
        ]),
      );
    });
  }

  async ofProducts(
    connectionId: number,
    sourceProductIds: readonly number[],
  ): Promise<readonly { readonly id: number; readonly sourceProductId: number; readonly shown: Quantity | null }[]> {
    const found: { id: number; sourceProductId: number; shown: Quantity | null }[] = [];
    for (const slice of slices(sourceProductIds)) {
      const rows = await selectRows<{ id: number; sourceProductId: number; shown: string | null }>(
        this.unit.entities,
        `SELECT id AS id, source_product_id AS sourceProductId, shown AS shown FROM sync_items
         WHERE connection_id = ? AND source_product_id IN (${marks(slice)})`,
        [connectionId, ...slice],
      );
      for (const row of rows) found.push({ ...row, shown: stored(row.shown) });
    }
    return found;
  }

  async views(ids: readonly number[]): Promise<readonly SyncItemView[]> {
    const views: SyncItemView[] = [];
    for (const slice of slices(ids)) {
      const rows = await selectRows<ItemRow>(
        this.unit.entities,
        `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id IN (${marks(slice)})`,
        slice,
      );
      views.push(...(await this.viewsOf(rows)));
    }
    return views;
  }

  async hold(numbers: readonly { readonly id: number; readonly held: Quantity }[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const { id, held } of numbers) {
        await affectedRows(this.unit.entities, 'UPDATE sync_items SET held = ?, updated_at = ? WHERE id = ?', [
          held,
          at,
          id,
        ]);
      }
    });
  }

  async holdBack(ids: readonly number[], failure: Failure, at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET status = 'failed', due_at = NULL, waiting_since = NULL, epoch = epoch + 1,
             version = version + 1, attempts = 0, failure_code = ?, failure = ?, updated_at = ?
           WHERE id IN (${marks(slice)}) AND status <> 'offline'`,
          [failure.code, JSON.stringify(failure), at, ...slice],
        );
      }
    });
  }

  async shopsWithFailure(code: FailureCode): Promise<readonly number[]> {
    const rows = await selectRows<{ shopId: number }>(
      this.unit.entities,
      "SELECT DISTINCT shop_id AS shopId FROM sync_items WHERE status = 'failed' AND failure_code = ?",
      [code],
    );
    return rows.map((row) => row.shopId);
  }

  async countInStock(connectionId: number): Promise<number> {
    const [row] = await selectRows<{ n: number | string }>(
      this.unit.entities,
      `SELECT COUNT(*) AS n FROM sync_items
       WHERE connection_id = ? AND shown IS NOT NULL AND shown <> '0' AND shown NOT LIKE '-%'`,
      [connectionId],
    );
    return Number(row?.n ?? 0);
  }

  async select(selection: Selection, afterId: number, limit: number): Promise<readonly number[]> {
    if ('ids' in selection) {
      const ids = [...new Set(selection.ids)].filter((id) => id > afterId).sort((a, b) => a - b);
      const slice = ids.slice(0, limit);
      if (slice.length === 0) return [];
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)}) ORDER BY id`,
        slice,
      );
      return rows.map((row) => row.id);
    }
    const where = conditionsOf(selection.filter);
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM sync_items i JOIN source_products p ON p.id = i.source_product_id
       WHERE ${where.sql} AND i.id > ? ORDER BY i.id LIMIT ?`,
      [...where.parameters, afterId, limit],
    );
    return rows.map((row) => row.id);
  }

  makeDue(ids: readonly number[], priority: number, at: number): Promise<number> {
    return this.unit.run(() => this.bump(ids, priority, at));
  }

  setOffline(ids: readonly number[], at: number): Promise<number> {
    return this.unit.run(() =>
      // The new epoch keeps a worker that is writing the item from settling it back into the running.
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'offline', due_at = NULL, epoch = epoch + 1, attempts = 0,
           failure_code = NULL, failure = NULL, updated_at = ? WHERE id IN (${marks(ids)}) AND status <> 'offline'`,
        [at, ...ids],
      ),
    );
  }

  setOnline(ids: readonly number[], at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'due', due_at = ?, priority = ?, version = version + 1, updated_at = ?
         WHERE id IN (${marks(ids)}) AND status = 'offline'`,
        [at, PRIORITY.manual, at, ...ids],
      ),
    );
  }

  forgetLinks(ids: readonly number[]): Promise<number> {
    return this.unit.run(async () => {
      await this.takeFromWorkers(ids);
      return this.removeLinks(ids);
    });
  }

  async referredTo(connectionId: number, references: readonly string[]): Promise<readonly number[]> {
    const wanted = new Set(references.map(referenceKey));
    const ids: number[] = [];
    // Compared here and not by the database: SQLite knows upper and lower case of ASCII alone.
    for (let after = 0; ;) {
      const rows = await selectRows<{
        id: number;
        code: string | null;
        barcode: string | null;
        foundBy: string | null;
      }>(
        this.unit.entities,
        `SELECT i.id AS id, p.code AS code, p.barcode AS barcode, l.found_by AS foundBy
         FROM sync_items i JOIN source_products p ON p.id = i.source_product_id
         LEFT JOIN product_links l ON l.item_id = i.id
         WHERE i.connection_id = ? AND i.id > ? ORDER BY i.id LIMIT 2000`,
        [connectionId, after],
      );
      const last = rows.at(-1);
      if (last === undefined) return ids;
      for (const { id, code, barcode, foundBy } of rows) {
        const reference = code ?? barcode;
        if (reference !== null && foundBy !== 'manual' && wanted.has(referenceKey(reference))) ids.push(id);
      }
      after = last.id;
    }
  }

  setRules(id: number, { buffer, packSize }: Pick<NumberFacts, 'buffer' | 'packSize'>, at: number): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          'UPDATE sync_items SET buffer = ?, pack_size = ?, updated_at = ? WHERE id = ?',
          [buffer, packSize, at, id],
        )) === 1,
    );
  }

  setLink(itemId: number, link: ProductLink, at: number): Promise<boolean> {
    return this.unit.run(async () => {
      await this.takeFromWorkers([itemId]);
      const item = await this.unit.entities.findOneBy(SyncItemRow, { id: itemId });
      return item !== null && (await this.putLink(itemId, item.shopId, link, at));
    });
  }

  removeStepsBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const ids = (
        await selectRows<{ id: number }>(
          this.unit.entities,
          'SELECT id AS id FROM sync_attempts WHERE at < ? ORDER BY at LIMIT ?',
          [before, limit],
        )
      ).map((row) => row.id);
      return ids.length === 0
        ? 0
        : affectedRows(this.unit.entities, `DELETE FROM sync_attempts WHERE id IN (${marks(ids)})`, ids);
    });
  }

  /**
   * Something new is wanted: due now, unless offline; an item being written only learns that it is not the last word.
   * One that already waits keeps its place in the line, or a product that never rests would never be served; patient
   * callers let one that was written a moment ago come to rest. MySQL assigns from left to right, so each column is set
   * before the ones it is judged by.
   */
  private async bump(
    ids: readonly number[],
    priority: number,
    at: number,
    how: { readonly patient: boolean; readonly holdErrors: boolean; readonly saysNew: boolean } = {
      patient: false,
      holdErrors: false,
      saysNew: false,
    },
  ): Promise<number> {
    const unlessInError = how.holdErrors ? "AND status NOT IN ('failed', 'unmatched', 'ambiguous')" : '';
    const burst = how.patient ? 1 : 0;
    // The source's new word ends what an undo held.
    const held = how.saysNew ? 'held = NULL,' : '';
    let bumped = 0;
    for (const slice of slices(ids)) {
      bumped += await affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET ${held} version = version + 1, attempts = 0,
           priority = CASE WHEN status = 'due' AND due_at IS NOT NULL AND priority < ? THEN priority ELSE ? END,
           waiting_since = COALESCE(waiting_since, ?),
           due_at = CASE WHEN status = 'writing' THEN NULL
                         WHEN status = 'due' AND due_at IS NOT NULL AND due_at <= ? THEN due_at
                         WHEN ? = 0 THEN ?
                         WHEN status = 'due' AND due_at IS NOT NULL THEN
                           CASE WHEN waiting_since + ? < ? THEN waiting_since + ? ELSE ? END
                         WHEN written_at > ? THEN ?
                         ELSE ? END,
           status = CASE WHEN status = 'writing' THEN status ELSE 'due' END,
           updated_at = ?
         WHERE id IN (${marks(slice)}) AND status <> 'offline' ${unlessInError}`,
        [
          priority,
          priority,
          at,
          at,
          burst,
          at,
          LONGEST_BURST_MS,
          at + STILL_MS,
          LONGEST_BURST_MS,
          at + STILL_MS,
          at - BURST_BEGINS_WITHIN_MS,
          at + STILL_MS,
          at,
          at,
          ...slice,
        ],
      );
    }
    return bumped;
  }

  /**
   * Whoever comes too late to settle may have written too late as well (a process that was held in the middle of a
   * call): what the shop shows of these products is looked at anew.
   */
  private async distrust(late: ReadonlyMap<number, number>, at: number): Promise<void> {
    if (late.size === 0) return;
    const rows = await selectRows<{ id: number; epoch: number }>(
      this.unit.entities,
      `SELECT id AS id, epoch AS epoch FROM sync_items WHERE id IN (${marks([...late])})`,
      [...late.keys()],
    );
    // Of the same epoch it was we ourselves who settled it before.
    const ids = rows.filter(({ id, epoch }) => epoch !== late.get(id)).map(({ id }) => id);
    await this.lookAnew(ids, PRIORITY.retry, at);
  }

  lookAnew(ids: readonly number[], priority: number, at: number): Promise<number> {
    return this.unit.run(() => this.distrustAndBump(ids, priority, at));
  }

  private async distrustAndBump(ids: readonly number[], priority: number, at: number): Promise<number> {
    for (const slice of slices(ids)) {
      await affectedRows(
        this.unit.entities,
        `UPDATE product_links SET proven_at = 0 WHERE item_id IN (${marks(slice)})`,
        [...slice],
      );
    }
    return this.bump(ids, priority, at);
  }

  /**
   * The clock was set back: what was to come in a moment must not wait until it has caught up. A row that was changed
   * in the future tells by how much. Some are written after the clock was set, by work that had read it before.
   */
  private bringForward(at: number): Promise<unknown> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const shops = await selectRows<{ shopId: number }>(entities, 'SELECT shop_id AS shopId FROM lanes', []);
      for (const { shopId } of shops) {
        for (const priority of Object.values(PRIORITY)) {
          await affectedRows(
            entities,
            `UPDATE sync_items SET due_at = CASE WHEN due_at - (updated_at - ?) < ? THEN ? ELSE due_at - (updated_at - ?) END,
               waiting_since = CASE WHEN waiting_since > ? THEN ? ELSE waiting_since END, updated_at = ?
             WHERE shop_id = ? AND priority = ? AND due_at > ? AND updated_at > ?`,
            [at, at, at, at, at, at, at, shopId, priority, at, at],
          );
        }
      }
      await affectedRows(
        entities,
        `UPDATE lanes SET circuit_probe_at = CASE WHEN circuit_probe_at - (circuit_set_at - ?) < ? THEN ?
             ELSE circuit_probe_at - (circuit_set_at - ?) END, circuit_set_at = ?
         WHERE circuit_set_at > ?`,
        [at, at, at, at, at, at],
      );
      await affectedRows(entities, 'UPDATE lanes SET lease_until = 0 WHERE lease_until > ?', [at + LONGEST_LEASE_MS]);
      await affectedRows(entities, 'UPDATE catalogs SET due_at = ? WHERE refreshed_at > ? AND due_at > ?', [
        at,
        at,
        at,
      ]);
      await affectedRows(entities, 'UPDATE catalogs SET full_due_at = ? WHERE loaded_at > ? AND full_due_at > ?', [
        at,
        at,
        at,
      ]);
      await affectedRows(entities, 'UPDATE stock_switches SET undo_at = ? WHERE undo_at > ?', [
        at,
        at + LONGEST_PUT_OFF_MS,
      ]);
    });
  }

  private async existing(ids: readonly number[]): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)})`,
        slice,
      );
      for (const { id } of rows) found.add(id);
    }
    return found;
  }

  /** A person's word on a link outranks what a worker found meanwhile: its settle is fenced off by the new epoch. */
  private takeFromWorkers(ids: readonly number[]): Promise<number> {
    return affectedRows(
      this.unit.entities,
      `UPDATE sync_items SET status = 'due', due_at = updated_at, epoch = epoch + 1
       WHERE id IN (${marks(ids)}) AND status = 'writing'`,
      [...ids],
    );
  }

  /** One class of work a claim: a movement must not wait for the bulk items that would fill up its call. */
  private async dueIds(
    shopId: number,
    { limit, urgentOnly }: ClaimRequest,
    at: number,
  ): Promise<{ readonly ids: number[]; readonly priorities: readonly number[] }> {
    const classes = urgentOnly ? [URGENT] : [URGENT, BULK];
    for (const priorities of classes) {
      const ids: number[] = [];
      for (const priority of priorities) {
        if (ids.length >= limit) break;
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          'SELECT id AS id FROM sync_items WHERE shop_id = ? AND priority = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?',
          [shopId, priority, at, limit - ids.length],
        );
        ids.push(...rows.map((row) => row.id));
      }
      if (ids.length > 0) return { ids, priorities };
    }
    return { ids: [], priorities: [] };
  }

  /**
   * Variations are written by parent, one call each: what else of this class of work is due under these parents goes
   * along for nothing.
   */
  private async dueSiblings(
    shopId: number,
    ids: readonly number[],
    priorities: readonly number[],
    at: number,
  ): Promise<number[]> {
    const parents = await selectRows<{ productId: number }>(
      this.unit.entities,
      `SELECT DISTINCT product_id AS productId FROM product_links WHERE variation_id > 0 AND item_id IN (${marks(ids)})`,
      ids,
    );
    if (parents.length === 0) return [];
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM product_links l JOIN sync_items i ON i.id = l.item_id
       WHERE l.shop_id = ? AND l.variation_id > 0 AND l.product_id IN (${marks(parents)})
         AND i.priority IN (${marks(priorities)}) AND i.due_at <= ?
       ORDER BY l.product_id, i.id LIMIT ?`,
      [shopId, ...parents.map((row) => row.productId), ...priorities, at, MOST_SIBLINGS],
    );
    const claimed = new Set(ids);
    return rows.map((row) => row.id).filter((id) => !claimed.has(id));
  }

  private async settleOne(each: Settlement, at: number): Promise<boolean> {
    const { item } = each;
    // A change that landed meanwhile (another version) leaves the item due, whatever this attempt came to: at once, or
    // when it has been still for a moment after a write.
    return (
      (await affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET
           status = CASE WHEN version = ? THEN ? ELSE 'due' END,
           due_at = CASE WHEN version = ? THEN ? ELSE ? END,
           waiting_since = CASE WHEN version = ? THEN ? ELSE COALESCE(waiting_since, ?) END,
           written_at = COALESCE(?, written_at),
           priority = CASE WHEN version = ? THEN ? ELSE priority END,
           attempts = CASE WHEN version = ? THEN ? ELSE 0 END,
           failure_code = CASE WHEN version = ? THEN ? ELSE NULL END,
           failure = CASE WHEN version = ? THEN ? ELSE NULL END,
           shown = CASE WHEN ? = 1 THEN ? ELSE shown END,
           shown_at = CASE WHEN ? = 1 THEN ? ELSE shown_at END,
           last_synced_at = COALESCE(?, last_synced_at),
           updated_at = ?
         WHERE id = ? AND epoch = ? AND status = 'writing'`,
        [
          item.version,
          each.status,
          item.version,
          each.dueAt,
          each.writtenAt === null ? at : at + STILL_MS,
          item.version,
          each.dueAt === null ? null : at,
          at,
          each.writtenAt,
          item.version,
          each.priority,
          item.version,
          each.attempts,
          item.version,
          each.failure?.code ?? null,
          item.version,
          failureText(each.failure),
          each.shown === undefined ? 0 : 1,
          each.shown ?? null,
          each.shown === undefined ? 0 : 1,
          at,
          each.syncedAt,
          at,
          item.id,
          item.epoch,
        ],
      )) === 1
    );
  }

  /** What was switched on is on record, so that it can be switched off again. */
  private async recordSwitches({ item, switchedOn }: Settlement, at: number): Promise<void> {
    if (switchedOn.length === 0) return;
    const { connectionId, shopId } = await this.unit.entities.findOneByOrFail(SyncItemRow, { id: item.id });
    await insertRows(
      this.unit.entities,
      'stock_switches',
      ['item_id', 'connection_id', 'shop_id', 'product_id', 'variation_id', 'switched_at'],
      switchedOn.map((ref) => [item.id, connectionId, shopId, ref.productId, ref.variationId ?? 0, at]),
      this.unit.isSqlite
        ? 'ON CONFLICT (item_id, product_id, variation_id) DO UPDATE SET switched_at = excluded.switched_at, undo_at = NULL'
        : 'ON DUPLICATE KEY UPDATE switched_at = VALUES(switched_at), undo_at = NULL',
    );
  }

  private async letGo(settlements: readonly Settlement[]): Promise<void> {
    for (const slice of slices(settlements)) {
      const ours = slice.map(() => '(l.item_id = ? AND i.epoch = ?)').join(' OR ');
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT l.item_id AS id FROM product_links l JOIN sync_items i ON i.id = l.item_id
         WHERE i.status = 'writing' AND (${ours})`,
        slice.flatMap(({ item }) => [item.id, item.epoch]),
      );
      const ids = rows.map((row) => row.id);
      if (ids.length > 0) await this.removeLinks(ids);
    }
  }

  /** False when another item of the shop got the product in the meantime. */
  private async storeLink(each: Settlement, at: number): Promise<boolean> {
    if (each.link === undefined) return true;
    if (each.link === null) {
      await this.removeLinks([each.item.id]);
      return true;
    }
    const item = await this.unit.entities.findOneByOrFail(SyncItemRow, { id: each.item.id });
    return this.putLink(item.id, item.shopId, each.link, at);
  }

  /**
   * Two deliveries side by side found one product for two items. Whoever settled first keeps it and is written once
   * more, since the other may have written last.
   */
  private async yieldProduct(each: Settlement, link: ProductLink | null, at: number): Promise<void> {
    if (link === null) return;
    const { id } = each.item;
    const { shopId } = await this.unit.entities.findOneByOrFail(SyncItemRow, { id });
    const owner = await this.anotherOwner(id, shopId, link);
    const theirs = owner?.ref ?? link.ref;
    const productId = theirs.variationId ?? theirs.productId;
    const label = (await this.linkedTo(shopId, [theirs])).find(({ itemId }) => itemId === owner?.itemId)?.label;
    const taken = failure('product_taken', { productId, other: label ?? '' });
    await this.unit.entities.update(SyncItemRow, id, {
      status: 'failed',
      dueAt: null,
      failureCode: taken.code,
      failure: failureText(taken),
      lastSyncedAt: null,
    });
    if (owner) {
      await this.bump([owner.itemId], PRIORITY.movement, at);
      await affectedRows(this.unit.entities, 'UPDATE product_links SET proven_at = 0 WHERE item_id = ?', [
        owner.itemId,
      ]);
    }
  }

  /** False when another item of the shop already has this product, or gets it at this very moment. */
  private async putLink(itemId: number, shopId: number, link: ProductLink, at: number): Promise<boolean> {
    const { productId, variationId } = link.ref;
    if ((await this.anotherOwner(itemId, shopId, link)) !== null) return false;
    await this.removeLinks([itemId]);
    // MySQL's upsert would take another item's row for ours: either is unique. What is ignored here is told by who has it.
    await this.unit.entities
      .createQueryBuilder()
      .insert()
      .into(ProductLinkRow)
      .values({
        itemId,
        shopId,
        productId,
        variationId: variationId ?? 0,
        foundBy: link.foundBy,
        sku: link.sku.slice(0, 200),
        name: link.name.slice(0, 500),
        foundAt: at,
        provenAt: link.provenAt,
      })
      .orIgnore()
      .updateEntity(false)
      .execute();
    await insertRows(
      this.unit.entities,
      'product_link_twins',
      ['item_id', 'shop_id', 'product_id', 'variation_id'],
      link.twins.map((ref) => [itemId, shopId, ref.productId, ref.variationId ?? 0]),
      this.unit.isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = VALUES(shop_id)',
    );
    if ((await this.anotherOwner(itemId, shopId, link)) === null) return true;
    await this.removeLinks([itemId]);
    return false;
  }

  /** Who already writes to the product, or to one of its translations. */
  private async anotherOwner(
    itemId: number,
    shopId: number,
    { ref, twins }: ProductLink,
  ): Promise<{ readonly itemId: number; readonly ref: ShopProductRef } | null> {
    const refs = [ref, ...twins];
    const places = refs.map(() => '(product_id = ? AND variation_id = ?)').join(' OR ');
    const values = refs.flatMap((each) => [each.productId, each.variationId ?? 0]);
    const rows = await selectRows<{ itemId: number; productId: number; variationId: number }>(
      this.unit.entities,
      LINK_TABLES.map(
        (table) => `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId FROM ${table}
          WHERE shop_id = ? AND item_id <> ? AND (${places})`,
      ).join(' UNION ALL '),
      LINK_TABLES.flatMap(() => [shopId, itemId, ...values]),
    );
    const [row] = rows;
    return row ? { itemId: row.itemId, ref: refOf(row.productId, row.variationId) } : null;
  }

  private async removeLinks(itemIds: readonly number[]): Promise<number> {
    let removed = 0;
    for (const slice of slices(itemIds)) {
      await affectedRows(this.unit.entities, `DELETE FROM product_link_twins WHERE item_id IN (${marks(slice)})`, [
        ...slice,
      ]);
      removed += await affectedRows(
        this.unit.entities,
        `DELETE FROM product_links WHERE item_id IN (${marks(slice)})`,
        [...slice],
      );
    }
    return removed;
  }

  private async twins(itemIds: readonly number[]): Promise<ReadonlyMap<number, ShopProductRef[]>> {
    const twins = new Map<number, ShopProductRef[]>();
    for (const slice of slices(itemIds)) {
      const rows = await selectRows<{ itemId: number; productId: number; variationId: number }>(
        this.unit.entities,
        `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId FROM product_link_twins
         WHERE item_id IN (${marks(slice)}) ORDER BY product_id, variation_id`,
        slice,
      );
      for (const { itemId, productId, variationId } of rows) {
        const ref = refOf(productId, variationId);
        const known = twins.get(itemId);
        if (known) known.push(ref);
        else twins.set(itemId, [ref]);
      }
    }
    return twins;
  }

  private async levels(sourceProductIds: readonly number[]): Promise<ReadonlyMap<number, WarehouseLevel[]>> {
    const levels = new Map<number, WarehouseLevel[]>();
    for (const slice of slices([...new Set(sourceProductIds)])) {
      const rows = await selectRows<{ sourceProductId: number; warehouse: string; quantity: string }>(
        this.unit.entities,
        `SELECT s.source_product_id AS sourceProductId, w.name AS warehouse, s.quantity AS quantity
         FROM stock_levels s JOIN warehouses w ON w.id = s.warehouse_id WHERE s.source_product_id IN (${marks(slice)})`,
        slice,
      );
      for (const row of rows) {
        const level = { warehouse: row.warehouse, quantity: quantity(row.quantity) };
        const known = levels.get(row.sourceProductId);
        if (known) known.push(level);
        else levels.set(row.sourceProductId, [level]);
      }
    }
    return levels;
  }

  private async viewsOf(rows: readonly ItemRow[]): Promise<SyncItemView[]> {
    const levels = await this.levels(rows.map((row) => row.sourceProductId));
    const twins = await this.twins(rows.map((row) => row.id));
    return rows.map((row) => ({
      id: row.id,
      connectionId: row.connectionId,
      sourceProductId: row.sourceProductId,
      subject: subjectOf(row),
      status: isStatus(row.status) ? row.status : 'failed',
      levels: levels.get(row.sourceProductId) ?? [],
      facts: factsOf(row),
      shown: stored(row.shown),
      lastSyncedAt: row.lastSyncedAt,
      writtenAt: row.writtenAt,
      dueAt: row.dueAt,
      attempts: row.attempts,
      link: linkOf(row, twins.get(row.id) ?? []),
      failure: failureOf(row.failure),
      updatedAt: row.updatedAt,
    }));
  }
}
