/* global document, innerWidth, window -- inside page.evaluate */
// Walks through the panel in Chromium over the fake API: screenshots of every page (1280 and 390 wide, light and
// dark), axe on each, and no error on the console.
//   node tests/admin-ui/support/look.mjs <folder for the screenshots> [language] [prefixes of pages, with commas between]
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startFake } from './fake-server.mjs';

const folder = process.argv[2] ?? 'screenshots';
const language = process.argv[3] ?? 'en';
const only = process.argv[4]?.split(',');
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const scene = (name, more) => (box) => {
  box.state = box.scenes[name]();
  box.down = false;
  more?.(box);
};
const out = (more) => scene('out', more);
const busy = (more) => scene('busy', more);
const empty = (more) => scene('empty', more);
const resting = empty((box) => (box.state.doctor = box.fake.strippedChecks()));
const fresh = (more) =>
  empty((box) => {
    box.state.shops = [box.fake.aShop()];
    box.state.warehouses = ['Depozit', 'Magazin'];
    more?.(box);
  });
const alarmed = (more) =>
  busy((box) => {
    box.state.notifications = box.fake.someAlarms();
    more?.(box);
  });
const inTest = (more) =>
  busy((box) => {
    box.state.connections[0].mode = 'test';
    more?.(box.state.goLive);
  });
const undecided = busy((box) => {
  const failure = box.fake.failureView('shop_differs', { shown: '33', wanted: '9' });
  for (const item of box.state.items.slice(0, 2)) Object.assign(item, { status: 'failed', shown: '33', failure });
  box.state.problems = [box.fake.aProblem('shop_differs', 2, {}, { shown: '33', wanted: '9' }), ...box.state.problems];
});
const source = (more) =>
  fresh((box) => (box.state.sources = [box.fake.aSource({ lastTestAt: null, lastPushAt: null, ...more })]));

const foreign = (more) =>
  busy((box) => {
    box.state.sources = [box.fake.aSource({ name: 'Till', kind: 'generic', settings: {}, canPull: false })];
    box.state.pushes = [box.fake.aForeignPush(7), box.fake.aForeignPush(6, { says: 'other_event' })];
    more?.(box);
  });
const hiboutik = (more) =>
  busy((box) => {
    box.state.sources = [
      box.fake.aSource({
        name: 'Till',
        kind: 'hiboutik',
        settings: {
          account: 'myshop',
          user: 'ana@example.com',
          apiKey: '••••••••',
          salePrefix: 'wc_',
          monthlyCalls: '9000',
        },
        canSubscribe: true,
        calls: { used: 7420, most: 9000 },
        toRead: { count: 3, oldestAt: box.fake.ago(4000), failure: box.fake.failureView('source_login_refused') },
        ...more,
      }),
    ];
  });
const plugin = (view) => busy((box) => (box.state.bridge.view = box.fake[view]()));

/** What somebody does on the page: one thing after the other, and what they then wait for. */
const fills = (fields) => async (page) => {
  for (const [field, text] of Object.entries(fields)) await page.fill(field, text);
};
const picks = (fields) => async (page) => {
  for (const [field, option] of Object.entries(fields)) await page.selectOption(field, option);
};
const clicks =
  (...what) =>
  async (page) => {
    for (const each of what) await page.click(each);
  };
const sees = (what) => (page) => page.waitForSelector(what);
const scrolls = (what, block) => (page) => page.$eval(what, (found, to) => found.scrollIntoView({ block: to }), block);
const does =
  (...steps) =>
  async (page, box) => {
    for (const step of steps) await step(page, box);
  };
const opensPlugin = does(clicks('.plugin summary'), scrolls('.plugin', 'start'));

