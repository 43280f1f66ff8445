import type { VendorCalls } from '../../server/domain/ports/vendor-calls';

/** Counts calls in memory; two connectors that share one are two processes of one service. */
export class CountedVendorCalls implements VendorCalls {
  private readonly months = new Map<string, number>();

  take(account: string, most: number, at: number): Promise<boolean> {
    const made = this.made(account, at);
    if (made >= most) return Promise.resolve(false);
    this.months.set(keyOf(account, at), made + 1);
    return Promise.resolve(true);
  }

  used(account: string, at: number): Promise<number> {
    return Promise.resolve(this.made(account, at));
  }

  /** As if so many calls had been made already. */
  set(account: string, calls: number, at: number): void {
    this.months.set(keyOf(account, at), calls);
  }

  private made(account: string, at: number): number {
    return this.months.get(keyOf(account, at)) ?? 0;
  }
}

const keyOf = (account: string, at: number): string => `${account} ${new Date(at).toISOString().slice(0, 7)}`;
