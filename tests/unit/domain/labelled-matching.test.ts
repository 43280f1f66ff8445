import { barcodeKey } from '../../../server/domain/gtin';
import {
  applicableRules,
  askedBy,
  foldCode,
  judgeByBarcode,
  judgeByCode,
  judgeByGtin,
  judgeByName,
  type MatchRule,
  type MatchVerdict,
  normaliseName,
} from '../../../server/domain/matching';
import type { CatalogProduct } from '../../../server/domain/ports/shop-catalogue';
import type { ShopProduct } from '../../../server/domain/ports/shop-target';
import { type Expected, labelledCatalogue, type LabelledProduct } from '../../support/labelled-catalogue';

const ORDER: readonly MatchRule[] = ['code', 'barcode', 'code-gtin', 'name'];

interface Rule {
  readonly keyOf: (asked: string) => string;
  readonly keysOf: (product: CatalogProduct) => readonly string[];
  readonly judge: (asked: string, candidates: readonly ShopProduct[]) => MatchVerdict;
}
const RULES: Readonly<Record<MatchRule, Rule>> = {
  code: { keyOf: foldCode, keysOf: ({ sku }) => [foldCode(sku)], judge: judgeByCode },
  barcode: {
    keyOf: barcodeKey,
    keysOf: ({ gtin, sku }) => [barcodeKey(gtin ?? ''), barcodeKey(sku)],
    judge: judgeByBarcode,
  },
  'code-gtin': { keyOf: barcodeKey, keysOf: ({ gtin }) => [barcodeKey(gtin ?? '')], judge: judgeByGtin },
  name: { keyOf: normaliseName, keysOf: ({ name }) => [normaliseName(name)], judge: judgeByName },
};

function matcher(catalogue: readonly CatalogProduct[]): (product: LabelledProduct) => MatchVerdict {
  const indexOf = (rule: MatchRule): ReadonlyMap<string, readonly CatalogProduct[]> => {
    const index = new Map<string, CatalogProduct[]>();
    for (const product of catalogue) {
      for (const key of new Set(RULES[rule].keysOf(product))) {
        const alike = index.get(key);
        if (alike) alike.push(product);
        else index.set(key, [product]);
      }
    }
    return index;
  };
  const indexes = new Map(ORDER.map((rule) => [rule, indexOf(rule)]));
  return ({ subject, allowNameAfterCode }) => {
    const rules = applicableRules(subject, ORDER, allowNameAfterCode);
    for (const rule of rules) {
      const asked = askedBy(rule, subject) ?? '';
      const { keyOf, judge } = RULES[rule];
      const verdict = judge(asked, indexes.get(rule)?.get(keyOf(asked)) ?? []);
      if (verdict.found !== 'none') return verdict;
    }
    return { found: 'none', tried: rules };
  };
}

const idOf = ({ ref }: ShopProduct): number => ref.variationId ?? ref.productId;

function saidOf(verdict: MatchVerdict): Expected | { readonly found: 'unproven' } {
  if (verdict.found !== 'one') return { found: verdict.found };
  return { found: 'one', id: idOf(verdict.product), twins: verdict.twins.map(idOf) };
}

describe.each([[1], [20_261], [777_777_777]])(
  'Thousands of products as shops and tills really write them (seed %d)',
  (seed) => {
    const { catalogue, labelled } = labelledCatalogue(seed);
    const match = matcher(catalogue);
    const outcomes = labelled.map((product) => ({ ...product, said: saidOf(match(product)) }));
    const decidable = outcomes.filter(({ expected }) => expected.found === 'one');
    const linked = outcomes.filter(({ said }) => said.found === 'one');
    const isRight = ({ expected, said }: (typeof outcomes)[number]) =>
      JSON.stringify(said) === JSON.stringify(expected);
    const report = (wrong: typeof outcomes) => ({
      wrong: wrong.length,
      of: outcomes.length,
      decidable: decidable.length,
      linked: linked.length,
      first: wrong.slice(0, 5),
    });
    const none = report([]);

    it('holds enough of everything to prove something', () => {
      expect(catalogue.length).toBeGreaterThanOrEqual(4_000);
      expect(labelled.length).toBeGreaterThanOrEqual(5_000);
      const count = (found: string) => outcomes.filter(({ expected }) => expected.found === found).length;
      expect(count('one')).toBeGreaterThan(2_000);
      expect(count('many')).toBeGreaterThan(200);
      expect(count('none')).toBeGreaterThan(1_000);
      const hows = new Map<string, number>();
      for (const { how } of labelled) hows.set(how, (hows.get(how) ?? 0) + 1);
      expect([...hows.values()].filter((times) => times < 100)).toEqual([]);
      expect(
        decidable.filter(({ expected }) => expected.found === 'one' && expected.twins.length > 0).length,
      ).toBeGreaterThan(50);
    });

    it('never links a wrong product: a wrong number in a shop is worse than none', () => {
      expect(report(linked.filter((outcome) => !isRight(outcome)))).toEqual(none);
    });

    it('links at least 99 of 100 that can be decided', () => {
      const missed = decidable.filter((outcome) => !isRight(outcome));
      expect(missed.length > decidable.length / 100 ? report(missed) : none).toEqual(none);
    });

    it('flags every one that cannot be decided, and says whether there are several or none', () => {
      const undecidable = outcomes.filter(({ expected }) => expected.found !== 'one');
      expect(report(undecidable.filter((outcome) => !isRight(outcome)))).toEqual(none);
    });
  },
);
