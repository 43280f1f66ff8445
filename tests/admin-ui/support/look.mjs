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

const scene = (name) => (box) => {
  box.state = box.scenes[name]();
  box.down = false;
};
const resting = (box) => {
  scene('empty')(box);
  box.state.doctor = box.fake.strippedChecks();
};
const fresh = (more) => (box) => {
  scene('empty')(box);
  box.state.shops = [box.fake.aShop()];
  box.state.warehouses = ['Depozit', 'Magazin'];
  more?.(box);
};
const alarmed = (more) => (box) => {
  scene('busy')(box);
  box.state.notifications = box.fake.someAlarms();
  more?.(box);
};
const inTest = (more) => (box) => {
  scene('busy')(box);
  box.state.connections[0].mode = 'test';
  more?.(box.state.goLive);
};
const source = (more) =>
  fresh((box) => (box.state.sources = [box.fake.aSource({ lastTestAt: null, lastPushAt: null, ...more })]));

const foreign = (more) => (box) => {
  scene('busy')(box);
  box.state.sources = [box.fake.aSource({ name: 'Till', kind: 'generic', settings: {}, canPull: false })];
  box.state.pushes = [box.fake.aForeignPush(7), box.fake.aForeignPush(6, { says: 'other_event' })];
  more?.(box);
};
const hiboutik = (more) => (box) => {
  scene('busy')(box);
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
};

