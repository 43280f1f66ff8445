/** Fewer than this many products are never held up, whatever the size of the shop. */
const ALWAYS_ALLOWED = 10;
const ALLOWED_SHARE = 0.2;
/** So many of the products that are known must be in a list of all of them. */
const LEAST_SHARE = 0.5;

/** So few can never be too many: nothing has to be looked up. */
export const couldBeMassZero = (products: number): boolean => products > ALWAYS_ALLOWED;

/** Whether so many products going to 0 at once look like a mistake of the source rather than like sales. */
export const isMassZero = (toZero: number, inStock: number): boolean =>
  toZero > Math.max(ALWAYS_ALLOWED, inStock * ALLOWED_SHARE);

/** Whether a list of all levels names so few of the known products that it looks cut off. */
export const looksCut = (listed: number, known: number): boolean =>
  known > ALWAYS_ALLOWED && listed < known * LEAST_SHARE;
