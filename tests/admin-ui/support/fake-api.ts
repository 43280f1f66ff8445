import { genericForm } from '../../../server/connectors/generic/generic-form';
import { hiboutikForm } from '../../../server/connectors/hiboutik/hiboutik-form';
import { oblioForm } from '../../../server/connectors/oblio/oblio-form';
import { smartbillForm } from '../../../server/connectors/smartbill/smartbill-form';
import { knownByLevel } from '../../../server/domain/order-rule';
import type { FailureView } from '../../../server/http/schemas/common';
import type {
  Connection,
  ConnectionPreview,
  RulesPreview,
  SkuMappingPage,
  SwitchedOnPage,
} from '../../../server/http/schemas/connections';
import {
  itemStatuses,
  type CatalogProduct,
  type Item,
  type ItemFinding,
  type ItemStatus,
  type StockHistory,
  type Suggestion,
  type TimelineEntry,
} from '../../../server/http/schemas/items';
import type { Overview } from '../../../server/http/schemas/overview';
import { NOTIFICATION_KINDS, noticePath, stopsWork } from '../../../server/domain/notice';
import type {
  Notification,
  NoticeSettings,
  NoticeSettingsPatch,
  NoticeWebhook,
} from '../../../server/http/schemas/notifications';
import type { ProblemGroup } from '../../../server/http/schemas/problems';
import type { OrderLedger, WebOrder } from '../../../server/http/schemas/orders';
import type { PushDetail } from '../../../server/http/schemas/pushes';
import type { Flow, Run, RunLine, RunNotes } from '../../../server/http/schemas/runs';
import type { Session } from '../../../server/http/schemas/session';
import type { Catalogue, Shop, ShopCategories, ShopTest } from '../../../server/http/schemas/shops';
import type { CreatedSource, Source, SourceTest } from '../../../server/http/schemas/sources';
import type { SampleFields } from '../../../server/domain/ports/stock-source';
import { readGenericSettings } from '../../../server/connectors/generic/generic-settings';
import { readGenericPush } from '../../../server/connectors/generic/read-generic-push';
import { sampleFields } from '../../../server/connectors/generic/sample-fields';
import { showTriedMapping } from '../../../server/http/presenters';
import { bridgeRoutes, type FakeBridge, unpairedBridge } from './fake-bridge';
import { aSession, type FakeAccess, OPEN_PATHS, peopleRoutes, plainAccess } from './fake-people';
import { findingWords } from '../../../server/domain/why-not-moving';
import { isTriedAgain, problemCure, problemWords } from '../../../server/domain/problem';
import { failure, failureCause, failureCure, failureKind, type FailureCode } from '../../../server/domain/failure';
import { readMappingLines, writeMappingCsv } from '../../../server/domain/sku-mapping';

export { aSession };
export { awayView, pairedView, slowView } from './fake-bridge';