const pages = [
  {
    name: 'second-step',
    path: '/login',
    set: out((box) => {
      box.state.setupNeeded = false;
      box.state.access.asksSecondFactor = true;
    }),
    act: does(
      fills({ '#login-email': 'owner@example.com', '#login-password': 'correct horse battery' }),
      clicks('button[type=submit]'),
      fills({ '#second-code': '111111' }),
      clicks('button[type=submit]'),
      sees('.notice'),
    ),
  },
  { name: 'join', path: '/join#token=x', set: out() },
  {
    name: 'join-void',
    path: '/join#token=x',
    set: out((box) => {
      box.state.access.link = null;
    }),
  },
  { name: 'enrol', path: '/enrol', set: busy() },
  { name: 'settings-account', path: '/settings/account', set: busy() },
  {
    name: 'settings-account-enrol',
    path: '/settings/account',
    set: busy(),
    act: does(
      clicks('main .el-button--primary'),
      fills({ '#enrol-code': '123456' }),
      clicks('form .el-button--primary'),
      sees('pre'),
    ),
  },
  { name: 'settings-people', path: '/settings/people', set: busy() },
  {
    name: 'settings-people-issued',
    path: '/settings/people',
    set: busy(),
    act: does(fills({ '#invite-email': 'x@example.com' }), clicks('form .el-button--primary'), sees('pre.value')),
  },
  {
    name: 'settings-people-menu-live',
    path: '/settings/people',
    set: busy(),
    act: clicks('.person .opener >> nth=1'),
  },
  { name: 'settings-tokens', path: '/settings/tokens', set: busy() },
  {
    name: 'settings-tokens-made',
    path: '/settings/tokens',
    set: busy(),
    act: does(fills({ '#token-name': 'Robot' }), clicks('form .el-button--primary'), sees('pre.value')),
  },
  { name: 'settings-audit', path: '/settings/audit', set: busy() },
  { name: 'settings-service', path: '/settings/service', set: busy() },
  { name: 'login', path: '/login', set: out() },
  { name: 'login-wrong', path: '/login', set: out(), act: clicks('button[type=submit]') },
  { name: 'owner', path: '/setup#token=right-token', set: out() },
  { name: 'owner-no-token', path: '/setup', set: out() },
  {
    name: 'login-preferences',
    path: '/login',
    set: out(),
    act: clicks('.user-menu button'),
  },
  { name: 'overview', path: '/', set: busy() },
  { name: 'user-menu', path: '/settings/service', set: busy(), act: clicks('.user-menu button') },
  { name: 'overview-halted', path: '/', set: scene('halted') },
  {
    name: 'overview-alarms',
    path: '/',
    set: busy((box) => {
      box.state.notifications = box.fake.someAlarms();
    }),
  },
  { name: 'problems', path: '/problems', set: busy() },
  { name: 'problems-none', path: '/problems', set: empty() },
  { name: 'overview-empty', path: '/', set: empty() },
  { name: 'notices', path: '/notices', set: alarmed() },
  { name: 'notices-none', path: '/notices', set: busy() },
  { name: 'notices-bell', path: '/', set: alarmed(), act: clicks('.bell') },
  { name: 'notices-bell-calm', path: '/', set: busy(), act: clicks('.bell') },
  { name: 'notices-settings', path: '/settings/notifications', set: alarmed() },
  {
    name: 'notices-settings-failing',
    path: '/settings/notifications',
    set: alarmed((box) => {
      const failure = box.fake.failureView('mail_refused', {}, '550 5.1.1 Mailbox unavailable');
      Object.assign(box.state.noticeSettings.mail, { waiting: 4, failure, failedAt: box.fake.ago(90) });
      box.state.noticeSettings.quiet = { fromMinute: 1320, toMinute: 420 };
      box.state.noticeWebhooks = [
        box.fake.aNoticeWebhook(),
        box.fake.aNoticeWebhook({
          id: 2,
          url: 'https://another.example.com/a/rather/long/address/that/has/to/be/broken/somewhere/on/a/telephone',
          waiting: 3,
          failure: box.fake.failureView('webhook_refused', { status: 500 }),
          failedAt: box.fake.ago(20),
        }),
      ];
    }),
  },
  {
    name: 'notices-settings-off',
    path: '/settings/notifications',
    set: alarmed((box) => (box.state.noticeSettings.mail.isConfigured = false)),
    act: does(
      fills({ '#notify-hook-url': 'https://hooks.example.com/x' }),
      clicks('section form button[type=submit]'),
      sees('.toast'),
    ),
  },
  { name: 'wizard-shop', path: '/wizard', set: resting },
  {
    name: 'wizard-shop-stripped',
    path: '/wizard',
    set: fresh((box) => {
      box.state.shops = [
        box.fake.aShop({ lastTest: { ok: false, testedAt: box.fake.ago(4), checks: box.fake.strippedChecks() } }),
      ];
    }),
  },
  { name: 'wizard-source', path: '/wizard', set: fresh() },
  {
    name: 'wizard-address-new',
    path: '/wizard',
    set: fresh(),
    act: does(
      fills({
        '#source-name': 'Accounting',
        '#source-email': 'owner@example.com',
        '#source-apiToken': 'abc',
        '#source-vatCode': 'RO12345678',
      }),
      clicks('form button[type=submit]'),
      sees('text=tok_shown-once-7Hq2'),
    ),
  },
  {
    name: 'wizard-address-generic',
    path: '/wizard',
    set: (box) => {
      source({ kind: 'generic' })(box);
      box.state.sources[0].lastRefusedAt = box.fake.ago(3);
      box.state.sources[0].lastRefusal = 'token_wrong';
    },
  },
  {
    name: 'wizard-warehouses',
    path: '/wizard',
    set: source({ lastTestAt: new Date().toISOString() }),
    act: clicks('input[value=chosen]'),
  },
  {
    name: 'wizard-first',
    path: '/wizard?step=first',
    set: busy((box) => {
      box.state.connections[0].mode = 'test';
      box.state.items = box.state.items.slice(0, 6);
    }),
  },
  { name: 'products', path: '/products', set: busy() },
  {
    name: 'products-failed',
    path: '/products',
    set: busy(),
    act: async (page, box) => {
      box.down = true;
      await page.reload().catch(() => undefined);
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'products-stale',
    path: '/products',
    set: busy(),
    act: async (page, box) => {
      box.down = true;
      await page.waitForSelector('[role=alert]');
    },
  },
  { name: 'products-empty', path: '/products', set: empty() },
  {
    name: 'products-menu',
    path: '/products',
    set: busy(),
    act: clicks('.actions button >> nth=1'),
  },
  {
    name: 'products-toast',
    path: '/products',
    set: busy(),
    act: does(clicks('.actions button >> nth=1', '[role=menuitem] >> nth=3'), sees('.toast')),
  },
  { name: 'product', path: '/products?item=2', set: busy() },
  {
    name: 'product-rules',
    path: '/products?item=1',
    set: busy(),
    act: does(clicks('.own summary'), scrolls('.own', 'end')),
  },
  {
    name: 'product-chart',
    path: '/products?item=1',
    set: busy(),
    act: async (page) => {
      await page.locator('canvas').scrollIntoViewIfNeeded();
      await page.waitForTimeout(700);
    },
  },
  { name: 'product-link', path: '/products?item=4', set: busy(), act: sees('.choices') },
  { name: 'product-undecided', path: '/products?item=1', set: undecided },
  { name: 'problems-undecided', path: '/problems', set: undecided },
  {
    name: 'problems-writing-over',
    path: '/problems',
    set: undecided,
    act: does(clicks('text=Write the source’s numbers'), sees('text=Write over the numbers')),
  },
  {
    name: 'product-more',
    path: '/products?item=2',
    set: busy(),
    act: does(clicks('.deeds .opener'), sees('[role=menu]')),
  },
  { name: 'match', path: '/match', set: busy() },
  {
    name: 'match-chosen',
    path: '/match',
    set: busy(),
    act: async (page) => {
      await page.click('.keys summary');
      await page.focus('article');
      await page.keyboard.press('2');
      await page.check('article input[type=checkbox]');
    },
  },
  {
    name: 'match-linked',
    path: '/match?status=ambiguous',
    set: busy((box) => {
      box.state.unlinkable = { 4: 'Another product of a source is already linked to this one.' };
      box.state.catalogue = box.fake.aCatalogue({ state: 'loading', progress: { done: 300, total: 1284 } });
    }),
    act: clicks('article .deeds button'),
  },
  {
    name: 'match-several',
    path: '/match',
    set: busy((box) => {
      box.state.connections.push(box.fake.aConnection({ id: 2 }));
      box.state.items[3].status = 'unmatched';
      box.state.items[4].status = 'unmatched';
    }),
  },
  {
    name: 'match-done',
    path: '/match',
    set: busy((box) => {
      box.state.items = box.state.items.filter(({ status }) => !['unmatched', 'ambiguous'].includes(status));
    }),
  },
  { name: 'mappings', path: '/connections/1/mappings', set: busy() },
  {
    name: 'mappings-faults',
    path: '/connections/1/mappings',
    set: busy(),
    act: does(
      fills({ '#mappings-text': '1001:MUG-BLUE\n1002\n1003;;\n"1004,MUG' }),
      clicks('form button[type=submit]'),
      sees('.faults'),
    ),
  },
  {
    name: 'mappings-taken',
    path: '/connections/1/mappings',
    set: busy((box) => {
      box.state.mappings = [];
    }),
    act: does(
      fills({ '#mappings-text': '1001:MUG-BLUE\n1002:MUG-RED' }),
      clicks('form button[type=submit]'),
      sees('.toast'),
    ),
  },
  { name: 'orders', path: '/orders', set: busy() },
  {
    name: 'orders-trouble',
    path: '/orders?heard=webhook',
    set: busy((box) => {
      box.state.shops = [box.fake.aShop(), box.fake.aShop({ id: 2, name: 'Wood and wool' })];
      box.state.connections.push(box.fake.aConnection({ id: 2, shopId: 2 }));
      box.state.orderLedgers = [
        box.fake.anOrderLedger({
          failure: box.fake.failureView('keys_forbidden'),
          read: { at: box.fake.ago(7200), everyMs: null },
        }),
        box.fake.anOrderLedger({
          shopId: 2,
          told: { at: box.fake.ago(20), lagMs: 420_000, inTime: false },
          read: { at: box.fake.ago(20), everyMs: 60_000 },
          unknown: [],
        }),
      ];
    }),
  },
  {
    name: 'orders-seen',
    path: '/orders',
    set: busy(),
    act: does(clicks('text=The source knows it'), sees('[role=dialog]:visible')),
  },
  { name: 'orders-product', path: '/orders', set: busy(), act: does(clicks('.lines a'), sees('.timeline li')) },
  { name: 'orders-empty', path: '/orders', set: busy((box) => (box.state.orders = [])) },
  {
    name: 'orders-rule',
    path: '/connections',
    set: busy((box) => Object.assign(box.state.connections[0].orders, { knownBy: 'meta', afterHours: null })),
    act: does(
      clicks('article > .row > button >> nth=3', '.el-dialog details summary >> nth=2'),
      scrolls('#connection-metaKey', 'center'),
    ),
  },
  { name: 'pushes', path: '/pushes', set: busy() },
  { name: 'push', path: '/pushes/2', set: busy() },
  { name: 'runs', path: '/runs', set: busy() },
  {
    name: 'runs-empty',
    path: '/runs',
    set: busy((box) => {
      box.state.runs = [];
    }),
  },
  { name: 'push-unreadable', path: '/pushes/7', set: foreign() },
  {
    name: 'push-not-json',
    path: '/pushes/7',
    set: foreign((box) => (box.state.pushes[0].rawBody = '{broken')),
  },
  {
    name: 'fields-understood',
    path: '/sources/1/fields',
    set: foreign((box) => {
      const rawBody = JSON.stringify({ items: [{ code: 'A-1', name: 'Blue mug', quantity: 7 }] });
      box.state.pushes = [box.fake.aForeignPush(7, { says: 'levels', accepted: 1, rawBody })];
    }),
  },
  { name: 'fields-waiting', path: '/sources/1/fields', set: foreign((box) => (box.state.pushes = [])) },
  {
    name: 'fields',
    path: '/sources/1/fields',
    set: foreign(),
    act: does(
      picks({ '#mapping-quantity': 'onHand', '#mapping-code': 'sku', '#mapping-name': 'title' }),
      clicks('.conditions summary', '.conditions button'),
      picks({ '#condition-0-field': '/event' }),
      fills({ '#condition-0-is': 'stock.changed' }),
      sees('form table'),
      scrolls('form table'),
    ),
  },
  {
    name: 'sources-hiboutik',
    path: '/connections',
    set: hiboutik(),
    act: clicks('section:last-child article button[aria-expanded]'),
  },
  { name: 'wizard-hiboutik-address', path: '/wizard?step=address', set: hiboutik({ lastPushAt: null }) },
  {
    name: 'wizard-hiboutik-refused',
    path: '/wizard?step=address',
    set: (box) => {
      hiboutik({ lastRefusal: 'signature_wrong', lastRefusedAt: box.fake.ago(2), canSubscribe: true })(box);
      box.state.subscribeFault = { status: 409, code: 'conflict' };
    },
    act: does(clicks('.el-button--primary'), sees('[role=alert]')),
  },
  {
    name: 'wizard-source-hiboutik',
    path: '/wizard?step=source',
    set: hiboutik(),
    act: clicks('.folded summary'),
  },
  {
    name: 'wizard-source-generic',
    path: '/wizard?step=source',
    set: foreign(),
    act: clicks('.folded summary'),
  },
  {
    name: 'connections-upload',
    path: '/connections',
    set: foreign(),
    act: does(clicks('article .row > button >> nth=0'), sees('.el-dialog')),
  },
  {
    name: 'run-log',
    path: '/runs/4',
    set: busy(),
    act: clicks('.log summary'),
  },
  {
    name: 'run-checking',
    path: '/runs/5',
    set: busy((box) => {
      box.state.runs[0].kind = 'check';
      box.state.runs[0].phase = 'explaining';
    }),
  },
  { name: 'run-moving', path: '/runs/5', set: busy() },
  { name: 'run-done', path: '/runs/2', set: busy() },
  { name: 'run-warning', path: '/runs/4', set: busy() },
  { name: 'run-failed', path: '/runs/1', set: busy() },
  {
    name: 'run-paused',
    path: '/runs/9',
    set: busy((box) => {
      const failure = box.fake.failureView('mass_zero', { zeros: 210, inStock: 640 });
      const rest = { status: 'paused', phase: 'applying', counts: {}, finishedAt: null, failure };
      box.state.runs = [box.fake.aRun(9, rest)];
      box.state.runLines = box.state.runLines
        .slice(0, 20)
        .map((line) => ({ ...line, outcome: null, before: null, wanted: null, after: null, failure: null }));
    }),
  },
  { name: 'connections', path: '/connections', set: scene('halted') },
  {
    name: 'connections-edit',
    path: '/connections',
    set: busy(),
    act: clicks('article > .row > button >> nth=3'),
  },
  {
    name: 'connections-edit-numbers',
    path: '/connections',
    set: busy((box) => {
      box.state.connections[0].categoryBuffers = [{ categoryId: 11, buffer: '3' }];
    }),
    act: does(
      clicks(
        'article > .row > button >> nth=3',
        '.el-dialog details summary >> nth=0',
        '.el-dialog details summary >> nth=1',
      ),
      sees('.preview li'),
      scrolls('#connection-buffer', 'start'),
    ),
  },
  {
    name: 'connections-edit-preview',
    path: '/connections',
    set: busy(),
    act: does(
      clicks('article > .row > button >> nth=3', '.el-dialog details summary >> nth=1'),
      fills({ '#connection-buffer': '2' }),
      sees('.preview li'),
      scrolls('.preview', 'end'),
    ),
  },
  {
    name: 'connections-catalogue',
    path: '/connections',
    set: busy((box) => {
      box.state.shops[0].limits.callsPerMinute = 120;
      box.state.catalogue = box.fake.aCatalogue({
        state: 'loading',
        walk: 'full',
        progress: { done: 300, total: 1284 },
        failure: box.fake.failureView('shop_timeout', { seconds: 30 }),
        webhooks: {
          ...box.fake.aCatalogue().webhooks,
          state: 'failed',
          failure: box.fake.failureView('keys_read_only'),
        },
      });
    }),
    act: clicks('.switched summary', '.limits summary', '.limits .el-switch'),
  },
  {
    name: 'connections-pull',
    path: '/connections',
    set: busy((box) => {
      box.state.runs = [];
      box.state.pullWait = 540;
    }),
    act: does(clicks('article .row > button >> nth=0', '.el-dialog .el-button--primary'), sees('.el-dialog .notice')),
  },
  {
    name: 'connections-flows',
    path: '/connections',
    set: busy(),
    act: clicks('.flows summary'),
  },
  {
    name: 'plugin-none',
    path: '/connections',
    set: busy(),
    act: opensPlugin,
  },
  {
    name: 'plugin-pairing',
    path: '/connections',
    set: busy(),
    act: does(clicks('.plugin summary', '.plugin button'), sees('.plugin .notice'), scrolls('.plugin', 'start')),
  },
  { name: 'plugin-paired', path: '/connections', set: plugin('pairedView'), act: opensPlugin },
  { name: 'plugin-away', path: '/connections', set: plugin('awayView'), act: opensPlugin },
  { name: 'plugin-slow', path: '/connections', set: plugin('slowView'), act: opensPlugin },
  {
    name: 'login-wordpress',
    path: '/login?why=stock_relay_late',
    set: out((box) => (box.state.setupNeeded = false)),
  },
  { name: 'preview', path: '/connections/1/go-live', set: inTest() },
  {
    name: 'preview-obstacles',
    path: '/connections/1/go-live',
    set: inTest((preview) => {
      preview.obstacles = ['shop_not_tested', 'circuit_open', 'not_all_compared', 'mass_zero'];
      preview.massZero = { zeros: 210, inStock: 640 };
      preview.counts.not_compared = 12;
    }),
  },
  {
    name: 'preview-done',
    path: '/connections/1/go-live',
    set: inTest(),
    act: does(clicks('.card .el-button--primary'), sees('.toast')),
  },
  {
    name: 'connections-rotate',
    path: '/connections',
    set: busy(),
    act: clicks('section:last-child article button >> nth=1'),
  },
  { name: 'not-found', path: '/nowhere', set: busy() },
];

const { url, box, close } = await startFake();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let faults = 0;
const say = (text) => {
  faults += 1;
  console.log(text);
};
for (const width of [1280, 390]) {
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale: language });
    await context.addInitScript((chosen) => localStorage.setItem('stock-relay.theme', chosen), theme);
    for (const { name, path, set, act } of pages) {
      if (only && !only.some((prefix) => name.startsWith(prefix))) continue;
      const label = `${name}-${width}-${theme}`;
      set(box);
      const page = await context.newPage();
      page.on('pageerror', (error) => say(`${label}: ${error.message}`));
      page.on('console', (line) => {
        if (['error', 'warning'].includes(line.type()) && !/Failed to load resource/.test(line.text())) {
          say(`${label}: console: ${line.text()}`);
        }
      });
      try {
        await page.goto(url + path);
        await page.waitForSelector('h1, [role=alert]', { timeout: 5000 });
        await page.waitForTimeout(350);
        await act?.(page, box);
        await page.waitForTimeout(450);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) say(`${label}: ${wide} px wider than the window`);
        const spilling = await page.evaluate(
          () =>
            [...document.querySelectorAll('.card')].filter((card) => card.scrollWidth > card.clientWidth + 1).length,
        );
        if (spilling > 0) say(`${label}: ${spilling} cards narrower than what they hold`);
        await page.evaluate(axe);
        const found = await page.evaluate(
          async (tags) =>
            (await window.axe.run(document, { runOnly: tags })).violations.map(
              (one) =>
                `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? ''})`).join('; ')}`,
            ),
          TAGS,
        );
        found.forEach((one) => say(`${label}: axe ${one}`));
        await page.screenshot({
          path: join(folder, `${label}.png`),
          fullPage: !/product|edit|live|rotate|plugin/.test(name),
        });
      } catch (error) {
        say(`${label}: ${error.message.split('\n')[0]}`);
      }
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
close();
console.log(faults === 0 ? 'no faults' : `${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
