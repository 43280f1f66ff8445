import type { Browser } from 'playwright-core';
import { systemClock } from '../../server/clock/system-clock';
import type { Clock } from '../../server/domain/ports/clock';
import { launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { Person, WAYS } from '../support/person';
import { connect, type RunningService, runService } from '../support/running-service';
import { SimulatedAccounting } from '../support/simulated-accounting';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };
const OWNER = { email: 'owner@example.com', password: 'a long enough password' };
const PRODUCTS = 20;
const DIFFERENT = [3, 8];

describe('A pull', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let accounting: SimulatedAccounting;
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connectionId: number;
    let products: { readonly code: string; readonly name: string; level: number }[];
    /** How far the service's clock is ahead of the machine's. */
    let passed = 0;
    const clock: Clock = {
      now: () => systemClock.now() + passed,
      sleep: (ms, signal) => systemClock.sleep(ms, signal),
    };

    beforeAll(async () => {
      browser = await launchChromium();
    }, 60_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      passed = 0;
      products = Array.from({ length: PRODUCTS }, (_, n) => ({ code: `P-${n}`, name: `Product ${n}`, level: 5 }));
      accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit'], login: LOGIN });
      shop = await startSimulatedWooCommerce({
        products: products.map(({ code, name }, n) => ({ sku: code, name, stock: DIFFERENT.includes(n) ? 1 : 5 })),
      });
      running = await runService(
        { SMARTBILL_API_URL: accounting.apiUrl, ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password },
        { clock },
      );
      const connected = await connect(
        running.api,
        { url: shop.url, ...shop.keys.readWrite },
        {
          source: { name: 'SmartBill', kind: 'smartbill', settings: LOGIN },
          connection: { warehouses: '*', matchBy: ['code'], mode: 'test' },
        },
      );
      connectionId = connected.connectionId;
      await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
    });
    afterEach(async () => {
      await running.stop();
      await shop.close();
      await accounting.close();
    });

    const shown = () => DIFFERENT.map((n) => shop.products.stockOf(`P-${n}`));

    it.each(WAYS)(
      'is previewed without a write, run, and undone, %s',
      async (_, way) => {
        const person = await Person.sitDown(browser, way);
        const { page } = person;
        const pull = async () => {
          await page.goto(`${running.url}/connections`);
          const verb = person.says('startRun.pull');
          await person.press(page.getByRole('button', { name: new RegExp(`^${verb} `) }));
          const dialog = page.getByRole('dialog');
          await dialog.waitFor();
          await eventually(async () => (await violationsOn(page)).length === 0);
          await person.press(dialog.getByRole('button', { name: verb, exact: true }));
          await page.waitForURL(/\/runs\/\d+$/);
        };
        const result = (status: string) => page.getByText(person.says(`run.status.${status}`), { exact: true }).first();

        await page.goto(`${running.url}/connections`);
        await person.fill(page.getByLabel(person.says('login.email')), OWNER.email);
        await person.fill(page.locator('input[type=password]'), OWNER.password);
        await person.press(person.button('login.submit'));
        await page.getByRole('heading', { level: 1, name: person.says('nav.connections') }).waitFor();

        await pull();
        await result('succeeded').waitFor();
        for (const n of DIFFERENT) await page.getByText(`Product ${n}`, { exact: true }).waitFor();
        expect(shop.writes).toEqual([]);
        expect(await violationsOn(page)).toEqual([]);

        await page.goto(`${running.url}/connections/${connectionId}/go-live`);
        await person.press(person.button('mode.liveVerb'));
        await page.waitForURL(/\/connections$/);
        await eventually(async () => shown().every((stock) => stock === 5));
        for (const [n, product] of products.entries()) if (DIFFERENT.includes(n)) product.level = 9;
        passed += 6 * 60_000;

        await pull();
        await result('succeeded').waitFor();
        expect(shown()).toEqual([9, 9]);
        await person.press(person.button('run.undo'));
        await page.getByRole('heading', { name: person.says('run.kind.undo') }).waitFor();
        await result('succeeded').waitFor();
        expect(shown()).toEqual([5, 5]);
        expect(shop.writes).toHaveLength(3 * DIFFERENT.length);

        expect(person.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
        await person.leave();
      },
      180_000,
    );
  });
});