/** What the panel is shown in tests and while it is worked on: the API's shapes over a few rows in memory. */
export interface FakeState {
  session: Session | null;
  access: FakeAccess;
  setupNeeded: boolean;
  shops: Shop[];
  sources: Source[];
  connections: Connection[];
  items: Item[];
  timeline: TimelineEntry[];
  pushes: PushDetail[];
  /** Newest first. */
  orders: WebOrder[];
  orderLedgers: OrderLedger[];
  warehouses: string[];
  /** The next doctor's result. */
  doctor: ShopTest['checks'];
  /** Of every shop. */
  catalogue: Catalogue;
  bridge: FakeBridge;
  categories: ShopCategories['data'];
  /** By item. */
  suggestions: Record<number, Suggestion[]>;
  /** Items that the shop refuses to be linked, with its words. */
  unlinkable: Record<number, string>;
  mappings: SkuMappingPage['data'];
  switchedOn: SwitchedOnPage['data'];
  preview: RulesPreview['data'];
  runs: Run[];
  /** Of every run. */
  runLines: RunLine[];
  runLog: RunNotes['data'];
  flows: Flow[];
  /** Of every connection. */
  goLive: ConnectionPreview;
  notifications: Notification[];
  overview: Overview;
  /** Whether a shop can give its keys by itself, and what it was asked for. */
  approvals: boolean;
  approvalAsked: unknown;
  noticeSettings: NoticeSettings;
  noticeWebhooks: NoticeWebhook[];
  /** Why no test can be sent. */
  testFault: { readonly status: number; readonly code: string } | null;
  problems: ProblemGroup[];
  /** What the items of each deed were before. */
  deeds: Item[][];
  /** Seconds until levels may be pulled again. */
  pullWait: number;
  /** Why a vendor cannot be set up to call us. */
  subscribeFault: { readonly status: number; readonly code: string } | null;
  /** The next test of a source. */
  sourceChecks: SourceTest['checks'];
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

const NOW = Date.now();
export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

export const failureView = (
  code: FailureCode,
  params: Record<string, string | number> = {},
  proof: string | null = null,
): FailureView => {
  const it = failure(code, params, proof);
  return { code, severity: failureKind(code).severity, params, cause: failureCause(it), proof, cure: failureCure(it) };
};

const passed = (
  id: ShopTest['checks'][number]['id'],
  code: string,
  message: string,
  params: Record<string, string> = {},
): ShopTest['checks'][number] => ({
  id,
  ok: true,
  severity: 'info',
  code,
  params,
  message,
  cure: null,
});

export const goodChecks = (): ShopTest['checks'] => [
  passed('address', 'https', 'The address is encrypted and leads straight to the shop.'),
  passed('reachable', 'reachable', 'The shop answers.'),
  passed('rest_route', 'found', 'The WooCommerce REST API is there.'),
  passed('keys_valid', 'accepted', 'The shop accepts the keys.'),
  passed('keys_may_write', 'may_write', 'The keys may write.'),
  passed('version', 'supported', 'WooCommerce 9.4.1.', { version: '9.4.1' }),
];

export const strippedChecks = (): ShopTest['checks'] => [
  ...goodChecks().slice(0, 3),
  {
    id: 'keys_valid',
    ok: false,
    severity: 'error',
    code: 'keys_header_stripped',
    params: {},
    message: 'The shop’s server drops the header that carries the keys.',
    cure: 'Have the host pass the Authorization header on, or allow keys in the address.',
  },
  {
    id: 'keys_may_write',
    ok: false,
    severity: 'info',
    code: 'not_checked',
    params: {},
    message: 'Not checked, since something before it failed.',
    cure: null,
  },
];

export const aShop = (more: Partial<Shop> = {}): Shop => ({
  id: 1,
  name: 'Ceramics by Ana',
  url: 'https://shop.example.com',
  consumerKey: 'ck_…a1b2',
  consumerSecret: 'cs_…c3d4',
  verifyTls: true,
  allowQueryKeys: false,
  version: '9.4.1',
  circuit: { state: 'closed', failure: null, openedAt: null, probeAt: null },
  limits: { callsPerMinute: null, quietHours: null },
  lastTest: { ok: true, testedAt: ago(600), checks: goodChecks() },
  createdAt: ago(9000),
  updatedAt: ago(600),
  ...more,
});

const UNSIGNED = ['dotypos', 'kiotviet', 'shippingbo'];
/** Kinds and senders that can bear a secret only in the address. */
const bearsSecret = ({ kind, settings }: Pick<Source, 'kind' | 'settings'>): boolean =>
  kind === 'hiboutik' ||
  kind === 'oblio' ||
  settings['keyInAddress'] === 'yes' ||
  UNSIGNED.includes(settings['preset'] ?? '');

export const aSource = (more: Partial<Source> = {}): Source => ({
  id: 1,
  name: 'Accounting',
  kind: 'smartbill',
  enabled: true,
  settings: { email: 'owner@example.com', apiToken: '…9f2c', vatCode: 'RO12345678' },
  pushUrl: 'https://relay.example.com/push/s_4Jq8dR2mKcXw7bTz',
  lastTestAt: ago(4000),
  lastPushAt: ago(42),
  lastRefusedAt: null,
  lastRefusal: null,
  toRead: { count: 0, oldestAt: null, failure: null },
  calls: null,
  canPull: true,
  canSubscribe: false,
  secretInAddress: bearsSecret({ kind: 'smartbill', settings: {}, ...more }),
  tokens: [{ createdAt: ago(8000), expiresAt: null, lastUsedAt: ago(42) }],
  createdAt: ago(8000),
  updatedAt: ago(8000),
  ...more,
});

export const aConnection = (more: Partial<Connection> = {}): Connection => ({
  id: 1,
  sourceId: 1,
  shopId: 1,
  warehouses: '*',
  matchBy: ['code', 'name'],
  mode: 'live',
  allowNameAfterCode: false,
  holdErrors: false,
  rules: { buffer: '0', packSize: '1', rounding: 'down', negative: 'zero' },
  categoryBuffers: [],
  unmanaged: 'report',
  onDifference: 'repair',
  orders: { knownBy: 'level', statuses: [], metaKey: null, afterHours: 72 },
  createdAt: ago(7000),
  updatedAt: ago(7000),
  ...more,
});

export const anItem = (id: number, more: Partial<Item> = {}): Item => ({
  id,
  connectionId: 1,
  code: `A-${id}`,
  barcode: null,
  externalId: null,
  name: `Mug no. ${id}`,
  status: 'synced',
  severity: null,
  levels: [{ warehouse: 'Depozit', quantity: '7' }],
  wanted: '7',
  steps: [{ kind: 'sum', by: null, value: '7' }],
  buffer: null,
  packSize: null,
  shown: '7',
  verified: true,
  lastSyncedAt: ago(30 * id),
  dueAt: null,
  attempts: 0,
  productId: 100 + id,
  variationId: null,
  shopSku: `A-${id}`,
  shopName: `Mug no. ${id}`,
  foundBy: 'code',
  provenAt: ago(30 * id),
  translations: [],
  failure: null,
  updatedAt: ago(30 * id),
  ...more,
});

const unlinked = {
  productId: null,
  shopSku: null,
  shopName: null,
  shown: null,
  verified: false,
  lastSyncedAt: null,
  foundBy: null,
  provenAt: null,
};

export const someItems = (): Item[] => [
  anItem(1, {
    name: 'Blue mug, 300 ml',
    barcode: '5941234567899',
    buffer: '2',
    translations: [
      { productId: 311, variationId: null },
      { productId: 312, variationId: 9 },
    ],
    steps: [
      { kind: 'sum', by: null, value: '44.5' },
      { kind: 'buffer', by: '2', value: '42.5' },
      { kind: 'pack', by: '6', value: '7.083333…' },
      { kind: 'rounding', by: 'down', value: '7' },
    ],
  }),
  anItem(2, {
    name: 'Tea pot “Olt”',
    status: 'failed',
    severity: 'error',
    verified: false,
    shown: '3',
    attempts: 1,
    failure: failureView('stock_not_managed', { productId: 102 }, '{"manage_stock":false,"stock_quantity":null}'),
  }),
  anItem(3, {
    name: 'Soup plate, hand painted',
    status: 'unmatched',
    severity: 'error',
    ...unlinked,
    failure: failureView('product_unmatched', { tried: 'code “A-3”' }),
  }),
  anItem(4, {
    name: 'Egg cup',
    status: 'ambiguous',
    severity: 'error',
    ...unlinked,
    failure: failureView('product_ambiguous', { count: 2, candidates: '#118 Egg cup, #240 Egg cup (old)' }),
  }),
  anItem(5, {
    name: 'Bowl, small',
    status: 'retrying',
    severity: 'retry',
    verified: false,
    shown: '2',
    attempts: 3,
    dueAt: ago(-20),
    failure: failureView('shop_shows_other', { wanted: '7', shown: '2' }),
  }),
  anItem(6, { name: 'Bowl, large', status: 'unverified', verified: false, shown: '9', dueAt: ago(-2) }),
  anItem(7, { name: 'Vase “Trotuș”', status: 'due', verified: false, shown: '4', dueAt: ago(1) }),
  anItem(8, { name: 'Candle holder', status: 'writing', verified: false, shown: '6', dueAt: ago(1) }),
  anItem(9, { name: 'Christmas ornament', status: 'offline', verified: false, shown: '0', wanted: '12' }),
  ...Array.from({ length: 60 }, (_, n) => anItem(10 + n, { wanted: `${n * 37}.5`, shown: `${n * 37}.5` })),
];

export const aCatalogProduct = (productId: number, more: Partial<CatalogProduct> = {}): CatalogProduct => ({
  productId,
  variationId: null,
  type: 'simple',
  sku: `S-${productId}`,
  gtin: null,
  name: `Product ${productId}`,
  status: 'publish',
  stockOwner: 'self',
  quantity: '4',
  ...more,
});

/** Two that found nothing and one that found two, with everything a suggestion can say of itself. */
export const someSuggestions = (): FakeState['suggestions'] => ({
  3: [
    {
      product: aCatalogProduct(131, { name: 'Soup plate, painted by hand', sku: 'A3', gtin: '5941234567905' }),
      score: 0.94,
      reasons: [
        { kind: 'code', score: 0.95, detail: 'A3' },
        { kind: 'words', score: 0.8, detail: 'soup plate painted hand' },
      ],
      takenBy: null,
    },
    {
      product: aCatalogProduct(132, { name: 'Soup plate, white', sku: 'A-30', status: 'draft' }),
      score: 0.71,
      reasons: [
        { kind: 'code', score: 0.8, detail: 'A-30' },
        { kind: 'words', score: 0.6, detail: 'soup plate' },
      ],
      takenBy: null,
    },
    {
      product: aCatalogProduct(133, { name: 'Soup plates, set of six', type: 'variable', stockOwner: 'nobody' }),
      score: 0.55,
      reasons: [{ kind: 'letters', score: 0.55, detail: 'Soup plates, set of six' }],
      takenBy: null,
    },
  ],
  4: [
    {
      product: aCatalogProduct(118, { name: 'Egg cup', sku: 'A-4' }),
      score: 1,
      reasons: [{ kind: 'code', score: 1, detail: 'A-4' }],
      takenBy: 'Egg cup, green',
    },
    {
      product: aCatalogProduct(240, { variationId: 241, type: 'variation', name: 'Egg cup (old)', sku: 'A-4' }),
      score: 1,
      reasons: [{ kind: 'code', score: 1, detail: 'A-4' }],
      takenBy: null,
    },
  ],
});

export const aCatalogue = (more: Partial<Catalogue> = {}): Catalogue => ({
  state: 'ready',
  entries: 1284,
  walk: null,
  progress: null,
  loadedAt: ago(86_000),
  refreshedAt: ago(540),
  nextAt: ago(-360),
  failure: null,
  linked: 66,
  unmanaged: 2,
  webhooks: { state: 'active', failure: null, checkedAt: ago(900), receivedAt: ago(75), revivedAt: null },
  ...more,
});

const step = (more: Partial<TimelineEntry> & Pick<TimelineEntry, 'step' | 'outcome'>): TimelineEntry => ({
  at: ago(60),
  before: null,
  after: null,
  wanted: null,
  why: 'In the server’s own words.',
  params: {},
  failure: null,
  pushId: null,
  by: null,
  ...more,
});

export const aTimeline = (): TimelineEntry[] => [
  step({ at: ago(30), step: 'verify', outcome: 'equal', before: '7', after: '7', wanted: '7' }),
  step({ at: ago(31), step: 'write', outcome: 'written', before: '4', after: '7', wanted: '7' }),
  step({ at: ago(32), step: 'look', outcome: 'differs', after: '4', wanted: '7' }),
  step({
    at: ago(33),
    step: 'push',
    outcome: 'accepted',
    before: '4',
    after: '7',
    pushId: 2,
    params: { source: 'Accounting' },
  }),
  step({ at: ago(40), step: 'order', outcome: 'sold', params: { order: '5001', shopId: 1, quantity: '1' } }),
  step({ at: ago(3000), step: 'change', outcome: 'retry', by: 'owner@example.com' }),
  step({
    at: ago(3600),
    step: 'write',
    outcome: 'ignored',
    before: '4',
    after: '4',
    wanted: '5',
    failure: failureView('stock_not_managed', { productId: 101 }, '{"manage_stock":false}'),
  }),
  step({ at: ago(3700), step: 'match', outcome: 'one', params: { by: 'code', name: 'Blue mug, 300 ml', sku: 'A-1' } }),
  step({ at: ago(3800), step: 'change', outcome: 'something_newer', why: 'A rule of a newer version changed this.' }),
];

export const somePushes = (): PushDetail[] => [
  {
    id: 2,
    sourceId: 1,
    sourceName: 'Accounting',
    receivedAt: ago(42),
    isTest: false,
    says: 'levels',
    accepted: 12,
    rejected: 1,
    superseded: 1,
    notChosen: 2,
    bytes: 1834,
    replayOf: null,
    contentType: 'application/json',
    rawBody: '{"products":[{"productCode":"A-1","productName":"Blue mug, 300 ml","quantity":7}]}',
    lines: [
      {
        index: 0,
        outcome: 'accepted',
        reason: null,
        message: null,
        code: 'A-1',
        barcode: '5941234567899',
        name: 'Blue mug, 300 ml',
        warehouse: 'Depozit',
        quantity: '7',
        itemIds: [1],
      },
      {
        index: 1,
        outcome: 'rejected',
        reason: 'quantity_not_a_number',
        message: 'The quantity "abc" is not a number.',
        code: 'A-2',
        barcode: null,
        name: 'Tea pot “Olt”',
        warehouse: 'Depozit',
        quantity: null,
        itemIds: [],
      },
      {
        index: 2,
        outcome: 'superseded',
        reason: 'older_observation',
        message: null,
        code: 'A-5',
        barcode: null,
        name: 'Bowl, small',
        warehouse: 'Depozit',
        quantity: '3',
        itemIds: [5],
      },
    ],
  },
  {
    id: 1,
    sourceId: 1,
    sourceName: 'Accounting',
    receivedAt: ago(4000),
    isTest: true,
    says: 'test',
    accepted: 0,
    rejected: 0,
    superseded: 0,
    notChosen: 0,
    bytes: 15,
    replayOf: null,
    contentType: 'application/json',
    rawBody: '{"products":[]}',
    lines: [],
  },
];

/** What systems send that do not speak our format. */
export const aForeignPush = (id: number, more: Partial<PushDetail> = {}): PushDetail => ({
  id,
  sourceId: 1,
  sourceName: 'Till',
  receivedAt: ago(20),
  isTest: false,
  says: 'unreadable',
  accepted: 0,
  rejected: 0,
  superseded: 0,
  notChosen: 0,
  bytes: 214,
  replayOf: null,
  contentType: 'application/json',
  rawBody: JSON.stringify({
    event: 'stock.changed',
    store: 'Main street',
    data: {
      articles: [
        { sku: 'A-1', title: 'Blue mug, 300 ml', onHand: 7 },
        { sku: 'A-2', title: 'Tea pot “Olt”', onHand: 'a few' },
      ],
    },
  }),
  lines: [],
  ...more,
});

export const someMappings = (): FakeState['mappings'] => [
  { id: 1, reference: '5941234567899', sku: 'MUG-BLUE-300' },
  { id: 2, reference: 'Vază, mare', sku: 'VASE-L' },
  ...Array.from({ length: 70 }, (_, n) => ({ id: 3 + n, reference: `DEP-${1000 + n}`, sku: `SHOP-${n}` })),
];

export const somePreview = (): FakeState['preview'] => [
  {
    itemId: 1,
    code: 'A-1',
    barcode: '5941234567899',
    externalId: null,
    name: 'Blue mug, 300 ml',
    before: '12',
    after: '1',
    steps: [
      { kind: 'sum', by: null, value: '12.5' },
      { kind: 'buffer', by: '2', value: '10.5' },
      { kind: 'pack', by: '6', value: '1.75' },
      { kind: 'rounding', by: 'down', value: '1' },
    ],
  },
  {
    itemId: 5,
    code: 'A-5',
    barcode: null,
    externalId: null,
    name: 'Bowl, small',
    before: '0',
    after: '0',
    steps: [
      { kind: 'sum', by: null, value: '-3' },
      { kind: 'negative', by: null, value: '0' },
    ],
  },
  {
    itemId: 7,
    code: 'A-7',
    barcode: null,
    externalId: null,
    name: 'Vase “Trotuș”',
    before: null,
    after: null,
    steps: [],
  },
];

export const someSwitchedOn = (): FakeState['switchedOn'] => [
  { itemId: 2, label: 'Tea pot “Olt”', productId: 102, variationId: null, switchedAt: ago(5000), undoAskedAt: null },
  { itemId: 6, label: 'Bowl, large', productId: 106, variationId: 4, switchedAt: ago(4000), undoAskedAt: null },
];

export const aRun = (id: number, more: Partial<Run> = {}): Run => ({
  id,
  connectionId: 1,
  kind: 'pull',
  startedBy: 'person',
  by: 'owner@example.com',
  status: 'succeeded',
  phase: 'settling',
  progress: { done: 1284, total: 1284 },
  counts: { changed: 3, equal: 1281 },
  proven: { proven: 1284, of: 1284 },
  failure: null,
  undoOf: null,
  askedAt: ago(4000),
  startedAt: ago(3999),
  finishedAt: ago(3914),
  ...more,
});

export const someRuns = (): Run[] => [
  aRun(5, {
    status: 'running',
    progress: { done: 412, total: 1284 },
    counts: {},
    proven: null,
    askedAt: ago(70),
    startedAt: ago(69),
    finishedAt: null,
  }),
  aRun(4, {
    kind: 'check',
    startedBy: 'schedule',
    by: null,
    status: 'warning',
    counts: { changed: 1, equal: 1279, failed: 2, unmatched: 1, offline: 1 },
    proven: { proven: 1280, of: 1283 },
    askedAt: ago(30_000),
    startedAt: ago(29_998),
    finishedAt: ago(29_960),
  }),
  aRun(3, {
    kind: 'undo',
    undoOf: 2,
    counts: { changed: 2 },
    proven: { proven: 2, of: 2 },
    progress: { done: 2, total: 2 },
  }),
  aRun(2),
  aRun(1, {
    status: 'failed',
    phase: 'reading',
    progress: { done: 0, total: null },
    counts: {},
    proven: null,
    failure: failureView('source_login_refused'),
  }),
];

export const aNotice = (
  notice: Pick<Notification, 'id' | 'kind'> & Partial<Notification> & { readonly raisedAt: string },
): Notification => {
  const { connectionId = null, params = {} } = notice;
  return {
    shopId: null,
    shopName: null,
    sourceId: null,
    sourceName: null,
    failure: null,
    healedAt: null,
    stopsWork: stopsWork(notice.kind),
    path: noticePath({ kind: notice.kind, connectionId, params }),
    newsAt: notice.healedAt ?? notice.raisedAt,
    unread: false,
    ...notice,
    connectionId,
    params,
  };
};

const ofSource = { sourceId: 1, sourceName: 'Accounting' };
const ofShop = { shopId: 1, shopName: 'Ceramics by Ana' };

export const someAlarms = (): Notification[] => [
  aNotice({
    id: 3,
    kind: 'mass_zero',
    ...ofShop,
    failure: failureView('mass_zero', { zeros: 210, inStock: 640 }),
    raisedAt: ago(300),
    unread: true,
  }),
  aNotice({
    id: 2,
    kind: 'source_silent',
    ...ofSource,
    failure: failureView('source_silent', { source: 'Accounting', hours: 30, usual: 4 }),
    raisedAt: ago(3000),
  }),
  aNotice({
    id: 4,
    kind: 'levels_unread',
    ...ofSource,
    failure: failureView('source_login_refused'),
    raisedAt: ago(200),
    unread: true,
  }),
  aNotice({
    id: 5,
    kind: 'flow_missed',
    ...ofShop,
    ...ofSource,
    failure: failureView('flow_late', { flow: 'check', source: 'Accounting', due: ago(90_000), late: 340 }),
    raisedAt: ago(100),
    unread: true,
  }),
  aNotice({
    id: 6,
    kind: 'products_unmatched',
    ...ofShop,
    ...ofSource,
    connectionId: 1,
    params: { n: 1284 },
    raisedAt: ago(7000),
  }),
  aNotice({
    id: 1,
    kind: 'source_silent',
    sourceId: 2,
    sourceName: 'Till',
    failure: failureView('source_silent', { source: 'Till', hours: 50, usual: 4 }),
    raisedAt: ago(90_000),
    healedAt: ago(80_000),
  }),
];

export const someNoticeSettings = (): NoticeSettings => ({
  email: 'owner@example.com',
  mail: { isConfigured: true, waiting: 0, givenUp: 0, lastSentAt: ago(4000), failure: null, failedAt: null },
  kinds: NOTIFICATION_KINDS.map((kind) => ({
    kind,
    stopsWork: stopsWork(kind),
    mail: stopsWork(kind) ? 'at_once' : 'digest',
  })),
  digest: { every: 'day', hour: 8 },
  timeZone: 'Europe/Bucharest',
  quiet: null,
  stopsPass: true,
});

export const aNoticeWebhook = (more: Partial<NoticeWebhook> = {}): NoticeWebhook => ({
  id: 1,
  url: 'https://hooks.example.com/stock-relay',
  createdAt: ago(90_000),
  waiting: 0,
  givenUp: 0,
  lastSentAt: ago(4000),
  failure: null,
  failedAt: null,
  ...more,
});

export const anOrder = (number: number, more: Partial<WebOrder> = {}): WebOrder => ({
  id: number,
  shopId: 1,
  orderId: number,
  number: String(number),
  status: 'processing',
  placedAt: ago(600),
  heardAt: ago(598),
  heardBy: 'webhook',
  goneAt: null,
  lines: [anOrderLine('2')],
  ...more,
});

type OrderLine = WebOrder['lines'][number];
export const anOrderLine = (
  held: string,
  known: Partial<OrderLine['known'][number]>[] = [],
  more: Partial<Omit<OrderLine, 'known'>> = {},
): OrderLine => ({
  productId: 101,
  variationId: null,
  name: 'Blue mug, 300 ml',
  itemId: 1,
  connectionId: 1,
  held,
  saved: null,
  ...more,
  known: known.map((each) => ({ connectionId: 1, quantity: held, reason: 'level', by: null, at: ago(60), ...each })),
});

export const someOrders = (): WebOrder[] => [
  anOrder(512, { placedAt: ago(240) }),
  anOrder(511, { status: 'on-hold', lines: [anOrderLine('3', [{ quantity: '1' }]), anOrderLine('1')] }),
  anOrder(508, {
    status: 'completed',
    placedAt: ago(9_000),
    heardBy: 'poll',
    lines: [
      anOrderLine('1', [{}], { saved: '1' }),
      anOrderLine('0', [], { productId: 977, variationId: 981, name: null, itemId: null, connectionId: null }),
    ],
  }),
  anOrder(505, { status: 'cancelled', placedAt: ago(20_000), lines: [anOrderLine('0')] }),
  anOrder(501, { placedAt: ago(90_000), lines: [anOrderLine('2', [{ reason: 'by_hand', by: 'owner@example.com' }])] }),
  anOrder(498, { placedAt: ago(300_000), goneAt: ago(200_000), lines: [anOrderLine('4', [{ reason: 'hours' }])] }),
];

export const anOrderLedger = (more: Partial<OrderLedger> = {}): OrderLedger => ({
  shopId: 1,
  beganAt: ago(900_000),
  told: { at: ago(200), lagMs: 12_000, inTime: true },
  read: { at: ago(130), everyMs: 300_000 },
  failure: null,
  unknown: [{ connectionId: 1, orders: 2, oldest: { orderId: 511, number: '511', placedAt: ago(600) } }],
  saved: { all: { orders: 12, pieces: '15' }, lately: { orders: 3, pieces: '4' } },
  ...more,
});

const isOpenOrder = ({ lines }: WebOrder): boolean =>
  lines.some(({ held, known }) => known.reduce((left, { quantity }) => left - Number(quantity), Number(held)) > 0);

/** As far as the tests ask; the server's own tests hold it to the rest. */
const isListed = (order: WebOrder, { state, number, product, saved, heardBy }: FakeCall['query']): boolean =>
  (state === undefined ||
    (state === 'gone'
      ? order.goneAt !== null || order.status === 'cancelled'
      : isOpenOrder(order) === (state === 'open') && order.lines.some(({ held }) => held !== '0'))) &&
  order.number.startsWith(number ?? '') &&
  (product === undefined || order.lines.some(({ productId }) => String(productId) === product)) &&
  (heardBy === undefined || order.heardBy === heardBy) &&
  (saved === undefined || order.lines.some((line) => line.saved !== null));

export const aRunLine = (line: number, more: Partial<RunLine> = {}): RunLine => ({
  line,
  code: `A-${line + 1}`,
  barcode: null,
  name: `Mug no. ${line + 1}`,
  warehouse: 'Depozit',
  quantity: '7',
  refusal: null,
  itemId: line + 1,
  before: '7',
  wanted: '7',
  after: '7',
  outcome: 'equal',
  failure: null,
  reason: null,
  ...more,
});

export const someRunLines = (): RunLine[] => [
  aRunLine(0, { name: 'Blue mug, 300 ml', before: '4', outcome: 'changed' }),
  aRunLine(1, {
    name: 'Tea pot “Olt”',
    before: '3',
    after: '3',
    outcome: 'failed',
    failure: failureView('stock_not_managed', { productId: 102 }),
  }),
  aRunLine(2, {
    name: 'Soup plate, hand painted',
    before: null,
    after: null,
    outcome: 'unmatched',
    failure: failureView('product_unmatched', { tried: 'code “A-3”' }),
  }),
  aRunLine(3, {
    name: '=cmd|" /C calc"!A0',
    quantity: null,
    itemId: null,
    before: null,
    wanted: null,
    after: null,
    refusal: 'quantity_not_a_number',
    outcome: 'rejected',
  }),
  aRunLine(4, {
    name: 'Bowl, small',
    before: '5',
    after: '5',
    outcome: 'reported',
    failure: failureView('shop_sold', { shown: '5', wanted: '7', orders: '#1001, #1002', quantity: '2' }),
    reason: {
      code: 'order',
      params: { orders: '#1001, #1002', quantity: '2', was: '7', seen: '5' },
      text: 'Web orders (#1001, #1002) took 2: from 7 to 5.',
    },
  }),
  aRunLine(5, {
    name: 'Vase “Trotuș”',
    before: '1250',
    wanted: '1200',
    after: '1200',
    outcome: 'changed',
    reason: {
      code: 'overwritten',
      params: { was: '1200', seen: '1250', from: ago(90_000), to: ago(4000) },
      text: 'Something changed the number past WooCommerce, from 1200 to 1250; the shop knows of no change.',
    },
  }),
  ...Array.from({ length: 238 }, (_, n) => aRunLine(6 + n)),
];

export const someRunLog = (): RunNotes['data'] => [
  { at: ago(3999), step: 'started', params: {}, failure: null },
  { at: ago(3990), step: 'source_waits', params: {}, failure: failureView('source_rate_limited', { seconds: 30 }) },
  { at: ago(3960), step: 'source_read', params: { lines: 1284 }, failure: null },
  { at: ago(3950), step: 'applied', params: { lines: 1284 }, failure: null },
  { at: ago(3930), step: 'looked', params: { entries: 1310, items: 1284, seen: 1283 }, failure: null },
  { at: ago(3925), step: 'compared', params: { items: 1284 }, failure: null },
  { at: ago(3914), step: 'ended', params: {}, failure: null },
];

export const aFlow = (id: number, more: Partial<Flow> = {}): Flow => ({
  id,
  connectionId: 1,
  kind: 'check',
  enabled: true,
  cron: '30 4 * * *',
  timeZone: 'UTC',
  nextAt: ago(-20_000),
  ...more,
});

export const aGoLivePreview = (more: Partial<ConnectionPreview> = {}): ConnectionPreview => ({
  counts: {
    to_change: 3,
    equal: 61,
    not_found: 2,
    ambiguous: 1,
    not_managed: 1,
    failed: 0,
    offline: 1,
    level_unknown: 0,
    not_compared: 0,
  },
  changes: [
    {
      itemId: 1,
      code: 'A-1',
      barcode: '5941234567899',
      externalId: null,
      name: 'Blue mug, 300 ml',
      productId: 101,
      variationId: null,
      shown: '4',
      wanted: '7',
    },
    {
      itemId: 5,
      code: 'A-5',
      barcode: null,
      externalId: null,
      name: 'Bowl, small',
      productId: 105,
      variationId: 9,
      shown: '12',
      wanted: '0',
    },
    {
      itemId: 7,
      code: 'A-7',
      barcode: null,
      externalId: null,
      name: 'Vase “Trotuș”',
      productId: 107,
      variationId: null,
      shown: null,
      wanted: '2',
    },
  ],
  massZero: null,
  obstacles: [],
  ...more,
});

export const aProblem = (
  code: FailureCode,
  count: number,
  more: Partial<ProblemGroup> = {},
  params: Record<string, string | number> = {},
  proof: string | null = null,
): ProblemGroup => ({
  key: `items.1.${code}`,
  about: 'items',
  connectionId: 1,
  shopId: 1,
  sourceId: null,
  path: null,
  says: problemWords(failure(code, params)),
  cure: problemCure(failure(code, params), count),
  failure: failureView(code, params, proof),
  filter: code,
  asks: true,
  count,
  waiting: 0,
  canRetry: isTriedAgain(code),
  since: ago(7200),
  healedAt: null,
  examples: [],
  ...more,
});

export const someProblems = (): ProblemGroup[] => [
  aProblem(
    'keys_read_only',
    4000,
    { key: 'shop.1', about: 'shop', connectionId: null, filter: null, since: ago(4300) },
    {},
    'woocommerce_rest_cannot_edit: Sorry, you are not allowed to edit this resource.',
  ),
  aProblem(
    'stock_not_managed',
    212,
    {
      waiting: 80,
      examples: [
        { id: 2, code: 'A-2', barcode: null, name: 'Tea pot “Olt”' },
        { id: 5, code: 'A-5', barcode: null, name: null },
      ],
    },
    { productId: 102 },
    'manage_stock: false',
  ),
  aProblem(
    'product_unmatched',
    1,
    { examples: [{ id: 3, code: 'A-3', barcode: null, name: 'Soup plate, hand painted' }] },
    { tried: 'code “A-3”' },
  ),
  aProblem('shop_server_error', 14, { asks: false, waiting: 3 }, { status: 500 }),
  aProblem(
    'shop_timeout',
    310,
    {
      key: 'alarm.7',
      about: 'shop',
      connectionId: null,
      filter: null,
      asks: false,
      canRetry: false,
      count: 0,
      since: ago(9000),
      healedAt: ago(8100),
    },
    { seconds: 30 },
  ),
  aProblem('product_trashed', 3, { asks: false, canRetry: false, since: ago(80_000), healedAt: ago(30_000) }),
];

const someStockPoints = (): StockHistory['data'] =>
  [12, 12, 9, 9, 15, 14, 7].map((wanted, n) => ({
    at: ago((7 - n) * 70_000),
    wanted: String(wanted),
    shown: n === 3 ? null : String(n > 4 ? wanted : wanted + 1),
  }));

/** As the server says it, of what the panel is shown here. */
const whyOf = ({ status, failure: what, wanted }: Item): ItemFinding[] => {
  const codeOf = () => {
    if (status === 'synced') return 'in_step';
    if (status === 'offline') return 'offline';
    if (status === 'unmatched' || status === 'ambiguous') return 'not_linked';
    if (what === null) return 'in_line';
    return what.code === 'shop_differs' ? 'undecided' : 'failed';
  };
  const code = codeOf();
  const weight = code === 'in_step' ? 'fine' : code === 'in_line' || code === 'undecided' ? 'waits' : 'stops';
  const params = { target: wanted ?? '0', source: 'Accounting' };
  const found = { code, weight, params, failure: null, at: null } as const;
  const told = { code: 'last_told', weight: 'fine', params: { quantity: '7' }, failure: null, at: null } as const;
  return [
    { ...found, ...findingWords(found), failure: what },
    { ...told, at: ago(3600), ...findingWords(told), failure: null },
  ];
};

export const emptyState = (): FakeState => ({
  access: plainAccess(),
  session: aSession(),
  setupNeeded: false,
  shops: [],
  sources: [],
  connections: [],
  items: [],
  timeline: [],
  pushes: [],
  orders: [],
  orderLedgers: [],
  warehouses: [],
  doctor: goodChecks(),
  catalogue: aCatalogue({ state: 'none', entries: 0, loadedAt: null, refreshedAt: null, nextAt: null, webhooks: null }),
  bridge: unpairedBridge(),
  categories: [],
  suggestions: {},
  unlinkable: {},
  mappings: [],
  switchedOn: [],
  preview: [],
  runs: [],
  runLines: [],
  runLog: [],
  flows: [],
  goLive: aGoLivePreview(),
  notifications: [],
  overview: { provenSince: null, waiting: { count: 0, since: null }, hours: [] },
  approvals: false,
  approvalAsked: null,
  noticeSettings: someNoticeSettings(),
  noticeWebhooks: [],
  testFault: null,
  problems: [],
  deeds: [],
  pullWait: 0,
  subscribeFault: null,
  sourceChecks: [],
});

/** A working day of a shop, with nothing in the night. */
const someOverview = (): Overview => ({
  provenSince: ago(7 * 3_600),
  waiting: { count: 2, since: ago(95) },
  hours: [2, 3, 4, 5, 6, 7, 8, 9, 10, 22, 23].reverse().map((hoursAgo) => ({
    at: ago(hoursAgo * 3_600),
    changes: 12 + ((hoursAgo * 7) % 23),
    failures: hoursAgo % 5 === 0 ? 3 : 0,
    usualDelayMs: 1_400 + ((hoursAgo * 311) % 2_500),
    longestDelayMs: 9_000 + hoursAgo * 700,
  })),
});

export const busyState = (): FakeState => ({
  ...emptyState(),
  shops: [aShop()],
  sources: [aSource()],
  connections: [aConnection()],
  items: someItems(),
  timeline: aTimeline(),
  problems: someProblems(),
  pushes: somePushes(),
  orders: someOrders(),
  orderLedgers: [anOrderLedger()],
  warehouses: ['Depozit', 'Magazin'],
  catalogue: aCatalogue(),
  categories: [
    { id: 11, name: 'Mugs' },
    { id: 12, name: 'Plates' },
  ],
  suggestions: someSuggestions(),
  mappings: someMappings(),
  switchedOn: someSwitchedOn(),
  preview: somePreview(),
  runs: someRuns(),
  overview: someOverview(),
  runLines: someRunLines(),
  runLog: someRunLog(),
  flows: [
    aFlow(1, { kind: 'pull', enabled: false, cron: '30 2 * * *', nextAt: null }),
    aFlow(2),
    aFlow(3, { kind: 'refresh', enabled: false, cron: '30 1 * * *', nextAt: null }),
    aFlow(4, { kind: 'sync', enabled: false, cron: '0 3 * * 0', nextAt: null }),
    aFlow(5, { kind: 'retry', cron: '15 * * * *' }),
  ],
});

const problem = (status: number, code: string, more: object = {}): FakeAnswer => ({
  status,
  body: { type: 'about:blank', title: code, status, code, requestId: 'req-1', ...more },
});

const slice = <Row>(rows: readonly Row[], query: FakeCall['query']) => {
  const start = Number(query['cursor'] ?? 0);
  const end = start + Number(query['limit'] ?? 50);
  return { data: rows.slice(start, end), nextCursor: end < rows.length ? String(end) : null };
};

type Handler = (state: FakeState, call: FakeCall, id: number) => FakeAnswer;

const byId = <Row extends { id: number }>(rows: Row[], id: number, use: (row: Row) => FakeAnswer): FakeAnswer => {
  const row = rows.find((one) => one.id === id);
  return row === undefined ? problem(404, 'not_found') : use(row);
};

const ok = (body: unknown): FakeAnswer => ({ status: 200, body });
const change = <Row extends object>(row: Row, patch: object) => ok(Object.assign(row, patch));
const without = <Row extends { id: number }>(rows: Row[], id: number): FakeAnswer => {
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) return problem(404, 'not_found');
  rows.splice(at, 1);
  return { status: 204 };
};
const add = <Row>(rows: Row[], row: Row): FakeAnswer => {
  rows.push(row);
  return { status: 201, body: row };
};

