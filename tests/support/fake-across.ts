import type { GuardedAnswer, GuardedWrite, WritesAcross } from '../../server/domain/ports/shop-target';
import type { FakeShop } from './fake-shop';

/** A shop's plugin in memory: one call for products of any parents, each written only where it shows what is expected. */
export class FakeAcross implements WritesAcross {
  readonly calls: (readonly GuardedWrite[])[] = [];
  isThere = true;
  most = 1_000;
  /** Lines it gets round to, call by call; all of them where nothing is said. */
  reaches: readonly number[] = [];
  /** What happens in the shop between our look and our write. */
  meanwhile: (write: GuardedWrite) => void = () => undefined;
  /** Thrown before the call has any effect; the plugin is away from then on. */
  fails: () => Error | null = () => null;
  /** Thrown after it has taken effect. */
  loses: () => Error | null = () => null;
  /** Replaces the answer to one line. */
  answerTo: (answer: GuardedAnswer, write: GuardedWrite) => GuardedAnswer = (answer) => answer;

  constructor(private readonly shop: FakeShop) {}

  room(): Promise<number> {
    return Promise.resolve(this.isThere ? this.most : 0);
  }

  async write(_access: unknown, writes: readonly GuardedWrite[]): Promise<readonly GuardedAnswer[]> {
    this.calls.push(writes);
    this.break(this.fails());
    const reached = this.reaches[this.calls.length - 1] ?? Infinity;
    const answers = writes.map((write, index) =>
      this.answerTo(index < reached ? this.carryOut(write) : { kind: 'not_reached' }, write),
    );
    this.break(this.loses());
    return Promise.resolve(answers);
  }

  private break(error: Error | null): void {
    if (!error) return;
    this.isThere = false;
    throw error;
  }

  private carryOut(write: GuardedWrite): GuardedAnswer {
    this.meanwhile(write);
    const { ref, quantity, expected, switchOn } = write;
    const product = this.shop.products().find((each) => JSON.stringify(each.ref) === JSON.stringify(ref));
    if (!product) return { kind: 'gone' };
    if (product.stockOwner !== 'self' && switchOn !== true) return { kind: 'not_managed' };
    const before = product.quantity;
    if (expected !== null && expected !== before) return { kind: 'changed_meanwhile', quantity: before };
    this.shop.put({ ...product, stockOwner: 'self', quantity });
    return { kind: 'shown', quantity, before, written: before !== quantity };
  }
}
