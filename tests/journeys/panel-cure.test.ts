import type { Browser } from 'playwright-core';
import { push } from '../support/api-client';
import { launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { Person, WAYS } from '../support/person';
import { connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe('What is wrong', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let shop: SimulatedWooCommerce;
    let running: RunningService;

    beforeAll(async () => {
      browser = await launchChromium();
    }, 60_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      shop = await startSimulatedWooCommerce({
        products: [
          { sku: 'A-1', name: 'Blue mug', stock: 0 },
          { sku: 'A-2', name: 'Pot', manageStock: false },
          { sku: 'A-3', name: 'Pan', manageStock: false },
        ],
      });
      running = await runService({ ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password });
      const { pushUrl, token } = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
      const items = ['A-1', 'A-2', 'A-3'].map((code) => ({ code, quantity: 4 }));
      await push(pushUrl, token, { items });
      await eventually(async () => shop.products.stockOf('A-1') === 4);
    });
    afterEach(async () => {
      await running.stop();
      await shop.close();
    });

    it.each(WAYS)(
      'is found by its cause, cured and tried again as a whole, %s',
      async (_, way) => {
        const person = await Person.sitDown(browser, way);
        const { page } = person;
        await page.goto(`${running.url}/problems`);
        await person.fill(page.getByLabel(person.says('login.email')), OWNER.email);
        await person.fill(page.locator('input[type=password]'), OWNER.password);
        await person.press(person.button('login.submit'));

        const group = page.locator('article.group', { hasText: person.says('groups.says.stock_not_managed') });
        await group.waitFor();
        expect(await group.count()).toBe(1);
        expect(await group.locator('.count').innerText()).toContain('2');
        expect(await group.innerText()).toContain(person.says('failures.stock_not_managed.cure'));
        expect(await violationsOn(page)).toEqual([]);

        // The owner does what the cure says, in WooCommerce.
        for (const sku of ['A-2', 'A-3']) shop.products.setManageStock(sku, true);
        await person.press(group.getByRole('button'));
        await eventually(async () => shop.products.stockOf('A-2') === 4 && shop.products.stockOf('A-3') === 4);
        await group.waitFor({ state: 'detached' });
        expect(await violationsOn(page)).toEqual([]);
        expect(person.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
        await person.leave();
      },
      120_000,
    );
  });
});