const fits = (item: Item, query: FakeCall['query']): boolean => {
  const q = query['q']?.toLowerCase();
  return (
    (query['failure'] === undefined || item.failure?.code === query['failure']) &&
    (query['connectionId'] === undefined || item.connectionId === Number(query['connectionId'])) &&
    (q === undefined || [item.code, item.barcode, item.name].some((text) => text?.toLowerCase().includes(q) === true))
  );
};

const actions: Record<string, Partial<Item>> = {
  offline: { status: 'offline', failure: null },
  online: { status: 'due', dueAt: ago(0) },
  retry: { status: 'due', dueAt: ago(0), failure: null },
  relink: { status: 'due', dueAt: ago(0), failure: null, productId: null },
  'sync-now': { status: 'due', dueAt: ago(0) },
  keep: { status: 'due', dueAt: ago(0), failure: null },
};

const link = (state: FakeState, id: number, productId: unknown, variationId: unknown) => {
  const item = state.items.find((one) => one.id === id);
  const message = item === undefined ? 'Not found.' : (state.unlinkable[id] ?? null);
  if (item !== undefined && message === null) {
    const ref = { productId: Number(productId), variationId: variationId == null ? null : Number(variationId) };
    Object.assign(item, { ...ref, status: 'due', dueAt: ago(0), failure: null, foundBy: 'manual' });
  }
  return { itemId: id, ok: message === null, message };
};

