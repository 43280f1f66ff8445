import { randomInt } from 'node:crypto';
import { checkDigit } from '../../../server/domain/gtin';
import { type ApiClient, pick, pickList, pickNumber, pickText, push } from '../../support/api-client';
import { eventually } from '../../support/eventually';
import { NOT_COUNTED } from '../../support/running-service';
import { answersTo, hundreds, type ShopAtHand } from './shop-at-hand';

/** Long enough for a real shop's whole catalogue to be read behind other work. */
export const SOON_MS = 90_000;

/** What REST is given to make it, on top of a managed product with one piece whose SKU is its own name here. */
export interface Seed {
  readonly [field: string]: unknown;
  readonly variations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Texts and numbers that no other case and no other run has. */
export class Own {
  private readonly digits = String(randomInt(10 ** 8)).padStart(8, '0');

  constructor(readonly prefix: string) {}

  text(rest: string): string {
    return `${this.prefix}-${rest}`;
  }

  /** A UPC-A; with zeros before it, it is an EAN-13 and a GTIN-14 as well. */
  upc(nth = 0): string {
    return withCheckDigit(`7${this.digits}0${nth}`);
  }

  /** An EAN-13 that is no UPC-A. */
  ean13(nth = 0): string {
    return withCheckDigit(`59${this.digits}0${nth}`);
  }

  ean8(): string {
    return withCheckDigit(`9${this.digits.slice(0, 6)}`);
  }
}

const withCheckDigit = (digits: string): string => `${digits}${checkDigit(digits)}`;

export interface MatchCase {
  readonly name: string;
  /** WooCommerce itself knows no translations: such a case runs where the shop has a plugin for them. */
  readonly translations?: true;
  readonly products: (own: Own) => Readonly<Record<string, Seed>>;
  readonly connection?: Readonly<Record<string, unknown>>;
  readonly run: (on: Stage) => Promise<void>;
}

interface Made {
  readonly id: number;
  readonly parentId: number | null;
  readonly sku: string;
}

/** What the shop shows of a product's stock; null when it is in no list. */
type Shown = { readonly stock: number | null; readonly managed: unknown } | null;

/** One case on one shop: its own products, and a source of its own that feeds the shop. */
export class Stage {
  readonly own: Own;
  private readonly made = new Map<string, Made>();
  /** For good at the end, also what a case deleted and made anew. */
  private readonly ids: number[] = [];
  private readonly categories: number[] = [];
  private before = new Map<string, Shown>();
  private pushUrl = '';
  private token = '';
  connectionId = 0;

  constructor(
    readonly of: MatchCase,
    prefix: string,
    readonly shop: ShopAtHand,
    private readonly service: () => { readonly api: ApiClient; readonly shopId: number },
  ) {
    this.own = new Own(prefix);
  }

  get api(): ApiClient {
    return this.service().api;
  }

  get shopId(): number {
    return this.service().shopId;
  }

  /** Bodies of the products to make, in order. */
  bodies(): object[] {
    return Object.entries(this.of.products(this.own)).map(([name, seed]) => this.bodyOf(name, seed));
  }

  private bodyOf(name: string, { variations, ...seed }: Seed): object {
    const options = Object.keys(variations ?? {});
    return {
      name: this.own.text(`produs ${name}`),
      sku: this.own.text(name),
      regular_price: '1',
      ...(options.length === 0
        ? { manage_stock: true, stock_quantity: 1 }
        : { type: 'variable', attributes: [{ name: 'Mărime', options, variation: true, visible: true }] }),
      ...seed,
    };
  }

  /** Takes what the shop made of `bodies`, and has it make the variations. */
  async takeMade(answers: readonly unknown[]): Promise<void> {
    const seeds = Object.entries(this.of.products(this.own));
    for (const [index, [name, { variations }]] of seeds.entries()) {
      const id = this.keep(name, null, answers[index]);
      for (const [option, body] of Object.entries(variations ?? {})) await this.addVariation(name, id, option, body);
    }
  }

  private keep(name: string, parentId: number | null, answer: unknown): number {
    const id = pickNumber(answer, 'id');
    this.made.set(name, { id, parentId, sku: pickText(answer, 'sku') });
    if (parentId === null) this.ids.push(id);
    return id;
  }

  /** A product made in the middle of the case. */
  async create(name: string, seed: Seed = {}): Promise<void> {
    this.keep(name, null, await this.shop.ask('POST', '/products', this.bodyOf(name, seed)));
    await this.remember();
  }

  /** A variation made in the middle of the case. */
  async vary(parent: string, option: string, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.addVariation(parent, this.id(parent), option, body);
    await this.remember();
  }

