import { type CallPeriod, TEN_SECONDS_MS, type VendorCalls } from '../../server/domain/ports/vendor-calls';

/** Counts calls in memory; two connectors that share one are two processes of one service. */
export class CountedVendorCalls implements VendorCalls {
  private readonly periods = new Map<string, number>();

  take(account: string, most: number, at: number, period: CallPeriod = 'month'): Promise<boolean> {
    const key = period === 'month' ? keyOf(account, at) : `${account} ${Math.floor(at / TEN_SECONDS_MS)}`;
    const made = this.periods.get(key) ?? 0;
    if (made >= most) return Promise.resolve(false);
    this.periods.set(key, made + 1);
    return Promise.resolve(true);
  }

  used(account: string, at: number): Promise<number> {
    return Promise.resolve(this.made(account, at));
  }

  /** As if so many calls had been made already. */
  set(account: string, calls: number, at: number): void {
    this.periods.set(keyOf(account, at), calls);
  }

  private made(account: string, at: number): number {
    return this.periods.get(keyOf(account, at)) ?? 0;
  }

  removeBefore(): Promise<number> {
    return Promise.resolve(0);
  }
}

const keyOf = (account: string, at: number): string => `${account} ${new Date(at).toISOString().slice(0, 7)}`;