/** What the server does with the lines, in its own words. */
function importMappings(state: FakeState, body: FakeCall['body']): FakeAnswer {
  const { lines, errors } = readMappingLines(String(body['text']));
  if (errors.length > 0) {
    const faults = errors.map(({ line, code }) => ({ path: `line ${line}`, message: code }));
    return problem(422, 'invalid_input', { errors: faults, detail: 'Some lines cannot be used. Nothing was changed.' });
  }
  const kept = { added: 0, changed: 0, removed: 0, items: 0 };
  if (body['mode'] === 'replace') {
    const staying = state.mappings.filter((row) => lines.some(({ reference }) => reference === row.reference));
    kept.removed = state.mappings.length - staying.length;
    state.mappings = staying;
  }
  for (const { reference, sku } of lines) {
    const known = state.mappings.find((row) => row.reference === reference);
    if (known === undefined) {
      kept.added += 1;
      state.mappings.push({ id: Math.max(0, ...state.mappings.map((row) => row.id)) + 1, reference, sku });
    } else if (known.sku !== sku) {
      kept.changed += 1;
      known.sku = sku;
    }
  }
  kept.items = kept.added + kept.changed + kept.removed;
  return ok(kept);
}

const isOver = ({ status }: Run): boolean => !['queued', 'running', 'paused'].includes(status);

