/** Quantities have six decimals: what a float makes of 0.1 + 0.2 beyond them is nothing that anybody sold. */
const exact = (pieces: number): number => Math.round(pieces * 1_000_000) / 1_000_000;

export const sumOf = (quantities: readonly string[]): number =>
  exact(quantities.reduce((sum, each) => sum + Number(each), 0));

export const leftOf = (held: number, known: number): number => Math.max(0, exact(held - known));
