import type { MatchSubject } from '../../server/domain/matching';
import type { CatalogProduct } from '../../server/domain/ports/shop-catalogue';
import { shopProduct } from './builders';

/** What must be found for a source product, by the ids of the shop (a variation's own). */
export type Expected =
  | { readonly found: 'one'; readonly id: number; readonly twins: readonly number[] }
  | { readonly found: 'many' }
  | { readonly found: 'none' };

export interface LabelledProduct {
  readonly subject: MatchSubject;
  readonly allowNameAfterCode: boolean;
  readonly expected: Expected;
  /** What was done to it, for the report of a wrong pair. */
  readonly how: string;
}

export interface LabelledCatalogue {
  readonly catalogue: readonly CatalogProduct[];
  readonly labelled: readonly LabelledProduct[];
}

/** A product and the truth about it, known from how it was made and never from the code under test. */
interface Made {
  readonly id: number;
  readonly words: readonly string[];
  readonly sku: string;
  readonly gtin: bigint | null;
  readonly published: boolean;
  /** Complete translation group; -1 for a product by itself. */
  readonly group: number;
}

interface Spoken {
  readonly code: string | null;
  readonly barcode: bigint | null;
  readonly words: readonly string[] | null;
}

class Dice {
  constructor(private state: number) {}

  /** mulberry32: small, and the same on every machine. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('Nothing to pick from');
    return item;
  }
}

const LANGUAGES = [
  {
    nouns: ['Cană', 'Farfurie', 'Șurubelniță', 'Țuică', 'Brânză', 'Cămașă', 'Făină', 'Pâine', 'Mănuși', 'Încălțăminte'],
    kinds: ['țărănească', 'roșie', 'albastră', 'călduroasă', 'mică', 'întreagă', 'proaspătă', 'ușoară'],
    extras: ['din lemn', 'pentru bucătărie', '„Tradiție”', 'fără gluten', 'de vară'],
  },
  {
    nouns: ['Crème', 'Gâteau', 'Théière', 'Œufs', 'Pâté', 'Chaîne', 'Forêt', 'Légumes', 'Maïs', 'Bœuf'],
    kinds: ['brûlée', 'glacé', 'fraîche', 'allégée', 'épicé', 'sucré', 'préparé', 'moelleux'],
    extras: ["d'été", 'à emporter', '«Maison»', "l'orange", 'sans sucre'],
  },
  {
    nouns: ['Jamón', 'Piña', 'Champú', 'Cafetera', 'Muñeca', 'Camión', 'Tazón', 'Lámpara', 'Jabón', 'Azúcar'],
    kinds: ['ibérico', 'español', 'pequeño', 'clásico', 'mágico', 'rápido', 'húmedo', 'año'],
    extras: ['para niños', 'con leche', '“Montaña”', 'y limón', 'de algodón'],
  },
  {
    nouns: ['Pão', 'Maçã', 'Calção', 'Sabão', 'Avental', 'Colchão', 'Água', 'Relógio', 'Chávena', 'Feijão'],
    kinds: ['português', 'macio', 'elástico', 'irmã', 'doméstico', 'verão', 'ótimo', 'sólido'],
    extras: ['para mãe', 'sem glúten', '"Coração"', 'às riscas', 'da avó'],
  },
] as const;
const BRANDS = [
  'Acme',
  'Tom & Jerry',
  'Nordwind',
  "O'Neil",
  'Zeta-Plus',
  'Bravia',
  'Kronos',
  'Lumen',
  'Vesta',
  'Orion',
];
const SIZES = [
  '1,5 l',
  '15 l',
  '150 ml',
  '300 ml',
  '30 ml',
  '10⁵',
  '105',
  '5"',
  '½ kg',
  '12 kg',
  '2 x 6',
  '26',
  '100 g',
];

const PLAIN: Readonly<Record<string, string>> = {
  ...{ ă: 'a', â: 'a', î: 'i', ș: 's', ş: 's', ț: 't', ţ: 't', à: 'a', á: 'a', ã: 'a', ä: 'a', ç: 'c' },
  ...{ é: 'e', è: 'e', ê: 'e', ë: 'e', í: 'i', ï: 'i', ñ: 'n', ó: 'o', ô: 'o', õ: 'o', ö: 'o', œ: 'oe' },
  ...{ ú: 'u', û: 'u', ü: 'u', '’': "'", '„': '"', '”': '"', '“': '"', '«': '"', '»': '"', '–': '-' },
};

/** By a table of its own: a mistake in the code under test must not be made here too. */
const plain = (text: string): string => [...text.toLowerCase()].map((letter) => PLAIN[letter] ?? letter).join('');
const plainName = (words: readonly string[]): string => plain(words.join(' '));

function withCheckDigit(body: string): string {
  const digits = [...body].reverse().map(Number);
  const sum = digits.reduce((total, digit, place) => total + (place % 2 === 0 ? 3 * digit : digit), 0);
  return body + ((10 - (sum % 10)) % 10);
}

const GTIN_LENGTHS = [8, 12, 13, 14];

export function labelledCatalogue(seed: number, products = 4_000, sources = 6_000): LabelledCatalogue {
  const dice = new Dice(seed);
  const made: Made[] = [];
  const catalogue: CatalogProduct[] = [];
  const usedNames = new Set<string>();
  const usedGtins = new Set<bigint>();
  let lastId = 0;
  let groups = 0;

  while (made.length < products) addSome(dice.next());
  const truth = truthAbout(made);
  const labelled = Array.from({ length: sources }, () => label(dice.pick(made)));
  return { catalogue, labelled };

  function addSome(kind: number): void {
    const sku = newSku();
    if (kind < 0.62) add({});
    else if (kind < 0.72) addVariations(sku);
    else if (kind < 0.76) add({ status: 'draft' });
    else if (kind < 0.79) add({ status: 'private' });
    else if (kind < 0.81) add({ type: 'grouped' });
    else if (kind < 0.85) [newGtin(), newGtin()].forEach((gtin) => add({ sku, gtin }));
    else if (kind < 0.89) addShared();
    else if (kind < 0.94) addTwins(sku, dice.chance(0.8));
    else if (kind < 0.96) add({ sku: spell(newGtin()), gtin: null });
    else if (kind < 0.98) add({ sku: `CAFÉ-${lastId}` });
    else [`ȚUICĂ-${lastId}`, `tuica-${lastId}`].forEach((each) => add({ sku: each }));
  }

  /** Two with one name, and in one case of two a GTIN that both have: the name of a draft is nobody's. */
  function addShared(): void {
    const words = newWords();
    const gtin = dice.chance(0.5) ? newGtin() : null;
    add({ words, gtin });
    add({ words, gtin, status: dice.chance(0.3) ? 'draft' : 'publish' });
  }

  function addVariations(sku: string): void {
    const words = newWords();
    const parent = add({ words, sku, gtin: null, type: 'variable' });
    for (const size of ['S', 'M', 'XL'].slice(dice.below(2))) {
      const own = dice.chance(0.7) ? `${sku}-${size}` : '';
      add({ words: [...words, '-', size], sku: own, type: 'variation', parent });
    }
  }

  /** One product in several languages; an incomplete group is two products that share a SKU. */
  function addTwins(sku: string, complete: boolean): void {
    const [gtin, count] = [newGtin(), 2 + dice.below(2)];
    const ids = Array.from({ length: count }, (_, index) => lastId + 1 + index);
    groups++;
    for (const [index] of ids.entries()) {
      const translations = complete ? ids : index === 0 ? ids : [];
      add({ sku, gtin, translations, group: complete ? groups : -1 });
    }
  }

  function add(given: {
    readonly words?: readonly string[];
    readonly sku?: string;
    readonly gtin?: bigint | null;
    readonly status?: string;
    readonly type?: CatalogProduct['type'];
    readonly parent?: number;
    readonly translations?: readonly number[];
    readonly group?: number;
  }): number {
    const id = ++lastId;
    const words = given.words ?? newWords();
    const sku = given.sku ?? newSku();
    const gtin = given.gtin !== undefined ? given.gtin : dice.chance(0.6) ? newGtin() : null;
    const status = given.status ?? 'publish';
    const skuAsGtin = /^\d{8}$|^\d{12,14}$/.test(sku);
    made.push({ id, words, sku, gtin, published: status === 'publish', group: given.group ?? -1 });
    if (skuAsGtin && gtin !== null) throw new RangeError('A SKU that is a GTIN stands for the product’s own');
    catalogue.push({
      ...shopProduct(id, {
        ref:
          given.parent === undefined
            ? { productId: id, variationId: null }
            : { productId: given.parent, variationId: id },
        type: given.type ?? 'simple',
        name: dice.chance(0.3) ? noisyName(words) : words.join(' '),
        sku,
        gtin: gtin === null ? null : spell(gtin),
        status,
        translations: given.translations ?? [],
      }),
      categories: [],
      modifiedAt: null,
    });
    return id;
  }

  function newWords(): readonly string[] {
    for (;;) {
      const { nouns, kinds, extras } = dice.pick(LANGUAGES);
      const words = [dice.pick(nouns), dice.pick(kinds), ...dice.pick(BRANDS).split(' ')];
      if (dice.chance(0.5)) words.push(...dice.pick(extras).split(' '));
      words.push(...dice.pick(SIZES).split(' '));
      const name = plainName(words);
      if (usedNames.has(name)) continue;
      usedNames.add(name);
      return words;
    }
  }

  function newSku(): string {
    const number = String(100_000 + made.length * 7 + dice.below(7));
    return dice.pick([`AB-${number}`, `ro.${number}/x`, `Ș ${number}`, number]);
  }

  function newGtin(): bigint {
    for (;;) {
      const length = dice.pick(GTIN_LENGTHS);
      const body = String(1 + dice.below(9)) + String(dice.below(10 ** 12)).padStart(12, '0');
      const gtin = BigInt(withCheckDigit(body.slice(0, length - 1)));
      if (usedGtins.has(gtin)) continue;
      usedGtins.add(gtin);
      return gtin;
    }
  }

  /** In any length that holds it, at times with blanks or hyphens between. */
  function spell(gtin: bigint): string {
    const digits = gtin.toString();
    const spelling = digits.padStart(dice.pick(GTIN_LENGTHS.filter((length) => length >= digits.length)), '0');
    if (!dice.chance(0.2)) return spelling;
    const at = 1 + dice.below(6);
    return `${spelling.slice(0, at)}${dice.pick([' ', '-', '\u00a0'])}${spelling.slice(at)}`;
  }

  /** Another spelling of the same name. Entities come last: their letters are not the name's. */
  function noisyName(words: readonly string[]): string {
    let name = words.join(' ');
    name = dice.pick([name, name.toUpperCase(), name.toLowerCase(), name]);
    if (dice.chance(0.4)) name = [...name].map((letter) => withoutMark(letter)).join('');
    else if (dice.chance(0.5))
      name = name.replace(/[șțȘȚ]/g, (letter) => ({ ș: 'ş', ț: 'ţ', Ș: 'Ş', Ț: 'Ţ' })[letter] ?? letter);
    if (dice.chance(0.3)) name = name.normalize('NFD');
    if (dice.chance(0.5))
      name = name.replaceAll("'", dice.pick(['’', '‘', '´', '′'])).replaceAll(/ - /g, dice.pick([' – ', ' — ', ' − ']));
    if (dice.chance(0.5)) name = name.replace(/["„”“«»]/g, () => dice.pick(['"', '“', '”', '„', '«', '»', '″']));
    if (dice.chance(0.5)) name = name.replaceAll(' ', dice.pick(['  ', '\u00a0', ' \u200b', '\t', '\r\n']));
    if (dice.chance(0.3)) name = ` ${name}\ufeff`;
    if (dice.chance(0.5)) {
      name = name.replaceAll('&', dice.pick(['&amp;', '&#38;', '&#x26;']));
      name = name
        .replaceAll('é', '&eacute;')
        .replaceAll('ã', '&#227;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#039;')
        .replaceAll('–', '&#8211;')
        .replaceAll('\u00a0', '&nbsp;');
    }
    return name;
  }

  /** Another name: what is done to it may make it the name of another product, and the truth knows. */
  function otherWords(words: readonly string[]): readonly string[] {
    const at = dice.below(words.length - 1);
    const [one = '', next = ''] = words.slice(at, at + 2);
    const figure = words.findIndex((word) => /\d/.test(word));
    const figures = words[figure] ?? '';
    return dice.pick([
      () => words.filter((_, index) => index !== at),
      () => words.with(at, next).with(at + 1, one),
      () => [...words, dice.pick(['nou', 'XL', '2'])],
      () => (figure < 0 ? words.slice(1) : words.with(figure, figures.replace(',', '').replace('⁵', '5'))),
      () =>
        figure < 0
          ? words.slice(1)
          : words.with(
              figure,
              figures.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
            ),
      () => (figure < 0 ? words.slice(1) : words.with(figure, figures.replace(/^15$/, '1,5').replace(/^105$/, '10⁵'))),
      () => words.map((word) => (word === '½' ? '12' : word === '12' ? '½' : word)),
    ])();
  }

  function label(product: Made): LabelledProduct {
    const { words, sku, gtin } = product;
    const allowNameAfterCode = dice.chance(0.15);
    const name = dice.chance(0.5) ? words : otherWords(words);
    const lost: Spoken = { code: null, barcode: null, words: null };
    const off = gtin === null ? null : oneDigitOff(gtin);
    const ways: [how: string, spoken: Spoken, spelt: Partial<MatchSubject>][] = [];
    if (sku !== '') {
      const noisy = ` ${dice.pick([sku, sku.toUpperCase(), sku.toLowerCase(), sku.normalize('NFD')])}\t`;
      ways.push(['the code in another spelling', { ...lost, code: sku }, { code: noisy }]);
      ways.push(['the code, and a wrong barcode and name', { ...lost, code: sku, barcode: off, words: name }, {}]);
      const digitOff = sku.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1 + dice.below(9)) % 10));
      ways.push(['a code with one digit off', { ...lost, code: digitOff, words }, {}]);
      ways.push(['a code with a zero before it', { ...lost, code: `0${sku}` }, {}]);
      ways.push(['a code without marks', { ...lost, code: plain(sku) }, {}]);
    }
    if (gtin !== null) {
      ways.push(['the barcode in another spelling', { ...lost, barcode: gtin }, {}]);
      ways.push(['an unknown code and the barcode', { ...lost, code: `?${sku}`, barcode: gtin, words: name }, {}]);
      ways.push(['the barcode as the code', { ...lost, code: spell(gtin) }, {}]);
      ways.push([
        'a barcode with one digit off',
        { ...lost, barcode: off, words: dice.chance(0.5) ? words : null },
        {},
      ]);
    }
    for (let times = 0; times < 3; times++) {
      ways.push(['the name in another spelling', { ...lost, words }, {}]);
      ways.push(['another name', { ...lost, words: otherWords(words) }, {}]);
    }
    ways.push(['an unknown code and the name', { ...lost, code: `?${sku}`, words: name }, {}]);
    const [how, spoken, spelt] = dice.pick(ways);
    return {
      subject: {
        code: spoken.code,
        barcode: spoken.barcode === null ? null : spell(spoken.barcode),
        name: spoken.words === null ? null : noisyName(spoken.words),
        ...spelt,
      },
      allowNameAfterCode,
      expected: truth(spoken, allowNameAfterCode),
      how,
    };
  }