function startRun(state: FakeState, connectionId: number, kind: Run['kind'], undoOf: number | null): FakeAnswer {
  if (state.runs.some((run) => run.connectionId === connectionId && !isOver(run))) {
    return problem(409, 'conflict', { detail: 'Another run of this connection is under way or asks you something.' });
  }
  const id = Math.max(0, ...state.runs.map((run) => run.id)) + 1;
  const now = new Date().toISOString();
  state.runs.unshift(
    aRun(id, {
      connectionId,
      kind,
      undoOf,
      status: 'running',
      phase: 'reading',
      progress: { done: 0, total: null },
      counts: {},
      proven: null,
      askedAt: now,
      startedAt: now,
      finishedAt: null,
    }),
  );
  return { status: 202, body: { runId: id } };
}

function pull(state: FakeState, connectionId: number): FakeAnswer {
  const connection = state.connections.find((one) => one.id === connectionId);
  const source = state.sources.find((one) => one.id === connection?.sourceId);
  if (source?.canPull !== true) {
    const detail = 'This kind of source cannot be asked for its levels; it pushes them.';
    return problem(409, 'conflict', { detail });
  }
  if (state.pullWait > 0) {
    return {
      ...problem(429, 'too_many_requests', { detail: 'The levels were pulled a moment ago. Please wait.' }),
      headers: { 'retry-after': String(state.pullWait) },
    };
  }
  return startRun(state, connectionId, 'pull', null);
}

