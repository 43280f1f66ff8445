import type { SourceTraffic } from '../application/keep-source';
import type { ConnectionPreview } from '../application/preview-connection';
import type { RulesPreview } from '../application/preview-rules';
import type { DeskItem } from '../application/suggest-matches';
import type { Sample, TriedMapping } from '../application/try-mapping';
import type { Overview } from '../application/view-overview';
import { type Circuit } from '../domain/circuit';
import { differenceWords } from '../domain/difference-words';
import { type Failure, failureCause, failureCure, failureKind } from '../domain/failure';
import type { OrderRule } from '../domain/order-rule';
import type { CatalogState } from '../domain/ports/catalog';
import type { CatalogProduct } from '../domain/ports/shop-catalogue';
import { type ShopCheck } from '../domain/ports/shop-target';
import { provenOf } from '../domain/flow-run';
import type { Connection } from '../domain/ports/connections';
import type { FlowRun, RunLine, RunNote } from '../domain/ports/flow-runs';
import type { Flow } from '../domain/ports/flows';
import type { Push, PushLine } from '../domain/ports/pushes';
import type { Shop, ShopTestRecord } from '../domain/ports/shops';
import type { Source } from '../domain/ports/sources';
import type { SourceCheck } from '../domain/ports/stock-source';
import type { StockSwitch } from '../domain/ports/stock-switches';
import type { StockPoint, SyncItemView, TimelineRow } from '../domain/ports/sync-items';
import type { ShopWebhookRecord } from '../domain/ports/webhook-store';
import { isTriedAgain, type Problem, problemCure, problemWords } from '../domain/problem';
import { shopCheckWords } from '../domain/shop-check-words';
import { sourceCheckWords } from '../domain/source-check-words';
import { targetOfItem } from '../domain/target-of-item';
import type { TargetStock } from '../domain/target-stock';
import { type Finding, findingWords } from '../domain/why-not-moving';
import { timelineWords } from '../domain/timeline-words';
import type { FailureView } from './schemas/common';

// What the domain knows, in the shapes of the API: times as ISO 8601 in UTC, failures with their words.

export const instantOf = (time: number): string => new Date(time).toISOString();
export const instantOrNull = (time: number | null): string | null => (time === null ? null : instantOf(time));

export const showFailure = (what: Failure): FailureView => ({
  code: what.code,
  severity: failureKind(what.code).severity,
  params: { ...what.params },
  cause: failureCause(what),
  proof: what.proof,
  cure: failureCure(what),
});

export const failureOrNull = (what: Failure | null): FailureView | null => what && showFailure(what);

const showCircuit = (circuit: Circuit) => ({
  state: circuit.state,
  failure: failureOrNull(circuit.failure),
  openedAt: instantOrNull(circuit.openedAt),
  probeAt: instantOrNull(circuit.probeAt),
});

const showCheck = (check: ShopCheck) => ({ ...check, params: { ...check.params }, ...shopCheckWords(check) });

export const showShopTest = (test: ShopTestRecord) => ({
  ok: test.ok,
  testedAt: instantOf(test.testedAt),
  checks: test.checks.map(showCheck),
});

export const showShop = (shop: Shop) => ({
  id: shop.id,
  name: shop.name,
  url: shop.url,
  consumerKey: shop.consumerKeyHint,
  consumerSecret: '••••••••',
  verifyTls: shop.verifyTls,
  allowQueryKeys: shop.allowQueryKeys,
  version: shop.version,
  circuit: showCircuit(shop.circuit),
  limits: shop.limits,
  lastTest: shop.lastTest && showShopTest(shop.lastTest),
  createdAt: instantOf(shop.createdAt),
  updatedAt: instantOf(shop.updatedAt),
});

