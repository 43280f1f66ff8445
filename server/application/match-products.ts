import { type Failure, failure, failureKind, FailureError } from '../domain/failure';
import {
  applicableRules,
  askedBy,
  judgeByBarcode,
  judgeByCode,
  judgeByGtin,
  judgeByName,
  type MatchRule,
  type MatchSubject,
  type MatchVerdict,
} from '../domain/matching';
import type { Connection } from '../domain/ports/connections';
import type { ShopAccess, ShopProduct, ShopTarget } from '../domain/ports/shop-target';

export interface MatchRequest {
  readonly subject: MatchSubject;
  readonly connection: Pick<Connection, 'matchBy' | 'allowNameAfterCode'>;
}

/**
 * Finds the shop product of each source product by the connection's rules, in order, in as few calls as the shop
 * allows. A rule that finds several ends the search: going on to a weaker rule would be a guess.
 */
export async function matchProducts<Request extends MatchRequest>(
  target: ShopTarget,
  access: ShopAccess,
  requests: readonly Request[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Request, MatchVerdict>> {
  const verdicts = new Map<Request, MatchVerdict>();
  const rulesOf = new Map(
    requests.map((request) => [
      request,
      applicableRules(request.subject, request.connection.matchBy, request.connection.allowNameAfterCode),
    ]),
  );
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
      const verdicts = new Map<string, MatchVerdict>();
      for (const name of asked) verdicts.set(name, await askByName(name));
      return verdicts;
    }
    const found =
      rule === 'code'
        ? await target.findByCodes(access, asked, signal)
        : await target.findByBarcodes(access, asked, signal);
    const judge = { code: judgeByCode, barcode: judgeByBarcode, 'code-gtin': judgeByGtin }[rule];
    return new Map(asked.map((each) => [each, judge(each, found.get(each) ?? [])]));
  }

  async function askByName(name: string): Promise<MatchVerdict> {
    try {
      return judgeByName(name, await target.findByName(access, name, signal));
    } catch (thrown) {
      if (!(thrown instanceof FailureError) || failureKind(thrown.failure.code).scope === 'shop') throw thrown;
      return { found: 'unproven', failure: thrown.failure };
    }
  }
}

const MOST_SHOWN = 5;

const describe = ({ ref, sku, name, status }: ShopProduct): string =>
  `#${ref.variationId ?? ref.productId} ${name}${sku === '' ? '' : ` (SKU ${sku})`}${status === 'publish' ? '' : ` [${status}]`}`;

/** The failure of a verdict that found no product, or more than one. */
export function verdictFailure(subject: MatchSubject, verdict: Exclude<MatchVerdict, { found: 'one' }>): Failure {
  if (verdict.found === 'unproven') return verdict.failure;
  if (verdict.found === 'none') {
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
