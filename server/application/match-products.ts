import { type Failure, failure } from '../domain/failure';
import {
  applicableRules,
  askedBy,
  judgeByBarcode,
  judgeByCode,
  judgeByGtin,
  judgeByName,
  type MatchRule,
  type MatchSubject,
  referenceOf,
  type MatchVerdict,
} from '../domain/matching';
import type { Connection } from '../domain/ports/connections';
import type { ShopProduct } from '../domain/ports/shop-target';
import type { ProductFinder } from './product-finder';

export interface MatchRequest {
  readonly subject: MatchSubject;
  readonly connection: Pick<Connection, 'matchBy' | 'allowNameAfterCode'>;
  /** What the connection's mapping says is its SKU in the shop; then nothing else is tried. */
  readonly mappedSku?: string | null;
}

/**
 * Finds the shop product of each source product: by the connection's mapping, else by its rules, in order, in as few
 * calls as the shop allows. A rule that finds several ends the search: going on to a weaker rule would be a guess.
 */
export async function matchProducts<Request extends MatchRequest>(
  finder: ProductFinder,
  requests: readonly Request[],
): Promise<ReadonlyMap<Request, MatchVerdict>> {
  const verdicts = new Map<Request, MatchVerdict>();
  const rulesOf = new Map(
    requests.map((request) => [
      request,
      request.mappedSku == null
        ? applicableRules(request.subject, request.connection.matchBy, request.connection.allowNameAfterCode)
        : [],
    ]),
  );
  await byMapping();
  const longest = Math.max(0, ...[...rulesOf.values()].map((rules) => rules.length));
  for (let round = 0; round < longest; round++) {
    const open = requests.filter((request) => (verdicts.get(request)?.found ?? 'none') === 'none');
    await tryRule('code', open, round);
    await tryRule('barcode', open, round);
    await tryRule('code-gtin', open, round);
    await tryRule('name', open, round);
  }
  return new Map(
    requests.map((request) => [request, verdicts.get(request) ?? { found: 'none', tried: rulesOf.get(request) ?? [] }]),
  );

  async function byMapping(): Promise<void> {
    const mapped = requests.flatMap((request) =>
      request.mappedSku == null ? [] : [{ request, sku: request.mappedSku }],
    );
    if (mapped.length === 0) return;
    const found = await finder.byCodes([...new Set(mapped.map(({ sku }) => sku))]);
    for (const { request, sku } of mapped) {
      const verdict = judgeByCode(sku, found.get(sku) ?? []);
      verdicts.set(
        request,
        verdict.found === 'one' || verdict.found === 'many' ? { ...verdict, by: 'mapping' } : verdict,
      );
    }
  }

  async function tryRule(rule: MatchRule, open: readonly Request[], round: number): Promise<void> {
    const asking = open.flatMap((request) => {
      const asked = askedBy(rule, request.subject);
      return rulesOf.get(request)?.[round] === rule && asked !== null ? [{ request, asked }] : [];
    });
    if (asking.length === 0) return;
    const distinct = [...new Set(asking.map(({ asked }) => asked))];
    const answers = await ask(rule, distinct);
    for (const { request, asked } of asking) {
      const verdict = answers.get(asked) ?? { found: 'none', tried: [rule] };
      verdicts.set(
        request,
        verdict.found === 'none' ? { found: 'none', tried: (rulesOf.get(request) ?? []).slice(0, round + 1) } : verdict,
      );
    }
  }

  async function ask(rule: MatchRule, asked: readonly string[]): Promise<ReadonlyMap<string, MatchVerdict>> {
    if (rule === 'name') {
      const found = await finder.byNames(asked);
      return new Map(asked.map((name) => [name, nameVerdict(name, found.get(name) ?? [])]));
    }
    const found = rule === 'code' ? await finder.byCodes(asked) : await finder.byBarcodes(asked);
    const judge = { code: judgeByCode, barcode: judgeByBarcode, 'code-gtin': judgeByGtin }[rule];
    return new Map(asked.map((each) => [each, judge(each, found.get(each) ?? [])]));
  }
}

const nameVerdict = (name: string, found: readonly ShopProduct[] | Failure): MatchVerdict =>
  'code' in found ? { found: 'unproven', failure: found } : judgeByName(name, found);

const MOST_SHOWN = 5;

const describe = ({ ref, sku, name, status }: ShopProduct): string =>
  `#${ref.variationId ?? ref.productId} ${name}${sku === '' ? '' : ` (SKU ${sku})`}${status === 'publish' ? '' : ` [${status}]`}`;

/** The failure of a verdict that found no product, or more than one. */
export function verdictFailure(
  { subject, mappedSku }: MatchRequest,
  verdict: Exclude<MatchVerdict, { found: 'one' }>,
): Failure {
  if (verdict.found === 'unproven') return verdict.failure;
  if (verdict.found === 'none') {
    if (mappedSku != null) {
      return failure('mapping_unmatched', { reference: referenceOf(subject) ?? '', sku: mappedSku });
    }
    const tried = verdict.tried.map((rule) => `${rule} “${askedBy(rule, subject) ?? ''}”`).join(', ');
    return failure('product_unmatched', { tried: tried === '' ? 'a code, barcode or name to look for' : tried });
  }
  const shown = verdict.candidates.slice(0, MOST_SHOWN).map(describe);
  const more = verdict.candidates.length > MOST_SHOWN ? ', …' : '';
  return failure('product_ambiguous', {
    count: verdict.candidates.length,
    candidates: shown.join(', ') + more,
  });
}
