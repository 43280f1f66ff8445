import type { Browser } from 'playwright-core';
import { push } from '../support/api-client';
import { launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { Person, WAYS } from '../support/person';
import { type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const MOST_PRESSES = 12;

describe('From nothing to the first verified product', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let shop: SimulatedWooCommerce;
    let running: RunningService;

    beforeAll(async () => {
      browser = await launchChromium();
    }, 60_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'Blue mug', stock: 0 }] });
      running = await runService();
    });
    afterEach(async () => {
      await running.stop();
      await shop.close();
    });

    it.each(WAYS)(
      'it takes at most 12 presses and one paste for each key, %s',
      async (_, way) => {
        const person = await Person.sitDown(browser, way);
        const { page } = person;
        await page.goto(running.service.setUpLink ?? '');
        await person.fill(page.getByLabel(person.says('login.email')), 'owner@example.com');
        await person.fill(page.locator('input[type=password]'), 'a long enough password');
        await person.press(person.button('owner.submit'));

        await person.fill(page.locator('#shop-url'), shop.url);
        await person.fill(page.locator('#shop-consumerKey'), shop.keys.readWrite.consumerKey);
        await person.fill(page.locator('#shop-consumerSecret'), shop.keys.readWrite.consumerSecret);
        await person.press(person.button('shop.save'));
        await person.text('doctor.passed').waitFor();
        expect(await violationsOn(page)).toEqual([]);
        await person.press(person.button('setup.next'));

        await person.choose(page.locator('input[value=generic]'), page.locator('input[name=source-kind]'));
        await person.fill(page.locator('#source-name'), 'Our ERP');
        await person.press(person.button('setup.saveNext'));

        const values = page.locator('pre.value');
        await values.nth(1).waitFor();
        const copies = page.locator('.copy button');
        const copied: string[] = [];
        for (const which of [0, 1]) {
          await person.press(copies.nth(which));
          copied.push(String(await page.evaluate('navigator.clipboard.readText()')));
        }
        expect(copied).toEqual((await values.allInnerTexts()).slice(0, 2));
        const [pushUrl = '', token = ''] = copied;
        expect((await push(pushUrl, token, { items: [] })).status).toBe(202);
        await person.press(person.button('setup.next'));

        await person.press(person.button('connection.create'));
        await person.text('first.none').waitFor();
        await push(pushUrl, token, { items: [{ code: 'A-1', name: 'Blue mug', quantity: 7 }] });
        await page.getByText('Blue mug').waitFor();
        expect(await violationsOn(page)).toEqual([]);
        await person.press(person.button('setup.next'));

        await person.button('mode.liveVerb').waitFor();
        expect(shop.writes).toEqual([]);
        expect(await violationsOn(page)).toEqual([]);
        await person.press(person.button('mode.liveVerb'));
        await page.getByText(person.says('status.synced.name'), { exact: true }).waitFor();
        await eventually(async () => shop.products.stockOf('A-1') === 7);

        expect(person.presses).toBeLessThanOrEqual(MOST_PRESSES);
        expect(person.complaints).toEqual([]);
        await person.leave();
      },
      180_000,
    );

    it('it can be left at every step and taken up again where it was', async () => {
      const person = await Person.sitDown(browser, { language: 'fr', width: 1280, byKeyboard: false });
      const { page } = person;
      await page.goto(running.service.setUpLink ?? '');
      await person.fill(page.getByLabel(person.says('login.email')), 'owner@example.com');
      await person.fill(page.locator('input[type=password]'), 'a long enough password');
      await person.press(person.button('owner.submit'));
      await person.fill(page.locator('#shop-url'), shop.url);
      await person.fill(page.locator('#shop-consumerKey'), shop.keys.readWrite.consumerKey);
      await person.fill(page.locator('#shop-consumerSecret'), shop.keys.readWrite.consumerSecret);
      await person.press(person.button('shop.save'));
      await person.text('doctor.passed').waitFor();

      await page.goto(running.url);
      await person.press(person.link('setup.continue', { step: person.says('setup.step.source') }));
      await person.fill(page.locator('#source-name'), 'Our ERP');
      await person.choose(page.locator('input[value=generic]'), page.locator('input[name=source-kind]'));
      await person.press(person.button('setup.saveNext'));
      await page.locator('pre.value').first().waitFor();

      await page.goto(running.url);
      await person.press(person.link('setup.continue', { step: person.says('setup.step.address') }));
      await page.getByRole('heading', { name: person.says('setup.title.address') }).waitFor();
      await person.leave();
    }, 120_000);
  });
});
