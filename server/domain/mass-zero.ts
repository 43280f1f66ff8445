/** Fewer than this many products at 0 are never held up, whatever the size of the shop. */
const ALWAYS_ALLOWED = 10;
const ALLOWED_SHARE = 0.2;

/** Whether so many products going to 0 at once look like a mistake of the source rather than like sales. */
/** So few can never be too many: nothing has to be looked up. */
export const couldBeMassZero = (products: number): boolean => products > ALWAYS_ALLOWED;

export const isMassZero = (toZero: number, inStock: number): boolean =>
  toZero > Math.max(ALWAYS_ALLOWED, inStock * ALLOWED_SHARE);
