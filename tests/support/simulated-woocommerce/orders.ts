import { checkRole } from './authentication';
import type { Catalogue, SimulatedProduct } from './catalogue';
import { faultOf } from './faults';
import { integer, oneOf, type Params } from './listing';
import { readFields } from './rendering';
import { invalidParam, noRoute, RestError } from './rest-error';
import type { RestAnswer, RestRequest } from './routes';
import { type Body, isBody, phpInteger } from './writing';

export type OrderStatus = 'pending' | 'processing' | 'on-hold' | 'completed' | 'cancelled' | 'refunded' | 'failed';
export type OrderEvent = 'created' | 'updated' | 'deleted' | 'restored';

interface OrderLine {
  readonly id: number;
  /** 0 where the shop knows no such product, or knows it no more. */
  productId: number;
  variationId: number;
  quantity: number;
  /** What it has taken from the stock; null when nothing, or when it was given back. */
  reduced: number | null;
}

/** An order as the simulated shop stores it. */
export interface SimulatedOrder {
  readonly id: number;
  readonly createdAt: number;
  lines: readonly OrderLine[];
  /** Custom fields, as plugins leave them. */
  readonly meta: Record<string, string>;
  status: OrderStatus | 'trash';
  /** What it is restored to from the trash. */
  trashedAs: OrderStatus | null;
  modifiedAt: number;
  paidAt: number | null;
}

export interface OrderedLine {
  /** Nothing where the shop knows no such product: the order is taken all the same. */
  readonly product: SimulatedProduct | undefined;
  readonly quantity: number;
}

const STATUSES = ['any', 'trash', 'auto-draft', 'pending', 'processing', 'on-hold', 'completed', 'cancelled'];
const ALL_STATUSES = [...STATUSES, 'refunded', 'failed', 'checkout-draft'];
const ORDERS = ['date', 'id', 'include', 'title', 'slug', 'modified'];
/** Statuses in which an order holds its pieces. */
const TAKES: readonly string[] = ['processing', 'on-hold', 'completed'];
/** Statuses that give them back; failed and refunded ones do not. */
const GIVES_BACK: readonly string[] = ['cancelled', 'pending'];

const isStatus = (text: unknown): text is OrderStatus =>
  typeof text === 'string' && ALL_STATUSES.slice(3, -1).includes(text);

