import type { Browser } from 'playwright-core';
import { launchChromium, whenThereIsAChromium } from '../support/browser';
import { connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const MOST_SCRIPT_BYTES = 250 * 1024;
const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe('What a browser has to load', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let shop: SimulatedWooCommerce;
    let running: RunningService;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'Blue mug', stock: 0 }] });
      running = await runService({ ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password });
      await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
      browser = await launchChromium();
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await running?.stop();
      await shop?.close();
    });

    /** Bytes of script as they travel, until the page stands. */
    const scriptOf = async (path: string, then: (page: Awaited<ReturnType<Browser['newPage']>>) => Promise<void>) => {
      const context = await browser.newContext({ locale: 'fr-FR' });
      const page = await context.newPage();
      const sizes: Promise<number>[] = [];
      page.on('requestfinished', (request) => {
        if (request.resourceType() === 'script') {
          sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
        }
      });
      await page.goto(running.url + path);
      await then(page);
      const all = await Promise.all(sizes);
      await context.close();
      return all.reduce((sum, size) => sum + size, 0);
    };

    it('is less than 250 KB of compressed script for the first page, log-in and overview together', async () => {
      const bytes = await scriptOf('/', async (page) => {
        await page.getByLabel('E-mail').fill(OWNER.email);
        await page.locator('input[type=password]').fill(OWNER.password);
        await page.locator('button[type=submit]').click();
        await page.getByRole('heading', { level: 1, name: 'Aperçu' }).waitFor();
      });
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(MOST_SCRIPT_BYTES);
    }, 60_000);

    it('is one language alone', async () => {
      const context = await browser.newContext({ locale: 'ro-RO' });
      const page = await context.newPage();
      const loaded: string[] = [];
      page.on('request', (request) => loaded.push(request.url()));
      await page.goto(running.url);
      await page.locator('button[type=submit]').waitFor();
      const languages = loaded.flatMap((url) => /assets\/(en|ro|fr|es|pt-BR)-/.exec(url)?.[1] ?? []);
      expect(languages).toEqual(['ro']);
      await context.close();
    }, 60_000);
  });
});
