/** In what way two codes or barcodes are alike. */
export type Likeness = 'same' | 'signs' | 'zeros' | 'part' | 'digit' | 'letter' | 'near';

const bare = (text: string): string => text.toLocaleUpperCase('en').replace(/[^\p{L}\p{N}]/gu, '');
const withoutPadding = (text: string): string => text.replace(/(?<!\p{N})0+(?=\p{N})/gu, '');

/** The one place in which two texts of one length differ; null when they differ in more. */
function onlyDifference(a: string, b: string): readonly [string, string] | null {
  if (a.length !== b.length) return null;
  const places = [...a].flatMap((sign, at) => (sign === b[at] ? [] : [[sign, b[at] ?? ''] as const]));
  return places.length === 1 ? (places[0] ?? null) : null;
}

/** The server says how much two codes are alike; this says how, so that a person can judge it at a glance. */
export function likenessOf(asked: string, found: string): Likeness {
  if (asked.trim().toLocaleUpperCase('en') === found.trim().toLocaleUpperCase('en')) return 'same';
  const [a, b] = [bare(asked), bare(found)];
  if (a === b) return 'signs';
  if (withoutPadding(a) === withoutPadding(b)) return 'zeros';
  const different = onlyDifference(a, b);
  if (different !== null) return different.every((sign) => /\p{N}/u.test(sign)) ? 'digit' : 'letter';
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short !== '' && (long.startsWith(short) || long.endsWith(short)) ? 'part' : 'near';
}