  private async addVariation(
    parent: string,
    parentId: number,
    option: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const answer = await this.shop.ask('POST', `/products/${parentId}/variations`, {
      sku: this.own.text(`${parent}-${option}`),
      regular_price: '1',
      manage_stock: true,
      stock_quantity: 1,
      attributes: [{ name: 'Mărime', option }],
      ...body,
    });
    this.keep(`${parent}-${option}`, parentId, answer);
  }

  private find(name: string): Made {
    const made = this.made.get(name);
    if (!made) throw new Error(`This case has no product ${name}`);
    return made;
  }

  id(name: string): number {
    return this.find(name).id;
  }

  /** As items show it. */
  ref(name: string): { readonly productId: number; readonly variationId: number | null } {
    const { id, parentId } = this.find(name);
    return parentId === null ? { productId: id, variationId: null } : { productId: parentId, variationId: id };
  }

  /** Somebody changes a product in the shop itself. */
  async change(name: string, body: object): Promise<void> {
    const { id, parentId } = this.find(name);
    const route = parentId === null ? `/products/${id}` : `/products/${parentId}/variations/${id}`;
    await this.shop.ask('POST', route, body);
    await this.remember();
  }

  async trash(name: string): Promise<void> {
    await this.shop.ask('POST', `/products/${this.id(name)}?_method=DELETE`);
    await this.remember();
  }

  async remove(name: string): Promise<void> {
    const { id, parentId } = this.find(name);
    const route = parentId === null ? '/products/batch' : `/products/${parentId}/variations/batch`;
    await this.shop.ask('POST', route, { delete: [id] });
    await this.remember();
  }

  async category(name: string): Promise<number> {
    const id = pickNumber(await this.shop.ask('POST', '/products/categories', { name: this.own.text(name) }), 'id');
    this.categories.push(id);
    return id;
  }

  async translate(first: string, second: string): Promise<void> {
    await this.shop.translate(this.id(first), this.id(second));
    await this.remember();
  }

  async forceSku(name: string, sku: string, holder: string | null = null): Promise<void> {
    await this.shop.forceSku(this.find(name), sku, holder === null ? null : this.id(holder));
    await this.remember();
  }

  /** Source and connection of its own; from here on everything written is noticed. */
  async open(): Promise<void> {
    const { api, shopId } = this.service();
    const source = await api.expect(201, 'POST', '/sources', { name: this.own.prefix, kind: 'generic' });
    this.pushUrl = pickText(source, 'pushUrl');
    this.token = pickText(source, 'token');
    const connection = await api.expect(201, 'POST', '/connections', {
      sourceId: pickNumber(source, 'id'),
      shopId,
      mode: 'live',
      orders: NOT_COUNTED,
      ...this.of.connection,
    });
    this.connectionId = pickNumber(connection, 'id');
    await this.remember();
    this.shop.takeWrites();
  }

  async settings(patch: object): Promise<void> {
    await this.api.expect(200, 'PATCH', `/connections/${this.connectionId}`, patch);
  }

  async push(...lines: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const answer = await push(this.pushUrl, this.token, { items: lines });
    expect(answer).toMatchObject({ status: 202, body: { accepted: lines.length, rejected: 0 } });
  }

  /** The item whose code is this, or else whose barcode or name is. */
  async item(identity: string): Promise<unknown> {
    const answer = await this.api.expect(200, 'GET', `/items?limit=200&connectionId=${this.connectionId}`);
    const found = pickList(answer, 'data').find(
      (row) => (pick(row, 'code') ?? pick(row, 'barcode') ?? pick(row, 'name')) === identity,
    );
    if (found === undefined) throw new Error(`There is no item ${identity}`);
    return found;
  }

  /** The state the item comes to by itself. */
  becomes(identity: string, expected: object): Promise<unknown> {
    return eventually(
      async () => {
        const item = await this.item(identity);
        expect(item).toMatchObject(expected);
        return item;
      },
      SOON_MS,
      50,
    );
  }

  /** It shows its number in the shop, and was found so. */
  synced(identity: string, name: string, foundBy: string, wanted: number): Promise<unknown> {
    const proven = { status: 'synced', verified: true, failure: null };
    const number = String(wanted);
    return this.becomes(identity, { ...proven, foundBy, ...this.ref(name), wanted: number, shown: number });
  }

  refused(identity: string, status: string, code: string, params: object = {}): Promise<unknown> {
    return this.becomes(identity, { status, verified: false, failure: { code, params } });
  }

  /** Every number ever written for it, oldest first. */
  async written(identity: string): Promise<unknown[]> {
    const id = pickNumber(await this.item(identity), 'id');
    const timeline = pickList(await this.api.expect(200, 'GET', `/items/${id}/timeline?limit=100`), 'data');
    const writes = timeline.filter((entry) => pick(entry, 'step') === 'write' && pick(entry, 'outcome') === 'written');
    return writes.map((entry) => pick(entry, 'after')).reverse();
  }

