import type { EntityManager } from 'typeorm';
import type { OrderFilter } from '../domain/ports/order-views';
import { marks, selectRows } from './statements';
import { LINK_TABLES_EVER } from './sync-item-rows';
import { IS_OPEN } from './unseen-orders';

type Parameter = string | number;
interface Condition {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

export interface OrderConditions {
  /** What is joined to the orders, with its parameters before those of the conditions. */
  readonly join: string;
  readonly conditions: readonly string[];
  readonly parameters: readonly Parameter[];
}

const keptBy = (table: string): string =>
  `(SELECT k.item_id FROM ${table} k JOIN sync_items i ON i.id = k.item_id
    WHERE k.shop_id = n.shop_id AND k.product_id = n.product_id AND k.variation_id IN (n.variation_id, 0)
      AND i.connection_id = c.id LIMIT 1) IS NOT NULL`;
/**
 * Whether the source of connection `c` has what line `n` took: as itself, as a translation, as its parent’s, or before the
 * shop lost it. Of anything
 * else it has nothing to learn.
 */
export const CONCERNS = `(${LINK_TABLES_EVER.map(keptBy).join(' OR ')})`;

/**
 * Whether a source that is counted for, or that of the one connection asked for, does not know all of the order. Not as
 * EXISTS, which MariaDB turns into a join with every line there is: it is asked of a page of orders. +: SQLite would read
 * all lines of the shop for each of them.
 */
export const hasOpenLines = (order: string, connection = '', which = `AND ${CONCERNS}`): string =>
  `((SELECT n.id FROM web_order_lines n
     JOIN connections c ON c.shop_id = +n.shop_id AND c.order_rule IS NOT NULL ${connection}
     LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
     WHERE n.web_order_id = ${order}.id AND ${IS_OPEN} ${which} LIMIT 1) IS NOT NULL)`;

export const CAME_TO_NOTHING = "(o.gone_at IS NOT NULL OR o.status IN ('cancelled', 'failed', 'refunded'))";
const HOLDS = "(SELECT n.id FROM web_order_lines n WHERE n.web_order_id = o.id AND n.held <> '0' LIMIT 1) IS NOT NULL";
/** After every other sign, wherever texts are compared by their code points or by language. */
const LAST_SIGN = '\u{10FFFF}';

/** What narrows a list of web orders `o`. */
export async function ordersThatFit(entities: EntityManager, filter: OrderFilter): Promise<OrderConditions> {
  const { shopId, connectionId, state, number, product, placedFrom, placedBefore, heardBy, saved } = filter;
  const wanted: (Condition | null)[] = [
    when(shopId, 'o.shop_id = ?'),
    when(connectionId, 'o.shop_id = (SELECT shop_id FROM connections WHERE id = ?)'),
    when(placedFrom, 'o.placed_at >= ?'),
    when(placedBefore, 'o.placed_at < ?'),
    when(heardBy, 'o.heard_by = ?'),
    state === undefined ? null : inState(state, connectionId),
    number === undefined
      ? null
      : { sql: 'o.number >= ? AND o.number < ?', parameters: [number, `${number}${LAST_SIGN}`] },
    saved === true
      ? {
          sql: 'o.id IN (SELECT n.web_order_id FROM web_order_lines n WHERE n.saved_at IS NOT NULL)',
          parameters: [],
        }
      : null,
  ];
  const conditions = wanted.filter((each) => each !== null);
  const sold = product === undefined ? null : await withProduct(entities, product);
  return {
    join: sold ? `JOIN (${sold.sql}) s ON s.web_order_id = o.id` : '',
    conditions: conditions.map(({ sql }) => sql),
    parameters: [...(sold?.parameters ?? []), ...conditions.flatMap(({ parameters }) => parameters)],
  };
}

const when = (value: Parameter | undefined, sql: string): Condition | null =>
  value === undefined ? null : { sql, parameters: [value] };

function inState(state: NonNullable<OrderFilter['state']>, connectionId: number | undefined): Condition {
  if (state === 'gone') return { sql: CAME_TO_NOTHING, parameters: [] };
  const open = hasOpenLines('o', connectionId === undefined ? '' : 'AND c.id = ?');
  const parameters = connectionId === undefined ? [] : [connectionId];
  return state === 'open'
    ? { sql: `o.all_known = 0 AND ${open}`, parameters }
    : { sql: `${HOLDS} AND (o.all_known <> 0 OR NOT ${open})`, parameters };
}

/** Orders of a product, by the shop's own id of it or by what a source calls it. */
async function withProduct(entities: EntityManager, text: string): Promise<Condition> {
  const linked = await selectRows<{ productId: number; variationId: number }>(
    entities,
    `SELECT l.product_id AS productId, l.variation_id AS variationId
     FROM sources s JOIN source_products p ON p.source_id = s.id AND p.code = ?
     JOIN sync_items i ON i.source_product_id = p.id JOIN product_links l ON l.item_id = i.id`,
    [text],
  );
  const id = /^[1-9]\d{0,14}$/.test(text) ? [Number(text)] : [];
  const products = [
    ...new Set([...linked.filter((each) => each.variationId === 0).map((each) => each.productId), ...id]),
  ];
  const variations = [...new Set([...linked.map((each) => each.variationId).filter((each) => each > 0), ...id])];
  // Two questions, each with an index of its own.
  const parts = [
    ...(products.length === 0 ? [] : [`product_id IN (${marks(products)})`]),
    ...(variations.length === 0 ? [] : [`variation_id IN (${marks(variations)})`]),
  ].map((condition) => `SELECT DISTINCT web_order_id FROM web_order_lines WHERE ${condition}`);
  if (parts.length === 0) return { sql: 'SELECT id AS web_order_id FROM web_orders WHERE 1 = 0', parameters: [] };
  return { sql: parts.join(' UNION '), parameters: [...products, ...variations] };
}