/** The orders of the simulated shop, with the rules by which WooCommerce takes and gives back stock for them. */
export class Orders {
  /** Told of what webhooks tell. */
  onChange: (event: OrderEvent, order: SimulatedOrder) => void = () => undefined;
  readonly #byId = new Map<number, SimulatedOrder>();
  #nextId = 5_001;
  #nextLineId = 1;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly now: () => number,
  ) {}

  all(): readonly SimulatedOrder[] {
    return [...this.#byId.values()];
  }

  get(id: number): SimulatedOrder | undefined {
    return this.#byId.get(id);
  }

  add(lines: readonly OrderedLine[], status: OrderStatus, isPaid: boolean): SimulatedOrder {
    const now = this.now();
    const order: SimulatedOrder = {
      id: this.#nextId++,
      createdAt: now,
      lines: lines.map(({ product, quantity }) => ({
        id: this.#nextLineId++,
        productId: product === undefined ? 0 : product.parentId || product.id,
        variationId: product?.type === 'variation' ? product.id : 0,
        quantity,
        reduced: null,
      })),
      meta: {},
      status: 'pending',
      trashedAs: null,
      modifiedAt: now,
      paidAt: isPaid ? now : null,
    };
    this.#byId.set(order.id, order);
    this.onChange('created', order);
    this.change(order, status);
    return order;
  }

  /** Whoever changes the status of one in the trash takes it out of there, and no webhook tells of that. */
  change(order: SimulatedOrder, status: OrderStatus): void {
    const isTrashed = order.status === 'trash';
    order.status = status;
    order.trashedAs = null;
    // Whoever takes an order up by hand has it paid with that.
    if (status === 'processing' || status === 'completed') order.paidAt ??= this.now();
    for (const line of order.lines) {
      const product = this.catalogue.get(line.variationId || line.productId);
      if (product === undefined || this.catalogue.stockOwner(product) === 'nobody') continue;
      if (TAKES.includes(status) && line.reduced === null) {
        this.catalogue.sell(product, line.quantity);
        line.reduced = line.quantity;
      } else if (GIVES_BACK.includes(status) && line.reduced !== null) {
        this.catalogue.sell(product, -line.reduced);
        line.reduced = null;
      }
    }
    if (isTrashed) order.modifiedAt = this.now();
    else this.touch(order);
  }

  /** What it has taken stays taken. */
  trash(order: SimulatedOrder): void {
    if (order.status === 'trash') return;
    order.trashedAs = order.status;
    order.status = 'trash';
    order.modifiedAt = this.now();
    this.onChange('deleted', order);
  }

  /** What it had taken it has all the time: nothing is taken anew. */
  restore(order: SimulatedOrder): void {
    if (order.trashedAs === null) return;
    order.status = order.trashedAs;
    order.trashedAs = null;
    order.modifiedAt = this.now();
    this.onChange('restored', order);
  }

  /** What the order took follows its quantity; a line of none is gone. */
  edit(order: SimulatedOrder, lineId: number, quantity: number): void {
    const line = order.lines.find(({ id }) => id === lineId);
    if (line === undefined) return;
    if (line.reduced !== null) this.giveBack(line, line.reduced - quantity);
    line.quantity = quantity;
    order.lines = order.lines.filter((each) => each.quantity > 0);
    this.touch(order);
  }

  /** Pieces that come back to the stock are no longer the order's, though its quantity stays. */
  refund(order: SimulatedOrder, lineId: number, pieces: number, restocks: boolean): void {
    const line = order.lines.find(({ id }) => id === lineId);
    if (line === undefined) return;
    if (restocks && line.reduced !== null) this.giveBack(line, Math.min(line.reduced, pieces));
    this.touch(order);
  }

  /** A product or variation was deleted for good: no order says any more that it was theirs. */
  forgetProduct(id: number): void {
    for (const line of this.all().flatMap(({ lines }) => lines)) {
      if (line.variationId === id) line.variationId = 0;
      if (line.productId === id) line.productId = line.variationId = 0;
    }
  }

  mark(order: SimulatedOrder, key: string, value: string): void {
    order.meta[key] = value;
    this.touch(order);
  }

  private giveBack(line: OrderLine, pieces: number): void {
    const product = this.catalogue.get(line.variationId || line.productId);
    if (product !== undefined) this.catalogue.sell(product, -pieces);
    line.reduced = (line.reduced ?? 0) - pieces || null;
  }

  private touch(order: SimulatedOrder): void {
    order.modifiedAt = this.now();
    this.onChange('updated', order);
  }

  /** As its webhooks show it; null where it is gone. */
  rendered(id: number): Body | null {
    const order = this.#byId.get(id);
    return order === undefined ? null : rendered(order, {});
  }

  /** For good; what it has taken stays taken, and no webhook tells of it. */
  remove(order: SimulatedOrder): void {
    this.#byId.delete(order.id);
  }
}

export function answerOrders(
  orders: Orders,
  catalogue: Catalogue,
  request: RestRequest,
  id: string | null,
): RestAnswer {
  const { method } = request;
  const isReading = method === 'GET' || method === 'HEAD';
  if (isReading) checkMayRead(request);
  if (id === null) {
    if (isReading) return listOrders(orders, request.params);
    if (method === 'POST') return takeOrder(orders, catalogue, request);
    throw noRoute();
  }
  const order = orders.get(Number(id));
  if (order === undefined) {
    throw new RestError(isReading ? 404 : 400, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
  }
  if (method === 'DELETE') {
    checkRole(request.user, 'delete');
    return deleteOrder(orders, order, request.params);
  } else if (!isReading) {
    checkRole(request.user, 'edit');
    const { status, line_items } = request.body;
    if (isStatus(status)) orders.change(order, status);
    for (const line of bodies(line_items)) orders.edit(order, phpInteger(line['id']), phpInteger(line['quantity']));
    keepMeta(orders, order, request.body);
  }
  return { status: 200, body: rendered(order, request.params) };
}

/** Answers the order as it was. */
function deleteOrder(orders: Orders, order: SimulatedOrder, params: Params): RestAnswer {
  const body = rendered(order, params);
  if (String(params['force']) === 'true') orders.remove(order);
  else if (order.status === 'trash') {
    throw new RestError(410, 'woocommerce_rest_already_trashed', 'The shop_order has already been deleted.');
  } else orders.trash(order);
  return { status: 200, body };
}

function checkMayRead(request: RestRequest): void {
  checkRole(request.user, 'view');
  if (faultOf(request.faults, 'may-not-view') === undefined) return;
  throw new RestError(403, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.');
}

function takeOrder(orders: Orders, catalogue: Catalogue, request: RestRequest): RestAnswer {
  checkRole(request.user, 'create');
  const { body } = request;
  const isPaid = body['set_paid'] === true;
  const asked = isStatus(body['status']) ? body['status'] : 'pending';
  const order = orders.add(
    bodies(body['line_items']).map((line) => ({
      product: productOf(catalogue, line),
      quantity: phpInteger(line['quantity'] ?? 1),
    })),
    isPaid && asked === 'pending' ? 'processing' : asked,
    isPaid,
  );
  keepMeta(orders, order, body);
  return { status: 201, body: rendered(order, request.params) };
}

const bodies = (value: unknown): readonly Body[] => (Array.isArray(value) ? value.filter(isBody) : []);

function keepMeta(orders: Orders, order: SimulatedOrder, body: Body): void {
  for (const { key, value } of bodies(body['meta_data'])) orders.mark(order, String(key), String(value));
}

/** POST /orders/<id>/refunds: restocks what it names, unless it says not to. */
export function refundOrder(orders: Orders, request: RestRequest, id: number): RestAnswer {
  checkRole(request.user, 'create');
  const order = orders.get(id);
  if (order === undefined) throw new RestError(404, 'woocommerce_rest_invalid_order_id', 'Invalid order ID.');
  const restocks = request.body['api_restock'] !== false;
  for (const line of bodies(request.body['line_items'])) {
    orders.refund(order, phpInteger(line['id']), phpInteger(line['quantity']), restocks);
  }
  return { status: 201, body: { id: 90_000 + id } };
}

function productOf(catalogue: Catalogue, line: Body): SimulatedProduct | undefined {
  const { sku } = line;
  if (typeof sku === 'string') return catalogue.withSku(sku)[0];
  return catalogue.get(phpInteger(line['variation_id']) || phpInteger(line['product_id']));
}

/** Exclusive, and to the second; null where it is not asked for. */
function changed(params: Params, name: 'modified_after' | 'modified_before'): number | null {
  const value = params[name];
  if (value === undefined || value === '') return null;
  const text = String(value);
  // The simulated site's own zone is UTC, so dates_are_gmt changes nothing.
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time)) throw invalidParam(name, 'Invalid date.', 'rest_invalid_date');
  return time;
}

