import { chromiumPath } from '../support/browser';
import { PanelAtScale } from '../support/panel-at-scale';
import { percentile, report } from './report';

const PRODUCTS = 100_000;
const STEPS = 60;
const ANSWERS = 40;

/** How long the panel keeps a person waiting while it holds a hundred thousand products. */
export async function benchPanel(): Promise<void> {
  if (chromiumPath === undefined) throw new Error('The bench of the panel needs Chromium (CHROMIUM)');
  const panel = await PanelAtScale.open(PRODUCTS);
  try {
    for (const [name, query] of [
      ['first', 'offset=0&sort=added'],
      ['middle', `offset=${PRODUCTS / 2}&sort=added`],
      ['by_change', `offset=0&sort=changed`],
      ['by_code', `offset=${PRODUCTS / 2}&sort=code`],
      ['search', 'offset=0&sort=added&q=C-01234'],
    ] as const) {
      const took: number[] = [];
      for (let n = 0; n < ANSWERS; n++) took.push(await panel.answerMs(`${query}&limit=100&counts=no`));
      report({ name: `panel_window_${name}_p95`, value: percentile(took, 0.95), unit: 'ms', n: ANSWERS });
    }
    await panel.longTasks();
    for (let step = 0; step < STEPS; step++) {
      await panel.scrollTo(((step * 7) % STEPS) / STEPS);
      await panel.settled();
    }
    const scrolling = await panel.longTasks();
    report({ name: 'panel_scroll_longest_task', value: Math.max(0, ...scrolling), unit: 'ms', n: STEPS });
    await panel.page.locator('[type=search]').pressSequentially('C-01234', { delay: 30 });
    await panel.page.getByRole('link', { name: 'no. 12340', exact: false }).waitFor();
    report({ name: 'panel_search_longest_task', value: Math.max(0, ...(await panel.longTasks())), unit: 'ms', n: 7 });
  } finally {
    await panel.close();
  }
}
