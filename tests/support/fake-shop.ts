import { refKey } from '../../server/domain/batch-plan';
import { failure, FailureError } from '../../server/domain/failure';
import { foldCode } from '../../server/domain/matching';
import type {
  ShopAccess,
  ShopProduct,
  ShopProductRef,
  ShopReadAnswer,
  ShopTarget,
  ShopWriteAnswer,
  ShopWriteBatch,
  StockWrite,
  WritesAcross,
} from '../../server/domain/ports/shop-target';
import { quantity, subtractQuantity, sumQuantities } from '../../server/domain/quantity';

export type Call =
  | { readonly what: 'codes'; readonly asked: readonly string[] }
  | { readonly what: 'barcodes'; readonly asked: readonly string[] }
  | { readonly what: 'name'; readonly asked: string }
  | { readonly what: 'read'; readonly refs: readonly string[] }
  | { readonly what: 'write'; readonly batch: ShopWriteBatch }
  | { readonly what: 'stopManaging'; readonly refs: readonly string[] }
  | { readonly what: 'ping' };

/**
 * A shop in memory that keeps the port's promises: one answer per line in the order sent, the product as it is after
 * the write, a number ignored where the product keeps none, `beforeCall` of the access awaited, and no call once the
 * signal is aborted. Its hooks let a test break things.
 */
export class FakeShop implements ShopTarget {
  /** Its plugin; without it everything goes by its own API. */
  across?: WritesAcross;
  readonly calls: Call[] = [];
  /** Every line that took effect, in its order: `ref=quantity`. */
  readonly stored: string[] = [];
  private readonly byRef = new Map<string, ShopProduct>();
  /** Thrown (when it returns an error) before the call has any effect. */
  beforeCall: (call: Call) => Error | null = () => null;
  /** How long a call takes: awaited before it has any effect. */
  takes: (call: Call, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** The lines of a batch that take effect. */
  carriesOut: (batch: ShopWriteBatch) => readonly StockWrite[] = (batch) => batch.writes;
  /** Between the moment in which the shop loads a product to write it and the moment in which it saves it. */
  whileSaving: (ref: ShopProductRef) => void = () => undefined;
  /** Thrown after the write took effect: the answer is lost. */
  afterWrite: (batch: ShopWriteBatch) => Error | null = () => null;
  /** Replaces the answer to one written line. */
  answerTo: (answer: ShopWriteAnswer) => ShopWriteAnswer = (answer) => answer;

  constructor(...products: readonly ShopProduct[]) {
    this.put(...products);
  }

  put(...products: readonly ShopProduct[]): void {
    for (const product of products) this.byRef.set(refKey(product.ref), product);
  }

  remove(ref: ShopProductRef): void {
    this.byRef.delete(refKey(ref));
  }

  shown(ref: ShopProductRef): string | null {
    return this.byRef.get(refKey(ref))?.quantity ?? null;
  }

  get writes(): ShopWriteBatch[] {
    return this.calls.flatMap((call) => (call.what === 'write' ? [call.batch] : []));
  }

  get written(): string[] {
    return this.writes.flatMap((batch) => batch.writes.map((write) => `${refKey(write.ref)}=${write.quantity}`));
  }

  async findByCodes(
    access: ShopAccess,
    codes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly ShopProduct[]>> {
    await this.note({ what: 'codes', asked: codes }, access, signal);
    return new Map(
      codes.map((code) => [code, this.products().filter(({ sku }) => sku !== '' && foldCode(sku) === foldCode(code))]),
    );
  }

  async findByBarcodes(
    access: ShopAccess,
    barcodes: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly ShopProduct[]>> {
    await this.note({ what: 'barcodes', asked: barcodes }, access, signal);
    return new Map(
      barcodes.map((code) => [code, this.products().filter(({ gtin, sku }) => gtin === code || sku === code)]),
    );
  }

  /** Everything the shop has: a real one narrows it down, and the judging is not the shop's. */
  async findByName(access: ShopAccess, name: string, signal: AbortSignal): Promise<readonly ShopProduct[]> {
    await this.note({ what: 'name', asked: name }, access, signal);
    return this.products();
  }

  async read(
    access: ShopAccess,
    refs: readonly ShopProductRef[],
    signal: AbortSignal,
  ): Promise<readonly ShopReadAnswer[]> {
    await this.note({ what: 'read', refs: refs.map(refKey) }, access, signal);
    return refs.map((ref) => {
      const product = this.byRef.get(refKey(ref));
      return product ? { ref, kind: 'found', product } : { ref, kind: 'gone' };
    });
  }

  async write(access: ShopAccess, batch: ShopWriteBatch, signal: AbortSignal): Promise<readonly ShopWriteAnswer[]> {
    await this.note({ what: 'write', batch }, access, signal);
    for (const { ref, quantity: asked, from, switchOn } of this.carriesOut(batch)) {
      const product = this.byRef.get(refKey(ref));
      if (product === undefined || (product.stockOwner !== 'self' && switchOn !== true)) continue;
      // As WooCommerce does: loaded, changed, saved. What falls between is written over.
      const loaded = product.quantity ?? quantity('0');
      this.whileSaving(ref);
      const number = from === undefined ? asked : sumQuantities([loaded, subtractQuantity(asked, from)]);
      this.byRef.set(refKey(ref), { ...product, stockOwner: 'self', quantity: number });
      this.stored.push(`${refKey(ref)}=${number}`);
    }
    const answers = batch.writes.map(({ ref }) => this.shownAfter(ref));
    const lost = this.afterWrite(batch);
    if (lost) throw lost;
    return answers.map((answer) => this.answerTo(answer));
  }

  async stopManaging(
    access: ShopAccess,
    batch: Parameters<ShopTarget['stopManaging']>[1],
    signal: AbortSignal,
  ): Promise<readonly ShopWriteAnswer[]> {
    await this.note({ what: 'stopManaging', refs: batch.refs.map(refKey) }, access, signal);
    for (const ref of batch.refs) {
      const product = this.byRef.get(refKey(ref));
      if (product) this.byRef.set(refKey(ref), { ...product, stockOwner: 'nobody', quantity: null });
    }
    return batch.refs.map((ref) => this.shownAfter(ref));
  }

  ping(access: ShopAccess, signal: AbortSignal): Promise<void> {
    return this.note({ what: 'ping' }, access, signal);
  }

  examine(): Promise<never> {
    return Promise.reject(new Error('This shop is not examined in these tests'));
  }

  private shownAfter(ref: ShopProductRef): ShopWriteAnswer {
    const product = this.byRef.get(refKey(ref));
    if (product) return { ref, kind: 'answered', product };
    const code = 'woocommerce_rest_product_invalid_id';
    return { ref, kind: 'refused', code, message: 'Invalid ID.', status: 400 };
  }

  /** Everything it has. */
  products(): ShopProduct[] {
    return [...this.byRef.values()];
  }

  private async note(call: Call, access: ShopAccess, signal: AbortSignal): Promise<void> {
    await access.beforeCall?.(signal);
    if (signal.aborted) throw new FailureError(failure('shop_answer_lost', { reason: 'cut off' }));
    this.calls.push(call);
    const error = this.beforeCall(call);
    await this.takes(call, signal);
    if (error) throw error;
  }
}
