import type { Browser, Page } from 'playwright-core';
import { push } from './api-client';
import { launchChromium } from './browser';
import { eventually } from './eventually';
import { ADMIN_TOKEN, connect, type RunningService, runService } from './running-service';

const PER_PUSH = 10_000;
const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

export const codeAt = (place: number): string => `C-${String(place).padStart(6, '0')}`;

interface SeenRow {
  readonly place: number;
  readonly code: string;
}

/** The panel in Chromium over the real service, which holds this many products of a shop that is out of reach. */
export class PanelAtScale {
  private constructor(
    readonly running: RunningService,
    private readonly browser: Browser,
    readonly page: Page,
    readonly count: number,
  ) {}

  static async open(count: number): Promise<PanelAtScale> {
    const running = await runService(
      { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, LOG_LEVEL: 'silent' },
      { checkAnswers: false },
    );
    const nowhere = {
      url: 'https://127.0.0.1:9',
      consumerKey: `ck_${'a'.repeat(40)}`,
      consumerSecret: `cs_${'b'.repeat(40)}`,
    };
    const { pushUrl, token } = await connect(running.api, nowhere);
    for (let from = 0; from < count; from += PER_PUSH) {
      const items = Array.from({ length: Math.min(PER_PUSH, count - from) }, (_, n) => ({
        code: codeAt(from + n),
        name: `Product with a usual name, no. ${from + n}`,
        quantity: (from + n) % 100,
      }));
      const { status } = await push(pushUrl, token, { items });
      if (status !== 202) throw new Error(`The push was answered with ${status}`);
    }
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    page.setDefaultTimeout(30_000);
    await page.goto(`${running.url}/login`);
    await page.locator('#login-email').fill(OWNER.email);
    await page.locator('#login-password').fill(OWNER.password);
    await page.locator('button[type=submit]').click();
    await page.locator('.headline').waitFor();
    await page.goto(`${running.url}/products`);
    await page.locator('[data-index="0"] .open').waitFor();
    await page.evaluate(`window.longTasks = [];
      new PerformanceObserver((list) => list.getEntries().forEach((one) => window.longTasks.push(one.duration)))
        .observe({ type: 'longtask' })`);
    return new PanelAtScale(running, browser, page, count);
  }

  /** The rows of the page that are loaded, in their order. */
  async rows(): Promise<readonly SeenRow[]> {
    const found: unknown = await this.page.evaluate(`[...document.querySelectorAll('[data-index]')]
      .filter((row) => row.querySelector('.open'))
      .map((row) => ({ place: Number(row.dataset.index), code: row.querySelector('.code').textContent.trim() }))`);
    return found as readonly SeenRow[];
  }

  /** Waits until all that is in sight is loaded. */
  async settled(): Promise<void> {
    await eventually(async () =>
      Boolean(
        await this.page.evaluate(`(() => {
          const rows = [...document.querySelectorAll('[data-index]')].filter((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return bottom > 110 && top < innerHeight;
          });
          return rows.length > 5 && rows.every((row) => row.querySelector('.open'));
        })()`),
      ),
    );
  }

  async scrollTo(share: number): Promise<void> {
    await this.page.evaluate(`scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * ${share})`);
  }

  /** Milliseconds that the page could not answer a person, each time that was longer than 50. */
  async longTasks(): Promise<readonly number[]> {
    return (await this.page.evaluate('window.longTasks.splice(0)')) as readonly number[];
  }

  async answerMs(query: string): Promise<number> {
    const startedAt = performance.now();
    const answer = await fetch(`${this.running.url}/api/v1/items?${query}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    await answer.text();
    return performance.now() - startedAt;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.running.stop();
  }
}
