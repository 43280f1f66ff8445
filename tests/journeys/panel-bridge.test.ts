import type { Browser } from 'playwright-core';
import { push } from '../support/api-client';
import { launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { Person, WAYS } from '../support/person';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };
const SHOP = 'Shop';

describe('The plugin in the shop', () => {
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
      shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'Blue mug', stock: 0 }] });
      running = await runService({ ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password });
      connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    });
    afterEach(async () => {
      await running.stop();
      await shop.close();
    });

    const arrives = async (quantity: number): Promise<void> => {
      await push(connected.pushUrl, connected.token, { items: [{ code: 'A-1', quantity }] });
      await eventually(async () => shop.products.stockOf('A-1') === quantity);
    };
    const callsTo = (route: string) => shop.calls.filter((call) => call.route.startsWith(route));

    it.each(WAYS)(
      'is paired, used, missed when it is gone, and let go of, %s',
      async (_, way) => {
        const person = await Person.sitDown(browser, way);
        const { page } = person;
        const part = page.locator('details.plugin');
        const deed = (key: string) => part.getByRole('button', { name: `${person.says(key)} ${SHOP}`, exact: true });
        const says = (state: string) => part.locator('summary', { hasText: person.says(`plugin.state.${state}`) });

        await page.goto(`${running.url}/connections`);
        await person.fill(page.getByLabel(person.says('login.email')), OWNER.email);
        await person.fill(page.locator('input[type=password]'), OWNER.password);
        await person.press(person.button('login.submit'));
        await says('none').waitFor();
        await person.press(part.locator('summary'));
        await part.getByText(person.says('plugin.gain.guarded_writes')).waitFor();

        // Before it is in the shop, the panel says that it does not answer there, and waits.
        await person.press(deed('plugin.pair.verb'));
        await part.getByText(person.says('plugin.step.missing.title')).waitFor();
        shop.plugin.installed = true;
        await part.getByText(person.says('plugin.step.waiting.title')).waitFor();
        expect(await violationsOn(page)).toEqual([]);
        const code = await part.locator('.code pre').innerText();
        const link = await part.getByRole('link', { name: person.says('plugin.pair.open') }).getAttribute('href');
        expect(link).toContain(`${shop.url}/wp-admin/admin.php?page=stock-relay&pair=${code}`);
        // The person confirms it in WordPress.
        shop.plugin.typeCode(code);
        await says('paired').waitFor();
        await part.getByText('Ana (ana@shop.example)').waitFor();
        expect(await violationsOn(page)).toEqual([]);

        shop.forgetCalls();
        await arrives(5);
        // A call is listed when the shop has answered it, which is after it was carried out.
        await eventually(async () => callsTo('/stock-relay/v1/stock').length > 0);
        expect(callsTo('/wc/v3/products/batch')).toEqual([]);

        shop.plugin.installed = false;
        shop.forgetCalls();
        await arrives(8);
        await eventually(async () => callsTo('/wc/v3/products').some(({ writes }) => writes.length > 0));
        await says('away').waitFor();
        await part.getByText(person.says('failures.bridge_missing.cure')).waitFor();
        expect(await violationsOn(page)).toEqual([]);

        shop.plugin.installed = true;
        await person.press(deed('plugin.unpair.verb'));
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        await eventually(async () => (await violationsOn(page)).length === 0);
        await person.press(dialog.getByRole('button', { name: person.says('plugin.unpair.verb'), exact: true }));
        await page.getByText(person.says('plugin.unpair.done', { shop: SHOP })).waitFor();
        await says('none').waitFor();
        expect(shop.plugin.pairing).toBeNull();

        // A browser says of a shop that could not be asked, and of who was not logged in yet, that a call failed.
        expect(person.complaints.filter((complaint) => !/401/.test(complaint))).toEqual([]);
        await person.leave();
      },
      180_000,
    );
  });
});
