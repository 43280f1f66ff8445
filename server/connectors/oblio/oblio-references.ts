const LONGEST_CODE = 100;
const CODE = /^code:(.+)$/s;

/** A product without a code cannot be asked for by it. */
export const isUsableCode = (code: string): boolean => code !== '' && [...code].length <= LONGEST_CODE;

export const codeReference = (code: string): string => `code:${code}`;

/** null for the reference of anything else. */
export const codeIn = (reference: string): string | null => CODE.exec(reference)?.[1] ?? null;