export const showSource = <Kind extends string>(
  source: Source,
  kind: Kind,
  settings: Record<string, string>,
  { toRead, calls, canPull, canSubscribe, secretInAddress }: SourceTraffic,
  pushUrl: string,
) => ({
  id: source.id,
  name: source.name,
  kind,
  enabled: source.enabled,
  settings,
  pushUrl,
  lastTestAt: instantOrNull(source.lastTestAt),
  lastPushAt: instantOrNull(source.lastPushAt),
  lastRefusedAt: instantOrNull(source.lastRefusedAt),
  lastRefusal: source.lastRefusal,
  toRead: {
    count: toRead.count,
    oldestAt: instantOrNull(toRead.oldestAt),
    failure: toRead.failure && showFailure(toRead.failure),
  },
  calls: calls && { ...calls },
  canPull,
  canSubscribe,
  secretInAddress,
  tokens: source.tokens.map((token) => ({
    createdAt: instantOf(token.createdAt),
    expiresAt: instantOrNull(token.expiresAt),
    lastUsedAt: instantOrNull(token.lastUsedAt),
  })),
  createdAt: instantOf(source.createdAt),
  updatedAt: instantOf(source.updatedAt),
});

export const showSourceTest = (checks: readonly SourceCheck[]) => ({
  ok: checks.every((check) => check.ok || check.severity !== 'error'),
  checks: checks.map((check) => ({ ...check, params: { ...check.params }, ...sourceCheckWords(check) })),
});

export const showSample = ({ push, contentType, body, fields }: Sample) => ({
  pushId: push.id,
  receivedAt: instantOf(push.receivedAt),
  says: push.says,
  contentType,
  body,
  fields: fields && {
    root: [...fields.root],
    lists: fields.lists.map((list) => ({ ...list, fields: [...list.fields] })),
  },
});

const NOTHING_SAID = {
  barcode: null,
  name: null,
  externalId: null,
  warehouse: null,
  quantity: null,
  isChange: false,
} as const;

export const showTriedMapping = ({ says, total, lines }: TriedMapping) => ({
  says,
  total,
  lines: lines.map((line) => {
    if ('refused' in line) {
      const { index, code, refusal, path } = line.refused;
      return { index, code, ...NOTHING_SAID, refusal, path };
    }
    const { index, code, barcode, name, externalId, warehouse, quantity, isChange = false } = line.change;
    return { index, code, barcode, name, externalId, warehouse, quantity, isChange, refusal: null, path: null };
  }),
});

const showSteps = ({ steps }: TargetStock) => steps.map((step) => ({ ...step }));

const subjectOf = ({ subject: { code, barcode, name, externalId = null } }: Pick<SyncItemView, 'subject'>) => ({
  code,
  barcode,
  name,
  externalId,
});

export const showRulesPreview = ({ item, before, after }: RulesPreview) => ({
  itemId: item.id,
  ...subjectOf(item),
  before: before?.target ?? null,
  after: after?.target ?? null,
  steps: after ? showSteps(after) : [],
});

export const showConnectionPreview = ({ counts, changes, massZero, obstacles }: ConnectionPreview) => ({
  counts: { ...counts },
  changes: changes.map(({ item, wanted }) => ({
    itemId: item.id,
    ...subjectOf(item),
    productId: item.link?.ref.productId ?? null,
    variationId: item.link?.ref.variationId ?? null,
    shown: item.shown,
    wanted,
  })),
  massZero: massZero && { ...massZero },
  obstacles: [...obstacles],
});

export const showSwitch = ({ itemId, label, ref, switchedAt, undoAt }: StockSwitch) => ({
  itemId,
  label,
  ...ref,
  switchedAt: instantOf(switchedAt),
  undoAskedAt: instantOrNull(undoAt),
});

export const showCatalogProduct = ({ ref, type, sku, gtin, name, status, stockOwner, quantity }: CatalogProduct) => ({
  ...ref,
  type,
  sku,
  gtin,
  name,
  status,
  stockOwner,
  quantity,
});

export const showDeskItem = ({ item, suggestions }: DeskItem, connection: Connection | undefined) => ({
  item: showItem(item, connection),
  suggestions: suggestions.map(({ product, score, reasons, takenBy }) => ({
    product: showCatalogProduct(product),
    score,
    reasons: reasons.map((reason) => ({ ...reason })),
    takenBy,
  })),
});