const pages = [
  {
    name: 'second-step',
    path: '/login',
    set: (box) => {
      scene('out')(box);
      box.state.setupNeeded = false;
      box.state.access.asksSecondFactor = true;
    },
    act: async (page) => {
      await page.fill('#login-email', 'owner@example.com');
      await page.fill('#login-password', 'correct horse battery');
      await page.click('button[type=submit]');
      await page.fill('#second-code', '111111');
      await page.click('button[type=submit]');
      await page.waitForSelector('.notice');
    },
  },
  { name: 'join', path: '/join#token=x', set: scene('out') },
  {
    name: 'join-void',
    path: '/join#token=x',
    set: (box) => {
      scene('out')(box);
      box.state.access.link = null;
    },
  },
  { name: 'enrol', path: '/enrol', set: scene('busy') },
  { name: 'settings-account', path: '/settings/account', set: scene('busy') },
  {
    name: 'settings-account-enrol',
    path: '/settings/account',
    set: scene('busy'),
    act: async (page) => {
      await page.click('main .el-button--primary');
      await page.fill('#enrol-code', '123456');
      await page.click('form .el-button--primary');
      await page.waitForSelector('pre');
    },
  },
  { name: 'settings-people', path: '/settings/people', set: scene('busy') },
  {
    name: 'settings-people-issued',
    path: '/settings/people',
    set: scene('busy'),
    act: async (page) => {
      await page.fill('#invite-email', 'x@example.com');
      await page.click('form .el-button--primary');
      await page.waitForSelector('pre.value');
    },
  },
  {
    name: 'settings-people-menu-live',
    path: '/settings/people',
    set: scene('busy'),
    act: (page) => page.click('.person .opener >> nth=1'),
  },
  { name: 'settings-tokens', path: '/settings/tokens', set: scene('busy') },
  {
    name: 'settings-tokens-made',
    path: '/settings/tokens',
    set: scene('busy'),
    act: async (page) => {
      await page.fill('#token-name', 'Robot');
      await page.click('form .el-button--primary');
      await page.waitForSelector('pre.value');
    },
  },
  { name: 'settings-audit', path: '/settings/audit', set: scene('busy') },
  { name: 'settings-service', path: '/settings/service', set: scene('busy') },
  { name: 'login', path: '/login', set: scene('out') },
  { name: 'login-wrong', path: '/login', set: scene('out'), act: (page) => page.click('button[type=submit]') },
  { name: 'owner', path: '/setup#token=right-token', set: scene('out') },
  { name: 'owner-no-token', path: '/setup', set: scene('out') },
  {
    name: 'login-preferences',
    path: '/login',
    set: scene('out'),
    act: (page) => page.click('.user-menu button'),
  },
  { name: 'overview', path: '/', set: scene('busy') },
  { name: 'user-menu', path: '/', set: scene('busy'), act: (page) => page.click('.user-menu button') },
  { name: 'overview-halted', path: '/', set: scene('halted') },
  {
    name: 'overview-alarms',
    path: '/',
    set: (box) => {
      scene('busy')(box);
      box.state.notifications = box.fake.someAlarms();
    },
  },
  { name: 'problems', path: '/problems', set: scene('busy') },
  { name: 'problems-none', path: '/problems', set: scene('empty') },
  { name: 'overview-empty', path: '/', set: scene('empty') },
  { name: 'notices', path: '/notices', set: alarmed() },
  { name: 'notices-none', path: '/notices', set: scene('busy') },
  { name: 'notices-bell', path: '/', set: alarmed(), act: (page) => page.click('.bell') },
  { name: 'notices-bell-calm', path: '/', set: scene('busy'), act: (page) => page.click('.bell') },
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
    act: async (page) => {
      await page.fill('#notify-hook-url', 'https://hooks.example.com/x');
      await page.click('section form button[type=submit]');
      await page.waitForSelector('.toast');
    },
  },
  { name: 'wizard-shop', path: '/wizard', set: resting },
  {
    name: 'wizard-shop-stripped',
    path: '/wizard',
    set: (box) => {
      fresh()(box);
      box.state.shops = [
        box.fake.aShop({ lastTest: { ok: false, testedAt: box.fake.ago(4), checks: box.fake.strippedChecks() } }),
      ];
    },
  },
  { name: 'wizard-source', path: '/wizard', set: fresh() },
  {
    name: 'wizard-address-new',
    path: '/wizard',
    set: fresh(),
    act: async (page) => {
      await page.fill('#source-name', 'Accounting');
      await page.fill('#source-email', 'owner@example.com');
      await page.fill('#source-apiToken', 'abc');
      await page.fill('#source-vatCode', 'RO12345678');
      await page.click('form button[type=submit]');
      await page.waitForSelector('text=tok_shown-once-7Hq2');
    },
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
    act: (page) => page.click('input[value=chosen]'),
  },
  {
    name: 'wizard-first',
    path: '/wizard?step=first',
    set: (box) => {
      scene('busy')(box);
      box.state.connections[0].mode = 'test';
      box.state.items = box.state.items.slice(0, 6);
    },
  },
  { name: 'products', path: '/products', set: scene('busy') },
  {
    name: 'products-failed',
    path: '/products',
    set: (box) => {
      scene('busy')(box);
    },
    act: async (page, box) => {
      box.down = true;
      await page.reload().catch(() => undefined);
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'products-stale',
    path: '/products',
    set: scene('busy'),
    act: async (page, box) => {
      box.down = true;
      await page.waitForSelector('[role=alert]');
    },
  },
  { name: 'products-empty', path: '/products', set: scene('empty') },
  {
    name: 'products-menu',
    path: '/products',
    set: scene('busy'),
    act: (page) => page.click('.actions button >> nth=1'),
  },
  {
    name: 'products-toast',
    path: '/products',
    set: scene('busy'),
    act: async (page) => {
      await page.click('.actions button >> nth=1');
      await page.click('[role=menuitem] >> nth=3');
      await page.waitForSelector('.toast');
    },
  },
  { name: 'product', path: '/products?item=2', set: scene('busy') },
  {
    name: 'product-rules',
    path: '/products?item=1',
    set: scene('busy'),
    act: async (page) => {
      await page.click('.own summary');
      await page.$eval('.own', (form) => form.scrollIntoView({ block: 'end' }));
    },
  },
  {
    name: 'product-chart',
    path: '/products?item=1',
    set: scene('busy'),
    act: async (page) => {
      await page.locator('canvas').scrollIntoViewIfNeeded();
      await page.waitForTimeout(700);
    },
  },
  { name: 'product-link', path: '/products?item=4', set: scene('busy') },
  { name: 'match', path: '/match', set: scene('busy') },
  {
    name: 'match-chosen',
    path: '/match',
    set: scene('busy'),
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
    set: (box) => {
      scene('busy')(box);
      box.state.unlinkable = { 4: 'Another product of a source is already linked to this one.' };
      box.state.catalogue = box.fake.aCatalogue({ state: 'loading', progress: { done: 300, total: 1284 } });
    },
    act: (page) => page.click('article .deeds button'),
  },
  {
    name: 'match-several',
    path: '/match',
    set: (box) => {
      scene('busy')(box);
      box.state.connections.push(box.fake.aConnection({ id: 2 }));
      box.state.items[3].status = 'unmatched';
      box.state.items[4].status = 'unmatched';
    },
  },
  {
    name: 'match-done',
    path: '/match',
    set: (box) => {
      scene('busy')(box);
      box.state.items = box.state.items.filter(({ status }) => !['unmatched', 'ambiguous'].includes(status));
    },
  },
  { name: 'mappings', path: '/connections/1/mappings', set: scene('busy') },
  {
    name: 'mappings-faults',
    path: '/connections/1/mappings',
    set: scene('busy'),
    act: async (page) => {
      await page.fill('#mappings-text', '1001:MUG-BLUE\n1002\n1003;;\n"1004,MUG');
      await page.click('form button[type=submit]');
      await page.waitForSelector('.faults');
    },
  },
  {
    name: 'mappings-taken',
    path: '/connections/1/mappings',
    set: (box) => {
      scene('busy')(box);
      box.state.mappings = [];
    },
    act: async (page) => {
      await page.fill('#mappings-text', '1001:MUG-BLUE\n1002:MUG-RED');
      await page.click('form button[type=submit]');
      await page.waitForSelector('.toast');
    },
  },
  { name: 'pushes', path: '/pushes', set: scene('busy') },
  { name: 'push', path: '/pushes/2', set: scene('busy') },
  { name: 'runs', path: '/runs', set: scene('busy') },
  {
    name: 'runs-empty',
    path: '/runs',
    set: (box) => {
      scene('busy')(box);
      box.state.runs = [];
    },
  },
  { name: 'push-unreadable', path: '/pushes/7', set: foreign() },
  { name: 'fields-waiting', path: '/sources/1/fields', set: foreign((box) => (box.state.pushes = [])) },
  {
    name: 'fields',
    path: '/sources/1/fields',
    set: foreign(),
    act: async (page) => {
      await page.selectOption('#mapping-quantity', 'onHand');
      await page.selectOption('#mapping-code', 'sku');
      await page.selectOption('#mapping-name', 'title');
      await page.click('.conditions summary');
      await page.click('.conditions button');
      await page.selectOption('#condition-0-field', '/event');
      await page.fill('#condition-0-is', 'stock.changed');
      await page.waitForSelector('form table');
      await page.$eval('form table', (table) => table.scrollIntoView());
    },
  },
  {
    name: 'sources-hiboutik',
    path: '/connections',
    set: hiboutik(),
    act: (page) => page.click('section:last-child article button[aria-expanded]'),
  },
  { name: 'wizard-hiboutik-address', path: '/wizard?step=address', set: hiboutik({ lastPushAt: null }) },
  {
    name: 'wizard-hiboutik-refused',
    path: '/wizard?step=address',
    set: (box) => {
      hiboutik({ lastRefusal: 'signature_wrong', lastRefusedAt: box.fake.ago(2), canSubscribe: true })(box);
      box.state.subscribeFault = { status: 409, code: 'conflict' };
    },
    act: async (page) => {
      await page.click('.el-button--primary');
      await page.waitForSelector('[role=alert]');
    },
  },
  {
    name: 'wizard-source-hiboutik',
    path: '/wizard?step=source',
    set: hiboutik(),
    act: (page) => page.click('.folded summary'),
  },
  {
    name: 'wizard-source-generic',
    path: '/wizard?step=source',
    set: foreign(),
    act: (page) => page.click('.folded summary'),
  },
  {
    name: 'connections-upload',
    path: '/connections',
    set: foreign(),
    act: async (page) => {
      await page.click('article .row > button >> nth=0');
      await page.waitForSelector('.el-dialog');
    },
  },
  {
    name: 'run-log',
    path: '/runs/4',
    set: scene('busy'),
    act: (page) => page.click('.log summary'),
  },
  {
    name: 'run-checking',
    path: '/runs/5',
    set: (box) => {
      scene('busy')(box);
      box.state.runs[0].kind = 'check';
      box.state.runs[0].phase = 'explaining';
    },
  },
  { name: 'run-moving', path: '/runs/5', set: scene('busy') },
  { name: 'run-done', path: '/runs/2', set: scene('busy') },
  { name: 'run-warning', path: '/runs/4', set: scene('busy') },
  { name: 'run-failed', path: '/runs/1', set: scene('busy') },
  {
    name: 'run-paused',
    path: '/runs/9',
    set: (box) => {
      scene('busy')(box);
      const failure = box.fake.failureView('mass_zero', { zeros: 210, inStock: 640 });
      const rest = { status: 'paused', phase: 'applying', counts: {}, finishedAt: null, failure };
      box.state.runs = [box.fake.aRun(9, rest)];
      box.state.runLines = box.state.runLines
        .slice(0, 20)
        .map((line) => ({ ...line, outcome: null, before: null, wanted: null, after: null, failure: null }));
    },
  },
  { name: 'connections', path: '/connections', set: scene('halted') },
  {
    name: 'connections-edit',
    path: '/connections',
    set: scene('busy'),
    act: (page) => page.click('article > .row > button >> nth=3'),
  },
  {
    name: 'connections-edit-numbers',
    path: '/connections',
    set: (box) => {
      scene('busy')(box);
      box.state.connections[0].categoryBuffers = [{ categoryId: 11, buffer: '3' }];
    },
    act: async (page) => {
      await page.click('article > .row > button >> nth=3');
      await page.click('.el-dialog details summary >> nth=0');
      await page.click('.el-dialog details summary >> nth=1');
      await page.waitForSelector('.preview li');
      await page.$eval('#connection-buffer', (field) => field.scrollIntoView({ block: 'start' }));
    },
  },
  {
    name: 'connections-edit-preview',
    path: '/connections',
    set: scene('busy'),
    act: async (page) => {
      await page.click('article > .row > button >> nth=3');
      await page.click('.el-dialog details summary >> nth=1');
      await page.fill('#connection-buffer', '2');
      await page.waitForSelector('.preview li');
      await page.$eval('.preview', (preview) => preview.scrollIntoView({ block: 'end' }));
    },
  },
  {
    name: 'connections-catalogue',
    path: '/connections',
    set: (box) => {
      scene('busy')(box);
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
    },
    act: async (page) => {
      await page.click('.switched summary');
      await page.click('.limits summary');
      await page.click('.limits .el-switch');
    },
  },
  {
    name: 'connections-pull',
    path: '/connections',
    set: (box) => {
      scene('busy')(box);
      box.state.runs = [];
      box.state.pullWait = 540;
    },
    act: async (page) => {
      await page.click('article .row > button >> nth=0');
      await page.click('.el-dialog .el-button--primary');
      await page.waitForSelector('.el-dialog .notice');
    },
  },
  {
    name: 'connections-flows',
    path: '/connections',
    set: scene('busy'),
    act: (page) => page.click('.flows summary'),
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
    act: async (page) => {
      await page.click('.card .el-button--primary');
      await page.waitForSelector('.toast');
    },
  },
  {
    name: 'connections-rotate',
    path: '/connections',
    set: scene('busy'),
    act: (page) => page.click('section:last-child article button >> nth=1'),
  },
  { name: 'not-found', path: '/nowhere', set: scene('busy') },
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
          fullPage: !/product|edit|live|rotate/.test(name),
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