const SECRETS = ['apiToken', 'apiKey', 'secret', 'webhookSecret', 'signatureSecret', 'filePassword'];

/** What was empty is not kept, what is nested comes back as JSON, and a secret as dots. */
function keptSettings(before: Source['settings'], sent: unknown): Source['settings'] {
  const all = Object.entries({ ...before, ...(sent as Record<string, unknown> | undefined) });
  return Object.fromEntries(
    all.flatMap(([name, value]) => {
      if (value === '' || value === undefined) return [];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [[name, SECRETS.includes(name) && name in { ...(sent as object) } ? '••••••••' : text]];
    }),
  );
}

const rawOf = (push: PushDetail) => ({
  contentType: push.contentType,
  body: Uint8Array.from(Buffer.from(push.rawBody ?? '')),
});

function fieldsOf(push: PushDetail): SampleFields | null {
  try {
    return sampleFields(rawOf(push));
  } catch {
    return null;
  }
}

const callUrlOf = (source: Source, secret: string): string | null =>
  source.secretInAddress ? `${source.pushUrl}?k=${secret}` : null;

const OVER = () => ({ finishedAt: new Date().toISOString() });

const routes: Record<string, Handler> = {
  'GET /setup': (state) => ok({ needed: state.setupNeeded }),
  'POST /setup': (state, { body }) => {
    if (body['token'] !== 'right-token') return problem(403, 'forbidden');
    state.setupNeeded = false;
    state.session = aSession();
    return { status: 201, body: state.session };
  },
  'GET /session': (state) => (state.session ? ok(state.session) : problem(401, 'not_authenticated')),
  ...peopleRoutes,
  ...bridgeRoutes,
  'DELETE /session': (state) => {
    state.session = null;
    return { status: 204 };
  },
  'GET /shops': (state, { query }) => ok(slice(state.shops, query)),
  'POST /shops': (state, { body }) =>
    add(state.shops, {
      ...aShop({ id: state.shops.length + 1, lastTest: null, version: null }),
      name: String(body['name']),
      url: String(body['url']),
    }),
  'GET /shops/#': (state, _, id) => byId(state.shops, id, ok),
  'PATCH /shops/#': (state, { body }, id) =>
    byId(state.shops, id, (shop) => {
      const keys = { consumerKey: shop.consumerKey, consumerSecret: shop.consumerSecret };
      return change(shop, { ...body, ...keys });
    }),
  'DELETE /shops/#': (state, _, id) => without(state.shops, id),
  'POST /shops/#/test': (state, _, id) =>
    byId(state.shops, id, (shop) => {
      const checks = shop.allowQueryKeys ? goodChecks() : state.doctor;
      shop.lastTest = { ok: checks.every((check) => check.ok), testedAt: new Date().toISOString(), checks };
      return ok(shop.lastTest);
    }),
  'POST /shops/#/resume': (state, _, id) =>
    byId(state.shops, id, (shop) =>
      change(shop, { circuit: { state: 'closed', failure: null, openedAt: null, probeAt: null } }),
    ),
  'GET /shops/#/catalogue': (state) => ok(state.catalogue),
  'POST /shops/#/catalogue/refresh': (state) =>
    change(state.catalogue, { walk: 'full', progress: { done: 0, total: null } }),
  'GET /shops/#/categories': (state) => ok({ data: state.categories }),
  'GET /sources': (state, { query }) => ok(slice(state.sources, query)),
  'POST /sources': (state, { body }) => {
    const source = aSource({
      id: state.sources.length + 1,
      name: String(body['name']),
      kind: body['kind'] as Source['kind'],
      settings: keptSettings({}, body['settings']),
      canSubscribe: body['kind'] === 'hiboutik' || body['kind'] === 'oblio',
      canPull: body['kind'] !== 'generic',
      lastTestAt: null,
      lastPushAt: null,
    });
    state.sources.push(source);
    return {
      status: 201,
      body: { ...source, token: 'tok_shown-once-7Hq2', callUrl: callUrlOf(source, 'k1') } satisfies CreatedSource,
    };
  },
  'GET /sources/#': (state, _, id) => byId(state.sources, id, ok),
  'PATCH /sources/#': (state, { body }, id) =>
    byId(state.sources, id, (source) => {
      const settings = keptSettings(source.settings, body['settings']);
      return change(source, {
        ...body,
        settings,
        canPull: source.kind !== 'generic' || 'fileUrl' in settings,
        secretInAddress: bearsSecret({ kind: source.kind, settings }),
      });
    }),
  'POST /sources/#/subscribe': (state, _, id) =>
    byId(state.sources, id, () =>
      state.subscribeFault === null
        ? { status: 204 }
        : problem(state.subscribeFault.status, state.subscribeFault.code, { detail: 'In the server’s own words.' }),
    ),
  'DELETE /sources/#': (state, _, id) => without(state.sources, id),
  'POST /sources/#/rotate-token': (state, { body }, id) =>
    byId(state.sources, id, (source) =>
      ok({
        token: 'tok_new-9Kd1',
        callUrl: callUrlOf(source, 'k2'),
        previousExpiresAt: new Date(Date.now() + Number(body['graceSeconds']) * 1000).toISOString(),
      }),
    ),
  'POST /sources/#/test': ({ sourceChecks }) =>
    ok({ ok: sourceChecks.every((check) => check.ok), checks: sourceChecks }),
  'GET /sources/#/samples': (state, _, id) =>
    ok({
      data: state.pushes
        .filter((push) => push.sourceId === id && push.rawBody !== null && push.rawBody !== '')
        .slice(0, 5)
        .map((push) => ({
          pushId: push.id,
          receivedAt: push.receivedAt,
          says: push.says,
          contentType: push.contentType,
          body: push.rawBody ?? '',
          fields: fieldsOf(push),
        })),
    }),
  'POST /sources/#/try-mapping': (state, { body }) =>
    byId(state.pushes, Number(body['pushId']), (push) => {
      const read = readGenericSettings(body['settings'] as Record<string, unknown>);
      if (!read.ok) return problem(422, 'invalid_input', { errors: read.errors });
      const reading = readGenericPush(rawOf(push), read.settings);
      const lines = reading.says === 'levels' ? reading.lines : [];
      return ok(showTriedMapping({ says: reading.says, total: lines.length, lines }));
    }),
  'GET /sources/#/warehouses': (state) =>
    ok({ data: state.warehouses.map((name) => ({ name, from: 'vendor', lastSeenAt: null })) }),
  'GET /connections': (state, { query }) => ok(slice(state.connections, query)),
  'POST /connections': (state, { body }) =>
    add(state.connections, { ...aConnection({ id: state.connections.length + 1 }), ...body }),
  'PATCH /connections/#': (state, { body }, id) => byId(state.connections, id, (row) => change(row, body)),
  'DELETE /connections/#': (state, _, id) => without(state.connections, id),
  'GET /connections/#': (state, _, id) => byId(state.connections, id, ok),
  'POST /connections/#/pull': (state, _, id) => pull(state, id),
  'POST /connections/#/pull-file': (state, _, id) => startRun(state, id, 'pull', null),
  'POST /connections/#/check': (state, _, id) => startRun(state, id, 'check', null),
  'GET /source-kinds': () =>
    ok({
      data: [
        { kind: 'smartbill', fields: smartbillForm, orders: knownByLevel(72) },
        { kind: 'hiboutik', fields: hiboutikForm, orders: knownByLevel(24) },
        { kind: 'oblio', fields: oblioForm, orders: knownByLevel(72) },
        { kind: 'generic', fields: genericForm, orders: knownByLevel(72) },
      ],
    }),
  'GET /service': () =>
    ok({
      version: '0.1.0',
      startedAt: ago(86_400),
      database: 'sqlite',
      redis: false,
      publicUrl: 'https://relay.example',
      mailFrom: 'stock-relay@relay.example',
      privateNetwork: false,
      keptDays: { history: 90, audit: 400 },
    }),
  'GET /shop-approvals': (state) => ok({ possible: state.approvals }),
  'POST /shop-approvals': (state, { body }) => {
    state.approvalAsked = body;
    return { status: 201, body: { authorizeUrl: `${String(body['url'])}/?wc-auth-version=1`, expiresAt: ago(-1_800) } };
  },
  'GET /overview': (state) => ok(state.overview),
  'GET /notifications': (state, { query }) =>
    ok(
      slice(
        state.notifications.filter(
          ({ healedAt }) => query['state'] === undefined || (query['state'] === 'open') === (healedAt === null),
        ),
        query,
      ),
    ),
  'GET /notifications/bell': (state) =>
    ok({
      unread: state.notifications.filter(({ unread }) => unread).length,
      open: state.notifications.filter(({ healedAt }) => healedAt === null).length,
      lasting: state.notifications.filter(({ healedAt }) => healedAt === null),
      healed: state.notifications.filter(({ healedAt }) => healedAt !== null),
    }),
  'POST /notifications/read': (state) => {
    state.notifications = state.notifications.map((notice) => ({ ...notice, unread: false }));
    return { status: 204 };
  },
  'GET /notice-settings': (state) => ok(state.noticeSettings),
  'PATCH /notice-settings': (state, { body }) => {
    const { kinds, ...rest } = body as NoticeSettingsPatch;
    const chosen = (kind: string) => kinds?.find((each) => each.kind === kind)?.mail;
    state.noticeSettings = {
      ...state.noticeSettings,
      ...(rest as Partial<NoticeSettings>),
      kinds: state.noticeSettings.kinds.map((each) => ({ ...each, mail: chosen(each.kind) ?? each.mail })),
    };
    return ok(state.noticeSettings);
  },
  'POST /notice-settings/test-mail': (state) =>
    state.testFault ? problem(state.testFault.status, state.testFault.code) : { status: 204 },
  'GET /notice-webhooks': (state) => ok({ data: state.noticeWebhooks }),
  'POST /notice-webhooks': (state, { body }) => {
    const added = aNoticeWebhook({ id: state.noticeWebhooks.length + 1, url: String(body['url']), lastSentAt: null });
    state.noticeWebhooks = [...state.noticeWebhooks, added];
    return { status: 201, body: { ...added, secret: 'whsec_shown-once-4Kd9' } };
  },
  'DELETE /notice-webhooks/#': (state, _, id) => {
    state.noticeWebhooks = state.noticeWebhooks.filter((webhook) => webhook.id !== id);
    return { status: 204 };
  },
  'POST /notice-webhooks/#/test': (state) =>
    state.testFault ? problem(state.testFault.status, state.testFault.code) : { status: 204 },
  'GET /runs': (state, { query }) => {
    const wanted = query['connectionId'];
    return ok(
      slice(
        state.runs.filter((run) => wanted === undefined || run.connectionId === Number(wanted)),
        query,
      ),
    );
  },
  'GET /runs/#': (state, _, id) => byId(state.runs, id, ok),
  'GET /runs/#/log': (state) => ok({ data: state.runLog }),
  'GET /runs/#/lines': (state, { query }) =>
    ok(
      slice(
        state.runLines.filter(({ outcome }) => query['only'] !== 'unequal' || outcome !== 'equal'),
        query,
      ),
    ),
  'POST /runs/#/cancel': (state, _, id) =>
    byId(state.runs, id, (run) => change(run, { status: 'cancelled', counts: {}, ...OVER() })),
  'POST /runs/#/release': (state, _, id) =>
    byId(state.runs, id, (run) => change(run, { status: 'queued', failure: null })),
  'POST /runs/#/undo': (state, _, id) => byId(state.runs, id, (run) => startRun(state, run.connectionId, 'undo', id)),
  'GET /flows': (state, { query }) =>
    ok({ data: state.flows.filter((flow) => flow.connectionId === Number(query['connectionId'])) }),
  'PATCH /flows/#': (state, { body }, id) =>
    byId(state.flows, id, (flow) => {
      const cron = String(body['cron'] ?? flow.cron);
      if (!/^(\S+ ){4}\S+$/.test(cron)) {
        const errors = [{ path: 'cron', message: 'must be five fields such as "30 2 * * *", and come some time' }];
        return problem(422, 'invalid_input', { errors, detail: 'The schedule cannot be used.' });
      }
      const enabled = (body['enabled'] as boolean | undefined) ?? flow.enabled;
      return change(flow, { ...body, nextAt: enabled ? ago(-20_000) : null });
    }),
  'POST /flows/#/run': (state, _, id) =>
    byId(state.flows, id, (flow) =>
      flow.kind === 'pull' ? pull(state, flow.connectionId) : startRun(state, flow.connectionId, flow.kind, null),
    ),
  'GET /connections/#/preview': (state) => ok(state.goLive),
  'POST /connections/#/go-live': (state, { body }, id) =>
    byId(state.connections, id, (row) =>
      state.goLive.obstacles.some((each) => each !== 'mass_zero' || body['massZeroSeen'] !== true)
        ? problem(409, 'conflict', { detail: 'The connection cannot go live yet.' })
        : change(row, { mode: 'live' }),
    ),
  'POST /connections/#/rules/preview': (state) => ok({ data: state.preview }),
  'GET /connections/#/mappings': (state, { query }) =>
    ok({ ...slice(state.mappings, query), count: state.mappings.length }),
  'POST /connections/#/mappings': (state, { body }) => importMappings(state, body),
  'POST /connections/#/mappings/remove': (state, { body }) => {
    const ids = body['ids'] as number[];
    const removed = state.mappings.filter((row) => ids.includes(row.id)).length;
    state.mappings = state.mappings.filter((row) => !ids.includes(row.id));
    return ok({ added: 0, changed: 0, removed, items: removed });
  },
  'GET /connections/#/mappings/export': (state) => ok({ csv: writeMappingCsv(state.mappings) }),
  'GET /connections/#/switched-on': (state, { query }) =>
    ok({ ...slice(state.switchedOn, query), count: state.switchedOn.length }),
  'POST /connections/#/switched-on/undo': (state, _, id) => {
    const affected = state.switchedOn.length;
    state.switchedOn.forEach((row) => (row.undoAskedAt = ago(0)));
    state.connections.filter((row) => row.id === id).forEach((row) => (row.unmanaged = 'report'));
    return ok({ affected });
  },
  'GET /items': (state, { query }) => {
    const rows = state.items.filter((item) => fits(item, query));
    const counts = Object.fromEntries(
      itemStatuses.map((status) => [status, rows.filter((item) => item.status === status).length]),
    ) as Record<ItemStatus, number>;
    const status = query['status'];
    const fitting = status ? rows.filter((item) => item.status === status) : rows;
    const offset = Number(query['offset'] ?? Number.NaN);
    if (!Number.isNaN(offset)) {
      const start = offset < 0 ? fitting.length + offset : offset;
      const data = fitting.slice(Math.max(0, start), start + Number(query['limit'] ?? 50));
      return ok({ data, nextCursor: null, ...(query['counts'] !== 'no' && { counts }) });
    }
    return ok({ ...slice(fitting, query), counts });
  },
  'GET /items/#': (state, _, id) => byId(state.items, id, ok),
  'GET /items/#/timeline': (state, { query }) =>
    ok(
      slice(
        state.timeline.filter(({ step }) => query['step'] === undefined || step === query['step']),
        query,
      ),
    ),
  'GET /items/#/why': (state, _, id) => byId(state.items, id, (item) => ok({ data: whyOf(item) })),
  'GET /items/#/stock-history': (state, _, id) =>
    byId(state.items, id, ({ lastSyncedAt }) => ok({ data: lastSyncedAt === null ? [] : someStockPoints() })),
  'GET /problems': (state) => ok({ data: state.problems }),
  'POST /problems/#/retry': (state, { path }) => {
    const problemOf = state.problems.find(({ key }) => path.includes(`/${key}/`));
    if (problemOf === undefined) return problem(404, 'not_found');
    problemOf.waiting = problemOf.count;
    return ok({ affected: problemOf.count });
  },
  'POST /items/actions': (state, { body }) => {
    const ids = body['ids'] as number[] | undefined;
    const except = (body['except'] as number[] | undefined) ?? [];
    const filter = (body['filter'] ?? {}) as FakeCall['query'];
    const retried = body['action'] === 'retry';
    const reached = state.items
      .filter(({ failure: what }) => !retried || what?.code !== 'shop_differs')
      .filter((item) =>
        ids
          ? ids.includes(item.id)
          : fits(item, filter) &&
            (filter['status'] === undefined || item.status === filter['status']) &&
            !except.includes(item.id),
      );
    const before = reached.map((item) => ({ ...item }));
    reached.forEach((item) => Object.assign(item, actions[String(body['action'])]));
    if (!['offline', 'online', 'relink'].includes(String(body['action']))) {
      return ok({ affected: reached.length, undo: null });
    }
    state.deeds.push(before);
    return ok({ affected: reached.length, undo: { id: state.deeds.length, until: ago(-600) } });
  },
  'POST /items/actions/#/undo': (state, _, id) => {
    const before = state.deeds[id - 1];
    if (before === undefined) return problem(404, 'not_found');
    before.forEach((was) => Object.assign(state.items.find((item) => item.id === was.id) ?? {}, was));
    return ok({ restored: before.length, left: 0 });
  },
  'POST /items/#/link': (state, { body }, id) =>
    byId(state.items, id, (item) => {
      const { message } = link(state, id, body['productId'], body['variationId']);
      return message === null ? ok(item) : problem(409, 'conflict', { detail: message });
    }),
  'PATCH /items/#/rules': (state, { body }, id) => byId(state.items, id, (item) => change(item, body)),
  'GET /match-desk': (state, { query }) => {
    const rows = state.items.filter((item) => fits(item, query) && item.status === (query['status'] ?? 'unmatched'));
    const { data, nextCursor } = slice(rows, query);
    return ok({ data: data.map((item) => ({ item, suggestions: state.suggestions[item.id] ?? [] })), nextCursor });
  },
  'POST /match-desk/links': (state, { body }) => {
    const links = body['links'] as { itemId: number; productId: number; variationId: number | null }[];
    return ok({ results: links.map((one) => link(state, one.itemId, one.productId, one.variationId)) });
  },
  'GET /orders': (state, { query }) =>
    ok(
      slice(
        state.orders.filter((order) => isListed(order, query)),
        query,
      ),
    ),
  'GET /order-ledgers': (state) => ok({ data: state.orderLedgers }),
  'POST /orders/#/seen': (state, _, id) =>
    byId(state.orders, id, (order) =>
      change(order, {
        lines: order.lines.map(({ held }) => anOrderLine(held, [{ reason: 'by_hand', by: 'owner@example.com' }])),
      }),
    ),
  'GET /pushes': (state, { query }) =>
    ok(
      slice(
        state.pushes.map(({ lines: _l, rawBody: _r, contentType: _c, ...push }) => push),
        query,
      ),
    ),
  'POST /pushes/#/replay': (state, _, id) =>
    byId(state.pushes, id, (push) => {
      const again = Math.max(...state.pushes.map((one) => one.id)) + 1;
      state.pushes.unshift({ ...push, id: again, says: 'levels', accepted: 2, replayOf: id });
      return { status: 202, body: { pushId: again, accepted: 2, rejected: 0, lines: [] } };
    }),
  'GET /pushes/#': (state, _, id) => byId(state.pushes, id, ok),
};

/** Answers one call to /api/v1 and changes the state as the server would. */
export function answer(state: FakeState, call: FakeCall): FakeAnswer {
  const id = Number(/\/(\d+)(\/|$)/.exec(call.path)?.[1] ?? 0);
  const handler = routes[`${call.method} ${call.path.replace(/\/(\d+|[a-z]+\.[\w.]+)(?=\/|$)/, '/#')}`];
  if (handler === undefined) return problem(404, 'not_found');
  const isOpen = call.path === '/setup' || OPEN_PATHS.includes(call.path);
  if (state.session === null && !isOpen) return problem(401, 'not_authenticated');
  return handler(state, call, id);
}
