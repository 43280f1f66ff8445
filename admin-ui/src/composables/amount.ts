/** A quantity as a person types it, with a comma or a point, in the API's spelling; null when it is none. */
export function asAmount(text: string): string | null {
  const plain = text.trim().replace(',', '.');
  return /^\d{1,12}(\.\d{1,6})?$/.test(plain) ? plain : null;
}

export const isAboveZero = (amount: string): boolean => /[1-9]/.test(amount);
