import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launchChromium, violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { type RunningService, runService } from '../support/running-service';
import { SettableClock } from '../support/settable-clock';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };
const ANA = { email: 'ana@example.com', password: 'another long password' };
const STEP_MS = 30_000;

describe('people in Chromium', () => {
  whenThereIsAChromium(() => {
    let browser: Browser;
    let running: RunningService;
    let owner: Page;
    let ana: Page;
    const watched: string[][] = [];
    let link = '';
    let secret = '';
    let recoveryCode = '';
    // A code counts once, and nobody waits half a minute for the next.
    const clock = new SettableClock(Date.now());
    const code = (): string => {
      clock.advance(STEP_MS);
      return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
    };

    const somebodys = async (context: BrowserContext): Promise<Page> => {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      watched.push(complaintsOf(page));
      return page;
    };
    const context = () => browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const at = (path: string): string => running.url + path;
    const logIn = async (page: Page, { email, password }: typeof OWNER) => {
      await page.goto(at('/login'));
      await page.locator('#login-email').fill(email);
      await page.locator('#login-password').fill(password);
      await page.locator('button[type=submit]').click();
    };

    beforeAll(async () => {
      running = await runService({ ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password }, { clock });
      browser = await launchChromium();
      owner = await somebodys(await context());
      ana = await somebodys(await context());
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await running?.stop();
    });

    it('are invited by an owner with a link that is shown once', async () => {
      await logIn(owner, OWNER);
      await owner.getByRole('button', { name: /Your account/ }).click();
      await owner.getByRole('link', { name: 'Settings' }).click();
      await owner.getByRole('link', { name: 'People' }).click();
      await owner.getByText('(you)').waitFor();
      await owner.locator('#invite-email').fill(ANA.email);
      await owner.locator('input[value=viewer]').check();
      await owner.getByRole('button', { name: 'Make an invitation link' }).click();
      link = await owner.locator('pre.value').innerText();
      expect(link).toMatch(new RegExp(`^${running.url}/join#token=[0-9a-f]{64}$`));
      expect(await violationsOn(owner)).toEqual([]);
    }, 60_000);

    it('join by it, choose a password, and see what their role may see', async () => {
      await ana.goto(link);
      await ana.getByText('You are invited as ana@example.com').waitFor();
      expect(await violationsOn(ana)).toEqual([]);
      await ana.locator('#join-password').fill(ANA.password);
      await ana.getByRole('button', { name: 'Join' }).click();
      await ana.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(await ana.getByRole('link', { name: 'Set-up' }).count()).toBe(0);
    }, 60_000);

    it('set up a second factor with the shown key, and keep its recovery codes', async () => {
      await ana.goto(at('/settings'));
      await ana.getByRole('button', { name: 'Set up', exact: true }).click();
      secret = (await ana.locator('pre.value').innerText()).replace(/\s/g, '');
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      expect(await violationsOn(ana)).toEqual([]);
      await ana.locator('#enrol-code').fill(code());
      await ana.getByRole('button', { name: 'Switch on' }).click();
      await ana.getByText('they are shown only now').waitFor();
      const codes = (await ana.locator('pre.value').innerText()).split('\n');
      expect(codes).toHaveLength(10);
      recoveryCode = codes[0] ?? '';
      expect(await violationsOn(ana)).toEqual([]);
      await ana.getByRole('button', { name: 'I have kept them' }).click();
      await ana.getByText('10 recovery codes are left').waitFor();
    }, 60_000);

    it('log in with it in a second step, by keyboard alone', async () => {
      const page = await somebodys(await context());
      await logIn(page, ANA);
      await page.getByRole('heading', { name: 'Second step' }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await eventually(() => page.evaluate<boolean>("document.activeElement.id === 'second-code'"));
      await page.keyboard.type('000000');
      await page.keyboard.press('Enter');
      await page.getByText('This code is not right').waitFor();
      await page.locator('#second-code').fill(code());
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.context().close();
    }, 60_000);

    it('get in by a recovery code without the phone', async () => {
      const page = await somebodys(await context());
      await logIn(page, ANA);
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.locator('#second-code').fill(recoveryCode);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.context().close();
    }, 60_000);

    it('see where they are logged in, and end the other sessions', async () => {
      await ana.goto(at('/settings/account'));
      await ana.getByText('Chrome on Linux').first().waitFor();
      expect(await ana.locator('.session').count()).toBe(3);
      await ana.getByRole('button', { name: 'End all others' }).click();
      await eventually(async () => (await ana.locator('.session').count()) === 1);
      await ana.getByText('This one').waitFor();
      expect(await violationsOn(ana)).toEqual([]);
    }, 60_000);

    it('are given tokens for their programs', async () => {
      await owner.goto(at('/settings/tokens'));
      await owner.locator('#token-name').fill('Nightly report');
      await owner.getByRole('button', { name: 'Make token' }).click();
      const token = await owner.locator('pre.value').innerText();
      const answer = await fetch(at('/api/v1/shops'), { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(200);
      expect(await violationsOn(owner)).toEqual([]);
    }, 60_000);

    it('leave their traces in the audit log, which fits a phone', async () => {
      await owner.goto(at('/settings/audit'));
      await owner.getByText('Second factor switched on').waitFor();
      await owner.getByText('Wrong code').waitFor();
      expect(await violationsOn(owner)).toEqual([]);
      await owner.setViewportSize({ width: 360, height: 740 });
      for (const path of ['/settings/audit', '/settings/people', '/settings/tokens', '/settings/account']) {
        await owner.goto(at(path));
        await owner.getByRole('heading', { level: 1 }).waitFor();
        await eventually(async () => (await owner.locator('.lines').count()) === 0);
        expect([path, await owner.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
        expect([path, await violationsOn(owner)]).toEqual([path, []]);
      }
    }, 60_000);

    it('who are removed are out with their next click', async () => {
      await owner.goto(at('/settings/people'));
      await owner.getByRole('button', { name: `Actions for ${ANA.email}` }).click();
      await owner.getByRole('menuitem', { name: 'Remove' }).click();
      await owner.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await owner.getByText(`${ANA.email} has been removed.`).waitFor();
      await ana.goto(at('/products'));
      await ana.locator('#login-email').waitFor();
    }, 60_000);

    it('never meet a broken content policy, nor an error on the console', () => {
      expect(watched.flat().filter((each) => !/status of 40[13]/.test(each))).toEqual([]);
    });
  });
});
