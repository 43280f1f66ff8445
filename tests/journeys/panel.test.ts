import type { Browser, BrowserContext, Page } from 'playwright-core';
import { push } from '../support/api-client';
import { complaintsOf, launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe('the panel in Chromium', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let complaints: string[];
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let pushUrl = '';
    let token = '';

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({
        products: [
          { sku: 'A-1', name: 'Blue mug', stock: 0 },
          { sku: 'A-2', name: 'Pot', manageStock: false },
        ],
      });
      running = await runService();
      browser = await launchChromium();
      context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
      page = await context.newPage();
      page.setDefaultTimeout(15_000);
      complaints = complaintsOf(page);
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await running?.stop();
      await shop?.close();
    });

    const at = (path: string): string => running.url + path;
    const send = (body: object, bearer = token) => push(pushUrl, bearer, body);
    const heading = (name: string | RegExp) => page.getByRole('heading', { name });

    it('makes the first owner from the one-time link', async () => {
      await page.goto(running.service.setUpLink ?? '');
      expect(await violationsOn(page)).toEqual([]);
      await page.getByLabel('E-mail').fill(OWNER.email);
      await page.getByLabel('Password').fill(OWNER.password);
      await page.getByRole('button', { name: /create/i }).click();
      await page.locator('#shop-name').waitFor();
    }, 60_000);

    it('takes the shop’s address and keys and shows what the doctor found', async () => {
      await page.locator('#shop-name').fill('My shop');
      await page.locator('#shop-url').fill(shop.url);
      await page.locator('#shop-consumerKey').fill(shop.keys.readWrite.consumerKey);
      await page.locator('#shop-consumerSecret').fill(` ${shop.keys.readWrite.consumerSecret} `);
      await page.locator('form button[type=submit]').click();
      await page.locator('.check').first().waitFor();
      expect(await page.locator('.checks').innerText()).toContain('The keys may write.');
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: /^Next/ }).click();
    }, 60_000);

    it('makes the source, gives URL and token to copy, and sees the sender’s calls as they come', async () => {
      await page.locator('input[value=generic]').check();
      await page.locator('#source-name').fill('Our ERP');
      await page.locator('form button[type=submit]').click();
      await page.getByText('Waiting for the first call').waitFor();
      const [url, secret] = await page.locator('pre.value').allInnerTexts();
      pushUrl = url ?? '';
      token = secret ?? '';
      expect(pushUrl).toMatch(new RegExp(`^${running.url}/push/[0-9a-f]{32}$`));
      expect(token).toMatch(/^[0-9a-f]{64}$/);
      await send({ items: [] }, 'wrong');
      await page.getByText('wrong token').first().waitFor();
      expect((await send({ items: [] })).status).toBe(202);
      await page.getByText('Test received at').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: 'Next' }).click();
    }, 60_000);

    it('connects them, live, and shows the first products arrive', async () => {
      await page.locator('input[value=live]').check();
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByText('No product has arrived yet').waitFor();
      await send({
        items: [
          { code: 'A-1', name: 'Blue mug', quantity: 7 },
          { code: 'A-2', name: 'Pot', quantity: 3 },
          { code: 'A-9', name: 'Nothing', quantity: 1 },
        ],
      });
      await page.getByText('3 products have arrived').waitFor();
      await page.getByText('Synced').first().waitFor();
      expect(shop.products.stockOf('A-1')).toBe(7);
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('link', { name: 'To the products' }).click();
    }, 60_000);

    it('lists every product with what is wanted, shown and proven, and updates by itself', async () => {
      const row = page.getByRole('row', { name: /Blue mug/ });
      await row.waitFor();
      expect(await row.innerText()).toMatch(/Synced/);
      await send({ items: [{ code: 'A-1', quantity: 42 }] });
      await row.getByText('42').first().waitFor();
      expect(await violationsOn(page)).toEqual([]);
    }, 60_000);

    it('says in words why a product does not move, and what cures it', async () => {
      await page.getByRole('link', { name: 'Pot' }).click();
      const drawer = page.getByRole('dialog');
      await drawer.getByText('Stock management is off for product').first().waitFor();
      await drawer
        .getByText(/tick “Stock management”/)
        .first()
        .waitFor();
      await drawer.locator('.timeline li').first().waitFor();
      // The drawer slides in; colours are judged when it stands.
      await eventually(async () => (await violationsOn(page)).length === 0);
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });
    }, 60_000);

    it('retries a cured product by hand', async () => {
      shop.products.setManageStock('A-2', true);
      await page.getByRole('button', { name: 'Actions for Pot' }).click();
      await page.getByRole('menuitem', { name: /try again|retry/i }).click();
      await eventually(async () => shop.products.stockOf('A-2') === 3);
      await page.getByRole('row', { name: /Pot/ }).getByText('Synced').waitFor();
    }, 60_000);

    it('shows pushes, connections and the overview without a fault', async () => {
      for (const [path, text] of [
        ['/problems', 'What needs you'],
        ['/pushes', 'Our ERP'],
        ['/pushes/1', 'As it was received'],
        ['/connections', 'My shop'],
        ['/', 'Overview'],
      ] as const) {
        await page.goto(at(path));
        await page.getByText(text).first().waitFor();
        await heading(/./).first().waitFor();
        expect([path, await violationsOn(page)]).toEqual([path, []]);
      }
    }, 60_000);

    it('prints what it shows, dark or not, without what can only be pressed', async () => {
      await page.goto(at('/products'));
      await page.getByText('Blue mug').first().waitFor();
      await page.evaluate("document.documentElement.classList.add('dark')");
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('header.top').isVisible()).toBe(false);
      expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
      expect(await page.getByText('Blue mug').first().isVisible()).toBe(true);
      expect(
        await page
          .locator('.card')
          .first()
          .evaluate((card) => getComputedStyle(card).backgroundColor),
      ).toBe('rgb(255, 255, 255)');
      await page.emulateMedia({ media: null });
    }, 60_000);

    it('speaks the browser’s Romanian, in dark colours, on a narrow screen, without a fault', async () => {
      await page.evaluate('localStorage.clear()');
      const narrow = await browser.newContext({
        viewport: { width: 390, height: 844 },
        locale: 'ro-RO',
        colorScheme: 'dark',
        storageState: await context.storageState(),
      });
      const phone = await narrow.newPage();
      const phoneComplaints = complaintsOf(phone);
      await phone.goto(at('/products'));
      await phone.getByRole('heading', { name: 'Produse' }).waitFor();
      await phone.getByText('Blue mug').first().waitFor();
      expect(await phone.getAttribute('html', 'lang')).toBe('ro');
      expect(await violationsOn(phone)).toEqual([]);
      const width = await phone.evaluate('document.documentElement.scrollWidth');
      expect(width).toBe(390);
      expect(phoneComplaints).toEqual([]);
      await narrow.close();
    }, 60_000);

    it('changes language and theme from the user menu by keyboard alone', async () => {
      await page.goto(at('/'));
      await heading('Overview').waitFor();
      await page.getByRole('button', { name: /Your account/ }).focus();
      await page.keyboard.press('Enter');
      expect(await violationsOn(page)).toEqual([]);
      await page.keyboard.press('Tab');
      await page.keyboard.type('Rom');
      await heading('Prezentare').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('Lum');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.type('Eng');
      await heading('Overview').waitFor();
      expect(await page.evaluate("localStorage.getItem('stock-relay.theme')")).toBe('light');
      await page.keyboard.press('Escape');
      expect(await page.getByLabel('Theme').count()).toBe(0);
      await page.keyboard.press('Enter');
      await page.getByLabel('Theme').waitFor();
    }, 60_000);

    it('logs out and in again, and refuses a wrong password in words', async () => {
      await page.goto(at('/'));
      await page.getByRole('button', { name: /Your account/ }).click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.locator('#login-email').fill(OWNER.email);
      await page.locator('#login-password').fill('wrong');
      await page.locator('button[type=submit]').click();
      await page.getByText(/password is wrong/).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await page.locator('#login-password').fill(OWNER.password);
      await page.keyboard.press('Enter');
      await page.locator('.headline').waitFor();
    }, 60_000);

    it('never broke its own content policy, nor left an error on the console', () => {
      // A refused log-in is a failed request, which every browser reports.
      expect(complaints.filter((each) => !/status of 401/.test(each))).toEqual([]);
    });
  });
});
