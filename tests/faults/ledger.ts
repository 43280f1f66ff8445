import type { RecordedWrite } from '../support/simulated-woocommerce';
import { type Good, isHealthy, labelOf } from './goods';

/** One level the source said of one product. */
export interface Saying {
  /** The whole number the shop must show for it. */
  readonly target: number;
  readonly order: number;
  /** Unknown until the push was answered, and for ever when the sender gave up waiting. */
  use: 'unknown' | 'accepted' | 'not-used';
  carriedOut: boolean;
}

interface Account {
  readonly good: Good;
  readonly sayings: Saying[];
  newestCarriedOut: Saying | null;
}

/** What the source said, and whether each write the shop was asked for is one the source had said by then. */
export class Ledger {
  readonly violations: string[] = [];
  private readonly accounts = new Map<Good, Account>();
  private readonly bySku = new Map<string, Account>();

  constructor(goods: readonly Good[]) {
    for (const good of goods) {
      const account: Account = { good, sayings: [], newestCarriedOut: null };
      this.accounts.set(good, account);
      if (good.sku !== null) this.bySku.set(good.sku, account);
    }
  }

  /** Before it is sent: the shop may be asked for it earlier than the sender gets its answer. */
  say(good: Good, target: number): Saying {
    const { sayings } = this.accountOf(good);
    const saying: Saying = { target, order: sayings.length, use: 'unknown', carriedOut: false };
    sayings.push(saying);
    return saying;
  }

  answered(good: Good, saying: Saying, outcome: string): void {
    saying.use = outcome === 'accepted' ? 'accepted' : 'not-used';
    if (saying.use === 'not-used' && saying.carriedOut) {
      this.violations.push(
        `${labelOf(good)}: ${saying.target} was written although its line was answered "${outcome}"`,
      );
    }
  }

  /** A number never said of it before, so that a write tells which saying it stems from. */
  isNew(good: Good, target: number): boolean {
    return this.accountOf(good).sayings.every((saying) => saying.target !== target);
  }

  /** Every write, in the moment the shop carries it out. */
  written({ sku, asked }: RecordedWrite): void {
    const account = this.bySku.get(sku);
    if (account === undefined) {
      this.violations.push(`${sku} was written (${String(asked)}), a product no push speaks of`);
      return;
    }
    if (account.good.kind === 'duplicate') {
      this.violations.push(`${sku} was written (${String(asked)}) though two products have this SKU`);
    }
    const saying = account.sayings.findLast((each) => each.target === asked && each.use !== 'not-used');
    if (saying === undefined) {
      this.violations.push(`${sku} was written ${String(asked)}, which the source has not said: ${story(account)}`);
      return;
    }
    const newest = account.newestCarriedOut;
    if (newest !== null && saying.order < newest.order) {
      this.violations.push(
        `${sku} was written ${saying.target} after the newer ${newest.target} had been written: ${story(account)}`,
      );
      return;
    }
    saying.carriedOut = true;
    account.newestCarriedOut = saying;
  }

  /** What the shop may show in the end: the last acknowledged level, or one sent since whose answer was lost. */
  finals(good: Good): readonly number[] {
    const { sayings } = this.accountOf(good);
    const last = sayings.findLastIndex((saying) => saying.use === 'accepted');
    return sayings.flatMap((saying, position) =>
      position === last || (position > last && saying.use === 'unknown') ? [saying.target] : [],
    );
  }

  wasAcknowledged(good: Good): boolean {
    return this.accountOf(good).sayings.some((saying) => saying.use === 'accepted');
  }

  story(good: Good): string {
    return story(this.accountOf(good));
  }

  get healthy(): readonly Good[] {
    return [...this.accounts.keys()].filter(isHealthy);
  }

  private accountOf(good: Good): Account {
    const account = this.accounts.get(good);
    if (account === undefined) throw new Error(`No account of ${labelOf(good)}`);
    return account;
  }
}

const story = ({ sayings }: Account): string =>
  `said ${sayings
    .slice(-6)
    .map(({ target, use, carriedOut }) => `${target} (${use}${carriedOut ? ', written' : ''})`)
    .join(', ')}`;
