import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where Chromium is on this machine; undefined = not here. */
export const chromiumPath = candidates.find((file) => file !== undefined && file !== '' && existsSync(file));

/** Declares the tests if there is a Chromium. If not, they are named as skipped; with CI=true they fail. */
export function whenThereIsAChromium(declare: () => void): void {
  if (chromiumPath !== undefined || process.env['CI'] === 'true') declare();
  else it.skip('needs Chromium (CHROMIUM)', () => undefined);
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Collects what a page complains of: errors on its console (the content policy's among them) and uncaught ones. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Violations of WCAG 2.2 AA as axe sees them: "rule: where". The policy forbids script tags, so axe is evaluated. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((result) =>
       result.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).join(', ')))`,
  );
  if (!Array.isArray(found)) throw new Error('axe gave no answer');
  return found.map(String);
}
