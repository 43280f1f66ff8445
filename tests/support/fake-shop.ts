import { refKey } from '../../server/domain/batch-plan';
import { foldCode } from '../../server/domain/matching';
import type {
  ShopProduct,
  ShopProductRef,
  ShopReadAnswer,
  ShopTarget,
  ShopWriteAnswer,
  ShopWriteBatch,
} from '../../server/domain/ports/shop-target';

type Call =
  | { readonly what: 'codes'; readonly asked: readonly string[] }
  | { readonly what: 'barcodes'; readonly asked: readonly string[] }
  | { readonly what: 'name'; readonly asked: string }
  | { readonly what: 'read'; readonly refs: readonly string[] }
  | { readonly what: 'write'; readonly batch: ShopWriteBatch };

/**
 * A shop in memory that keeps the port's promises: one answer per line in the order sent, the product as it is after
 * the write, a number ignored where the product keeps none. `before*` and `answerTo` let a test break things.
 */
export class FakeShop implements ShopTarget {
  readonly calls: Call[] = [];
  private readonly products = new Map<string, ShopProduct>();
  /** Thrown (when it returns an error) before the call has any effect. */
  beforeCall: (call: Call) => Error | null = () => null;
  /** Thrown after the write took effect: the answer is lost. */
  afterWrite: (batch: ShopWriteBatch) => Error | null = () => null;
  /** Replaces the answer to one written line. */
  answerTo: (answer: ShopWriteAnswer) => ShopWriteAnswer = (answer) => answer;

  constructor(...products: readonly ShopProduct[]) {
    this.put(...products);
  }

  put(...products: readonly ShopProduct[]): void {
    for (const product of products) this.products.set(refKey(product.ref), product);
  }

  remove(ref: ShopProductRef): void {
    this.products.delete(refKey(ref));
  }

  shown(ref: ShopProductRef): string | null {
    return this.products.get(refKey(ref))?.quantity ?? null;
  }

  get writes(): ShopWriteBatch[] {
    return this.calls.flatMap((call) => (call.what === 'write' ? [call.batch] : []));
  }

  get written(): string[] {
    return this.writes.flatMap((batch) => batch.writes.map((write) => `${refKey(write.ref)}=${write.quantity}`));
  }

  async findByCodes(_access: unknown, codes: readonly string[]): Promise<ReadonlyMap<string, readonly ShopProduct[]>> {
    await this.note({ what: 'codes', asked: codes });
    return new Map(
      codes.map((code) => [code, this.all().filter(({ sku }) => sku !== '' && foldCode(sku) === foldCode(code))]),
    );
  }

  async findByBarcodes(
    _access: unknown,
    barcodes: readonly string[],
  ): Promise<ReadonlyMap<string, readonly ShopProduct[]>> {
    await this.note({ what: 'barcodes', asked: barcodes });
    return new Map(barcodes.map((code) => [code, this.all().filter(({ gtin, sku }) => gtin === code || sku === code)]));
  }

  /** Everything the shop has: a real one narrows it down, and the judging is not the shop's. */
  async findByName(_access: unknown, name: string): Promise<readonly ShopProduct[]> {
    await this.note({ what: 'name', asked: name });
    return this.all();
  }

  async read(_access: unknown, refs: readonly ShopProductRef[]): Promise<readonly ShopReadAnswer[]> {
    await this.note({ what: 'read', refs: refs.map(refKey) });
    return refs.map((ref) => {
      const product = this.products.get(refKey(ref));
      return product ? { ref, kind: 'found', product } : { ref, kind: 'gone' };
    });
  }

  async write(_access: unknown, batch: ShopWriteBatch): Promise<readonly ShopWriteAnswer[]> {
    await this.note({ what: 'write', batch });
    const answers = batch.writes.map(({ ref, quantity }): ShopWriteAnswer => {
      const product = this.products.get(refKey(ref));
      if (!product) {
        const code = 'woocommerce_rest_product_invalid_id';
        return { ref, kind: 'refused', code, message: 'Invalid ID.', status: 400 };
      }
      const after = product.stockOwner === 'self' ? { ...product, quantity } : product;
      this.products.set(refKey(ref), after);
      return { ref, kind: 'answered', product: after };
    });
    const lost = this.afterWrite(batch);
    if (lost) throw lost;
    return answers.map((answer) => this.answerTo(answer));
  }

  examine(): Promise<never> {
    return Promise.reject(new Error('This shop is not examined in these tests'));
  }

  private all(): ShopProduct[] {
    return [...this.products.values()];
  }

  private async note(call: Call): Promise<void> {
    this.calls.push(call);
    const error = this.beforeCall(call);
    // What a network does at least: the answer comes in a later turn.
    await Promise.resolve();
    if (error) throw error;
  }
}
