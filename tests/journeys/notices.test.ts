import type { Browser, Page } from 'playwright-core';
import { pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { complaintsOf, launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { headerOf, MailServer, partOf } from '../support/mail-server';
import { isSignedBy, NoticeReceiver } from '../support/notice-receiver';
import { connect, type Connected, runService, type RunningService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe('Trouble at a shop', () => {
  let shop: SimulatedWooCommerce;
  let server: MailServer;
  let receiver: NoticeReceiver;
  let running: RunningService;
  let connected: Connected;
  let secret = '';

  const told = (type: string) =>
    receiver.received.filter(({ body }) => pickText(JSON.parse(body) as unknown, 'type') === type);
  const mailed = (subject: RegExp) => server.received.filter((mail) => subject.test(headerOf(mail, 'Subject')));
  const sell = (quantity: number) =>
    push(connected.pushUrl, connected.token, { items: [{ code: 'A-1', name: 'Blue mug', quantity }] });

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'Blue mug', stock: 0 }] });
    server = await MailServer.start();
    receiver = await NoticeReceiver.start();
    running = await runService({
      SMTP_URL: server.url,
      MAIL_FROM: 'relay@shop.example',
      ADMIN_EMAIL: OWNER.email,
      ADMIN_PASSWORD: OWNER.password,
    });
    connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    const added = await running.api.expect(201, 'POST', '/notice-webhooks', { url: receiver.url });
    secret = pickText(added, 'secret');
  }, 60_000);

  afterAll(async () => {
    await running?.stop();
    await Promise.all([shop?.close(), server?.close(), receiver?.close()]);
  });

  whenThereIsAChromium(() => {
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    const bell = () => page.getByRole('button', { name: /^Notices,/ });
    const drawer = () => page.getByRole('dialog', { name: 'Notices' });
    const settled = () => eventually(async () => (await violationsOn(page)).length === 0);

    beforeAll(async () => {
      browser = await launchChromium();
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
      page = await context.newPage();
      page.setDefaultTimeout(20_000);
      complaints = complaintsOf(page);
      await page.goto(running.url);
      await page.locator('#login-email').fill(OWNER.email);
      await page.locator('#login-password').fill(OWNER.password);
      await page.keyboard.press('Enter');
      await bell().waitFor();
    }, 60_000);
    afterAll(() => browser?.close());

    it('is nothing to tell while there is none', async () => {
      await sell(3);
      await eventually(() => Promise.resolve(shop.products.stockOf('A-1') === 3));
      expect(await bell().getAttribute('aria-label')).toBe('Notices, nothing unread');
      await bell().click();
      await drawer().getByText('Nothing is wrong').waitFor();
      await settled();
      await page.keyboard.press('Escape');
      await drawer().waitFor({ state: 'hidden' });
      expect(await page.evaluate("document.activeElement.matches('.bell')")).toBe(true);
    }, 60_000);

    it('is told at once: by the bell, by e-mail and by a signed webhook', async () => {
      await running.api.expect(200, 'PATCH', `/shops/${connected.shopId}`, {
        consumerKey: 'ck_0000000000000000000000000000000000000000',
        consumerSecret: 'cs_0000000000000000000000000000000000000000',
      });
      await sell(4);
      await page.getByRole('button', { name: 'Notices, unread: 1' }).waitFor();
      await eventually(() => Promise.resolve(mailed(/the shop is not called any more/).length === 1));
      const [mail] = mailed(/the shop is not called any more/);
      if (!mail) throw new Error('Nothing arrived');
      expect(mail.to).toEqual([OWNER.email]);
      expect(partOf(mail, 'text/plain')).toContain('/connections');
      const [call] = await eventually(() => Promise.resolve(told('notice.raised').length > 0 && told('notice.raised')));
      if (!call) throw new Error('Nobody called');
      expect(isSignedBy(secret, call)).toBe(true);
      expect(pick(JSON.parse(call.body) as unknown, 'notice', 'kind')).toBe('circuit_open');
    }, 60_000);

    it('leads to the thing itself, and is marked as read', async () => {
      await bell().click();
      await drawer()
        .getByRole('link', { name: /not called any more/ })
        .waitFor();
      await settled();
      await drawer().getByRole('button', { name: 'Mark all as read' }).click();
      await page.getByRole('button', { name: 'Notices, nothing unread', includeHidden: true }).waitFor();
      await drawer()
        .getByRole('link', { name: /not called any more/ })
        .click();
      await page.waitForURL(/\/connections$/);
      await drawer().waitFor({ state: 'hidden' });
    }, 60_000);

    it('heals, and is told again: it is over', async () => {
      await running.api.expect(200, 'PATCH', `/shops/${connected.shopId}`, shop.keys.readWrite);
      await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
      await page.getByRole('button', { name: 'Notices, unread: 1' }).waitFor();
      await eventually(() => Promise.resolve(mailed(/Over: .*not called any more/).length === 1));
      await eventually(() => Promise.resolve(told('notice.healed').length === 1));
      await page.goto(`${running.url}/notices?state=healed`);
      await page.getByRole('link', { name: /not called any more/ }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
    }, 60_000);

    it('is told as each person chose', async () => {
      await page.goto(`${running.url}/settings/notifications`);
      await page.getByLabel('E-mail for: A shop is not called any more').selectOption('never');
      await page.getByRole('button', { name: /^Save/ }).click();
      await page.getByText('Your choice has been saved.').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: 'Send me a test' }).click();
      await eventually(() => Promise.resolve(mailed(/A test from Stock Relay/).length === 1));
      // Who has not logged in yet is a failed request, which every browser reports.
      expect(complaints.filter((each) => !/status of 401/.test(each))).toEqual([]);
    }, 60_000);
  });

  it('is in the lists of the API, and what a person chooses is refused where it cannot be', async () => {
    const all = pickList(await running.api.expect(200, 'GET', '/notifications'), 'data');
    expect(all.map((notice) => pickNumber(notice, 'id'))).toEqual(
      all.map((notice) => pickNumber(notice, 'id')).sort((a, b) => b - a),
    );
    expect(pick(await running.api.expect(200, 'GET', '/notifications/bell'), 'unread')).toBe(0);
    await running.api.expect(409, 'GET', '/notice-settings');
    const bad = await running.api.call('PATCH', '/notice-settings', {
      timeZone: 'Nowhere',
      quiet: { fromMinute: 5, toMinute: 5 },
      digest: { every: 'day', hour: 24 },
    });
    expect(bad.status).toBe(422);
    expect(pickList(bad.body, 'errors').map((error) => pickText(error, 'path'))).toEqual(
      expect.arrayContaining(['timeZone', 'quiet.toMinute', 'digest.hour']),
    );
    await running.api.expect(422, 'POST', '/notice-webhooks', { url: 'ftp://hooks.example.com' });
    await running.api.expect(404, 'DELETE', '/notice-webhooks/999');
  });

  it('is exported as the list is narrowed, with nothing a spreadsheet would run', async () => {
    await running.api.expect(200, 'PATCH', `/shops/${connected.shopId}`, { name: '=1+1' });
    const rows = async (query: string) => {
      const text = await (await running.api.file(`/notifications.csv${query}`)).text();
      return text.trim().split('\r\n');
    };
    const [heads, over] = await rows('?state=healed');
    expect(heads).toBe(
      '"id","kind","stops_work","shop_id","shop","source_id","source","connection_id","title","failure","cause","proof","cure","raised_at","healed_at"',
    );
    expect(over).toMatch(
      /"circuit_open","true","\d+","'=1\+1",.*"'=1\+1: the shop is not called any more","keys_rejected"/,
    );
    expect(over).toMatch(/"\d{4}-\d\d-\d\dT[\d:.]+Z","\d{4}-\d\d-\d\dT[\d:.]+Z"$/);
    expect(await rows('?state=open')).toEqual([heads]);
    await running.api.expect(422, 'GET', '/notifications.csv?state=nonsense');
  });

  it('leaves no secret in the log, nor the path of a webhook', () => {
    const log = running.logText();
    expect(log).not.toContain(secret);
    expect(log).not.toContain('/hook');
    expect(log).not.toContain(OWNER.password);
  });
});
