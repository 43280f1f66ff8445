/** Products that something is being done with in this moment. */
export class UnderWay {
  private readonly counts = new Map<number, number>();

  has(product: number): boolean {
    return (this.counts.get(product) ?? 0) > 0;
  }

  async during<Result>(products: readonly number[], work: () => Promise<Result>): Promise<Result> {
    this.add(products, 1);
    try {
      return await work();
    } finally {
      this.add(products, -1);
    }
  }

  private add(products: readonly number[], by: number): void {
    for (const product of products) this.counts.set(product, (this.counts.get(product) ?? 0) + by);
  }
}