  /** The shop's own numbers: these are so, and nothing else of the case was written. */
  async shows(changed: Readonly<Record<string, number>>): Promise<void> {
    const now = await this.stocks();
    const expected = new Map(this.before);
    for (const [name, stock] of Object.entries(changed)) expected.set(name, { stock, managed: true });
    expect(Object.fromEntries(now)).toEqual(Object.fromEntries(expected));
    const writes = this.shop.takeWrites();
    const mayBe = new Set(Object.keys(changed).map((name) => this.id(name)));
    if (writes !== null) expect(writes.filter((id) => !mayBe.has(id))).toEqual([]);
    this.before = now;
  }

  private async remember(): Promise<void> {
    this.before = await this.stocks();
  }

  /** Read past our client. */
  async stocks(): Promise<Map<string, Shown>> {
    const shown = new Map<number, Shown>();
    const note = (rows: unknown): void => {
      if (!Array.isArray(rows)) throw new Error('the shop did not list its products');
      for (const row of rows) {
        const stock = pick(row, 'stock_quantity') === null ? null : pickNumber(row, 'stock_quantity');
        shown.set(pickNumber(row, 'id'), { stock, managed: pick(row, 'manage_stock') });
      }
    };
    const fields = 'per_page=100&_fields=id,stock_quantity,manage_stock';
    const products = [...this.made.values()].flatMap(({ id, parentId }) => (parentId === null ? [id] : []));
    if (products.length > 0) note(await this.shop.ask('GET', `/products?include=${products.join(',')}&${fields}`));
    const parents = new Set([...this.made.values()].flatMap(({ parentId }) => parentId ?? []));
    for (const parentId of parents) {
      if (shown.has(parentId)) note(await this.shop.ask('GET', `/products/${parentId}/variations?${fields}`));
    }
    return new Map([...this.made].map(([name, { id }]) => [name, shown.get(id) ?? null]));
  }

  catalogue(): Promise<unknown> {
    return this.api.expect(200, 'GET', `/shops/${this.shopId}/catalogue`);
  }

  /** Has the whole catalogue read anew, and waits until it is. */
  async refreshed(): Promise<void> {
    const before = pickText(await this.catalogue(), 'loadedAt');
    await this.api.expect(202, 'POST', `/shops/${this.shopId}/catalogue/refresh`);
    await this.walkEnded('loadedAt', before);
  }

  /** Has what the shop changed lately read, as happens every hour and when a shop is connected once more. */
  async changesRead(): Promise<void> {
    const before = pickText(await this.catalogue(), 'refreshedAt');
    const source = await this.api.expect(201, 'POST', '/sources', { name: 'Another', kind: 'generic' });
    const joined = { sourceId: pickNumber(source, 'id'), shopId: this.shopId, orders: NOT_COUNTED };
    const connection = await this.api.expect(201, 'POST', '/connections', joined);
    await this.walkEnded('refreshedAt', before);
    await this.api.expect(204, 'DELETE', `/connections/${pickNumber(connection, 'id')}`);
  }

  private async walkEnded(mark: 'loadedAt' | 'refreshedAt', before: string): Promise<void> {
    await eventually(
      async () => {
        const now = await this.catalogue();
        return pick(now, 'walk') === null && pickText(now, mark) !== before;
      },
      SOON_MS,
      50,
    );
  }

  async act(action: string, identity: string): Promise<void> {
    const ids = [pickNumber(await this.item(identity), 'id')];
    await this.api.expect(200, 'POST', '/items/actions', { action, ids });
  }

  async close(): Promise<void> {
    if (this.connectionId !== 0) await this.api.expect(204, 'DELETE', `/connections/${this.connectionId}`);
  }

  async clean(): Promise<void> {
    for (const some of hundreds(this.ids)) await this.shop.ask('POST', '/products/batch', { delete: some });
    for (const id of this.categories) {
      await this.shop.ask('POST', `/products/categories/${id}?_method=DELETE&force=true`);
    }
  }
}

/** Makes the products of all cases, before the service looks at the shop for the first time. */
export async function makeProducts(shop: ShopAtHand, stages: readonly Stage[]): Promise<void> {
  const bodies = stages.flatMap((stage) => stage.bodies());
  const answers: unknown[] = [];
  for (const some of hundreds(bodies)) {
    answers.push(...answersTo(await shop.ask('POST', '/products/batch', { create: some }), 'create'));
  }
  for (const stage of stages) await stage.takeMade(answers.splice(0, stage.bodies().length));
}