const wholeSecond = (time: number): number => Math.floor(time / 1000) * 1000;

function listOrders(orders: Orders, params: Params): RestAnswer {
  const perPage = integer(params, 'per_page', 10, 1, 100);
  const page = integer(params, 'page', 1, 1, Infinity);
  const orderBy = oneOf(params, 'orderby', 'date', ORDERS);
  const direction = oneOf(params, 'order', 'desc', ['asc', 'desc']) === 'desc' ? -1 : 1;
  const statuses = String(params['status'] ?? 'any').split(',');
  const unknown = statuses.findIndex((status) => !ALL_STATUSES.includes(status));
  if (unknown >= 0) {
    const words = `status[${unknown}] is not one of ${ALL_STATUSES.slice(0, -1).join(', ')}, and checkout-draft.`;
    throw invalidParam('status', words, 'rest_not_in_enum');
  }
  const after = changed(params, 'modified_after') ?? -Infinity;
  const before = changed(params, 'modified_before') ?? Infinity;
  const found = orders
    .all()
    .filter(({ modifiedAt }) => wholeSecond(modifiedAt) > after && wholeSecond(modifiedAt) < before)
    .filter(({ status }) => (statuses.includes('any') ? status !== 'trash' : statuses.includes(status)));
  found.sort((a, b) => direction * ((orderBy === 'modified' ? a.modifiedAt - b.modifiedAt : 0) || a.id - b.id));
  const items = found.slice((page - 1) * perPage, page * perPage);
  return {
    status: 200,
    body: items.map((order) => rendered(order, params)),
    headers: { 'X-WP-Total': String(found.length), 'X-WP-TotalPages': String(Math.ceil(found.length / perPage)) },
  };
}

const gmt = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString().slice(0, 19));

function rendered(order: SimulatedOrder, params: Params): Body {
  const all: Body = {
    id: order.id,
    number: String(order.id),
    status: order.status,
    date_created_gmt: gmt(order.createdAt),
    date_modified_gmt: gmt(order.modifiedAt),
    date_paid_gmt: gmt(order.paidAt),
    meta_data: Object.entries(order.meta).map(([key, value], index) => ({ id: index + 1, key, value })),
    line_items: order.lines.map(({ id, productId, variationId, quantity, reduced }) => ({
      id,
      product_id: productId,
      variation_id: variationId,
      quantity,
      meta_data:
        reduced === null
          ? []
          : [
              {
                id: 10_000 + id,
                key: '_reduced_stock',
                value: String(reduced),
                display_key: '_reduced_stock',
                display_value: String(reduced),
              },
            ],
    })),
  };
  const fields = readFields(params['_fields']);
  return fields === null ? all : Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)));
}