export const showCatalogue = (
  state: CatalogState | null,
  counts: { readonly entries: number; readonly linked: number; readonly unmanaged: number },
  webhooks: ShopWebhookRecord | null,
) => ({
  state: state === null ? ('none' as const) : state.loadedAt === null ? ('loading' as const) : ('ready' as const),
  ...counts,
  walk: state?.walk ?? null,
  progress: state?.walk ? { done: state.done, total: state.total } : null,
  loadedAt: instantOrNull(state?.loadedAt ?? null),
  refreshedAt: instantOrNull(state?.refreshedAt ?? null),
  nextAt: instantOrNull(state?.dueAt ?? null),
  failure: failureOrNull(state?.failure ?? null),
  webhooks: webhooks && {
    state: webhooks.state,
    failure: failureOrNull(webhooks.failure),
    checkedAt: instantOrNull(webhooks.checkedAt),
    receivedAt: instantOrNull(webhooks.receivedAt),
    revivedAt: instantOrNull(webhooks.revivedAt),
  },
});

export const showOrderRule = (rule: OrderRule) => ({ ...rule, statuses: [...rule.statuses] });

export const showConnection = (connection: Connection) => ({
  ...connection,
  rules: { ...connection.rules },
  categoryBuffers: connection.categoryBuffers.map((each) => ({ ...each })),
  warehouses: connection.warehouses === '*' ? ('*' as const) : [...connection.warehouses],
  matchBy: [...connection.matchBy],
  orders: showOrderRule(connection.orders),
  createdAt: instantOf(connection.createdAt),
  updatedAt: instantOf(connection.updatedAt),
});

/** `wanted` is computed from the levels as they are now, never remembered: it cannot go stale. */
export function showItem(item: SyncItemView, connection: Connection | undefined) {
  const target = connection ? targetOfItem(item, connection) : null;
  return {
    id: item.id,
    connectionId: item.connectionId,
    ...subjectOf(item),
    status: item.status,
    // Retrying is over once the item failed: from then on it asks for a person, whatever kind of failure it was.
    severity:
      item.failure === null
        ? null
        : item.status === 'failed'
          ? ('error' as const)
          : failureKind(item.failure.code).severity,
    wanted: target?.target ?? null,
    levels: item.levels.map(({ warehouse, quantity }) => ({ warehouse, quantity })),
    steps: target ? showSteps(target) : [],
    buffer: item.facts.buffer,
    packSize: item.facts.packSize,
    shown: item.shown,
    verified: item.status === 'synced' && target !== null && item.shown === target.target,
    lastSyncedAt: instantOrNull(item.lastSyncedAt),
    dueAt: instantOrNull(item.dueAt),
    attempts: item.attempts,
    productId: item.link?.ref.productId ?? null,
    variationId: item.link?.ref.variationId ?? null,
    shopSku: item.link?.sku ?? null,
    shopName: item.link?.name ?? null,
    foundBy: item.link?.foundBy ?? null,
    provenAt: item.link && item.link.provenAt > 0 ? instantOf(item.link.provenAt) : null,
    translations: item.link?.twins.map((twin) => ({ ...twin })) ?? [],
    failure: failureOrNull(item.failure),
    updatedAt: instantOf(item.updatedAt),
  };
}

export const showProblem = ({ cause, ...problem }: Problem) => ({
  key: problem.key,
  about: problem.about,
  connectionId: problem.connectionId,
  shopId: problem.shopId,
  sourceId: problem.sourceId,
  says: problem.failure && problemWords(problem.failure),
  cure: problem.failure && problemCure(problem.failure, problem.count),
  failure: failureOrNull(problem.failure),
  filter:
    problem.about === 'items' && problem.failure ? [problem.failure.code, ...(cause ? [cause] : [])].join('.') : null,
  path: problem.path,
  asks: problem.asks,
  count: problem.count,
  waiting: problem.waiting,
  canRetry:
    problem.healedAt === null &&
    (problem.about === 'items' || problem.about === 'shop') &&
    (problem.failure === null || isTriedAgain(problem.failure.code)),
  since: instantOf(problem.since),
  healedAt: instantOrNull(problem.healedAt),
  examples: problem.examples.map(({ id, subject: { code, barcode, name } }) => ({ id, code, barcode, name })),
});

