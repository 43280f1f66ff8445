import type { Browser } from 'playwright-core';
import { push } from '../support/api-client';
import { launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { Person, WAYS } from '../support/person';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe('A web order that its source does not know of', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;

    beforeAll(async () => {
      browser = await launchChromium();
    }, 60_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'Blue mug', stock: 10 }] });
      const port = String(await freePort());
      running = await runService({
        PORT: port,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        ADMIN_EMAIL: OWNER.email,
        ADMIN_PASSWORD: OWNER.password,
      });
      connected = await connect(
        running.api,
        { url: shop.url, ...shop.keys.readWrite },
        { connection: { orders: undefined } },
      );
      await eventually(async () => shop.webhooks.some(({ topic }) => topic === 'order.restored'));
    });
    afterEach(async () => {
      await running.stop();
      await shop.close();
    });
    const tell = (quantity: number) =>
      push(connected.pushUrl, connected.token, { code: 'A-1', name: 'Blue mug', quantity });

    it.each(WAYS)(
      'is seen with what was saved, found by its filters, looked into and marked as known, %s',
      async (_, way) => {
        await tell(10);
        await eventually(async () => shop.products.stockOf('A-1') === 10);
        const { id } = shop.orders.place({ 'A-1': 2 });
        await shop.deliverWebhooks();
        await tell(12);
        await eventually(async () => shop.products.stockOf('A-1') === 10 && shop.writes.length > 0);

        const person = await Person.sitDown(browser, way);
        const { page } = person;
        await page.goto(`${running.url}/`);
        await person.fill(page.getByLabel(person.says('login.email')), OWNER.email);
        await person.fill(page.locator('input[type=password]'), OWNER.password);
        await person.press(person.button('login.submit'));
        const order = person.says('orders.name', { number: String(id) });
        await page.getByText(order).waitFor();
        expect(await violationsOn(page)).toEqual([]);
        // From the oldest unknown order to the list of what that source does not know of.
        await person.press(page.locator('a[href*="state=open"]'));
        const row = page.locator('.order', { hasText: order });
        await row.waitFor();
        expect(new URL(page.url()).search).toBe(`?state=open&connection=${connected.connectionId}`);
        expect(await row.innerText()).toContain(person.says('orders.savedLine', { n: '2' }));
        await person.text('orders.way.title').waitFor();
        expect(await violationsOn(page)).toEqual([]);

        await person.fill(page.getByLabel(person.says('orders.search')), '99');
        await person.text('orders.noneFit').waitFor();
        await person.fill(page.getByLabel(person.says('orders.search')), `#${id}`);
        await row.waitFor();
        await person.press(page.locator('summary', { hasText: person.says('orders.more') }));
        expect(await violationsOn(page)).toEqual([]);

        await person.press(row.getByRole('link', { name: 'Blue mug' }));
        const drawer = page.getByRole('dialog');
        await drawer
          .getByText(/Blue mug/)
          .first()
          .waitFor();
        // The drawer slides in; colours are judged when it stands.
        await eventually(async () => (await violationsOn(page)).length === 0);
        await page.keyboard.press('Escape');
        await drawer.waitFor({ state: 'hidden' });

        await person.press(row.getByRole('button'));
        const asked = page.getByRole('dialog');
        await asked.getByText('+2').waitFor();
        await eventually(async () => (await violationsOn(page)).length === 0);
        await person.press(asked.getByRole('button', { name: person.says('orders.markSeen') }));
        await row.waitFor({ state: 'detached' });
        await eventually(async () => shop.products.stockOf('A-1') === 12);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(way.width);
        expect(person.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
        await person.leave();
      },
      120_000,
    );
  });
});