  /** No GTIN any more, since no check digit survives that; a text of the same length. */
  function oneDigitOff(gtin: bigint): bigint {
    const digits = gtin.toString();
    const at = 1 + dice.below(digits.length - 1);
    return BigInt(digits.slice(0, at) + ((Number(digits[at]) + 1 + dice.below(9)) % 10) + digits.slice(at + 1));
  }
}

const withoutMark = (letter: string): string => {
  const lower = PLAIN[letter.toLowerCase()];
  if (lower === undefined || !/^[a-z]+$/.test(lower)) return letter;
  return letter === letter.toLowerCase() ? lower : lower.toUpperCase();
};

const isGtin = (digits: string): boolean =>
  withCheckDigit(digits.padStart(14, '0').slice(0, -1)) === digits.padStart(14, '0');

/** What a person who knows the whole catalogue would say, by the rules code, barcode, code as GTIN, name. */
function truthAbout(made: readonly Made[]): (spoken: Spoken, allowNameAfterCode: boolean) => Expected {
  const bySku = group(made, ({ sku }) => (sku === '' ? [] : [plain(sku)]));
  const gtinOfSku = (sku: string): bigint[] => {
    const digits = sku.replace(/[\s-]/g, '');
    return GTIN_LENGTHS.includes(digits.length) && /^\d+$/.test(digits) && isGtin(digits) ? [BigInt(digits)] : [];
  };
  const byGtin = group(made, ({ gtin }) => (gtin === null ? [] : [gtin]));
  const byBarcode = group(made, ({ gtin, sku }) => [...(gtin === null ? [] : [gtin]), ...gtinOfSku(sku)]);
  const byName = group(
    made.filter(({ published }) => published),
    ({ words }) => [plainName(words)],
  );

  return ({ code, barcode, words }, allowNameAfterCode) => {
    if (code !== null) {
      const hits = bySku.get(plain(code)) ?? [];
      if (hits.some(({ sku }) => sku.toLowerCase() !== code.toLowerCase())) return { found: 'many' };
      if (hits.length > 0) return verdict(hits);
    }
    const byNumber = barcode === null ? [] : (byBarcode.get(barcode) ?? []);
    if (byNumber.length > 0) return verdict(byNumber);
    const byCodeAsNumber = code === null ? [] : gtinOfSku(code).flatMap((gtin) => byGtin.get(gtin) ?? []);
    if (byCodeAsNumber.length > 0) return verdict(byCodeAsNumber);
    if (words === null || (code !== null && !allowNameAfterCode)) return { found: 'none' };
    return verdict(byName.get(plainName(words)) ?? []);
  };
}

function group<Key>(
  made: readonly Made[],
  keysOf: (product: Made) => readonly Key[],
): ReadonlyMap<Key, readonly Made[]> {
  const groups = new Map<Key, Made[]>();
  for (const product of made) {
    for (const key of new Set(keysOf(product))) groups.set(key, [...(groups.get(key) ?? []), product]);
  }
  return groups;
}

function verdict(hits: readonly Made[]): Expected {
  const [first, ...others] = hits;
  if (first === undefined) return { found: 'none' };
  if (others.some((other) => first.group === -1 || other.group !== first.group)) return { found: 'many' };
  return { found: 'one', id: first.id, twins: others.map(({ id }) => id) };
}