export const showFinding = (finding: Finding) => ({
  code: finding.code,
  weight: finding.weight,
  params: { ...finding.params },
  at: instantOrNull(finding.at),
  ...findingWords(finding),
  failure: failureOrNull(finding.failure),
});

export const showStockPoint = ({ at, wanted, shown }: StockPoint) => ({ at: instantOf(at), wanted, shown });

export const showTimelineRow = (row: TimelineRow) => ({
  at: instantOf(row.at),
  step: row.step,
  outcome: row.outcome,
  before: row.before,
  after: row.after,
  wanted: row.wanted,
  why: row.failure ? failureCause(row.failure) : timelineWords(row.step, row.outcome, row),
  params: { ...row.params },
  failure: failureOrNull(row.failure),
  pushId: row.pushId,
  by: row.by,
});

export const showPush = (push: Push) => ({
  id: push.id,
  sourceId: push.sourceId,
  sourceName: push.sourceName,
  receivedAt: instantOf(push.receivedAt),
  isTest: push.says === 'test',
  says: push.says,
  accepted: push.accepted,
  rejected: push.rejected,
  superseded: push.superseded,
  notChosen: push.notChosen,
  bytes: push.bytes,
  replayOf: push.replayOf,
});

export const showPushLine = (line: PushLine & { readonly itemIds: readonly number[] }) => ({
  index: line.index,
  outcome: line.outcome,
  reason: line.reason,
  message: line.message,
  code: line.code,
  barcode: line.barcode,
  name: line.name,
  warehouse: line.warehouse,
  quantity: line.quantity,
  itemIds: [...line.itemIds],
});

export const showRun = (run: FlowRun) => ({
  id: run.id,
  connectionId: run.connectionId,
  kind: run.kind,
  startedBy: run.startedBy,
  by: run.askedBy,
  status: run.status,
  phase: run.phase,
  progress: { done: run.done, total: run.total },
  counts: { ...run.counts },
  proven: run.finishedAt === null || run.status === 'cancelled' ? null : provenOf(run.counts),
  failure: failureOrNull(run.failure),
  undoOf: run.undoOf,
  askedAt: instantOf(run.askedAt),
  startedAt: instantOrNull(run.startedAt),
  finishedAt: instantOrNull(run.finishedAt),
});

export const showRunLine = ({ lineNo, failure, reason, reasonParams, ...line }: RunLine) => ({
  line: lineNo,
  code: line.code,
  barcode: line.barcode,
  name: line.name,
  warehouse: line.warehouse,
  quantity: line.quantity,
  refusal: line.refusal,
  itemId: line.itemId,
  before: line.before,
  wanted: line.wanted,
  after: line.after,
  outcome: line.outcome,
  failure: failureOrNull(failure),
  reason: reason && {
    code: reason,
    params: { ...reasonParams },
    text: differenceWords({ reason, params: reasonParams }),
  },
});

export const showRunNote = ({ at, step, params, failure }: RunNote) => ({
  at: instantOf(at),
  step,
  params: { ...params },
  failure: failureOrNull(failure),
});

export const showFlow = ({ nextAt, ...flow }: Flow) => ({ ...flow, nextAt: instantOrNull(nextAt) });

export const showOverview = ({ provenSince, waiting, hours }: Overview) => ({
  provenSince: instantOrNull(provenSince),
  waiting: { count: waiting.count, since: instantOrNull(waiting.since) },
  hours: hours.map(({ hour, changes, failures, delayTotalMs, delayLongestMs }) => ({
    at: instantOf(hour),
    changes,
    failures,
    usualDelayMs: changes === 0 ? null : Math.round(delayTotalMs / changes),
    longestDelayMs: changes === 0 ? null : delayLongestMs,
  })),
});
