import { violationsOn, whenThereIsAChromium } from '../support/browser';
import { eventually } from '../support/eventually';
import { codeAt, PanelAtScale } from '../support/panel-at-scale';

const COUNT = 100_000;

describe('the panel with a hundred thousand products', () => {
  whenThereIsAChromium(() => {
    let panel: PanelAtScale;

    beforeAll(async () => {
      panel = await PanelAtScale.open(COUNT);
    }, 240_000);
    afterAll(async () => {
      const longest = Math.max(0, ...(await panel.longTasks()));
      process.stdout.write(`longest task while scrolling and typing: ${Math.round(longest)} ms\n`);
      await panel.close();
    });

    /** Every row in sight stands where it belongs: none is missing and none is there twice. */
    const expectRightRows = async (): Promise<readonly number[]> => {
      await panel.settled();
      const rows = await panel.rows();
      expect(rows.map(({ code }) => code)).toEqual(rows.map(({ place }) => codeAt(place)));
      const places = rows.map(({ place }) => place);
      expect(new Set(places).size).toBe(places.length);
      return places;
    };
    const atPlace = (place: number) =>
      eventually(async () =>
        Boolean(await panel.page.evaluate(`document.activeElement?.dataset.index === '${place}'`)),
      );

    it('tells a screen reader how many there are, without a fault', async () => {
      expect(await panel.page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(COUNT + 1));
      expect(await violationsOn(panel.page)).toEqual([]);
      // What axe did is not what the panel does.
      await panel.longTasks();
    }, 60_000);

    it('shows every row in its place wherever the bar is dragged', async () => {
      for (const share of [0.1, 0.5, 0.9, 0.33, 1, 0]) {
        await panel.scrollTo(share);
        const places = await expectRightRows();
        expect(Math.abs((places.at(-1) ?? 0) - share * COUNT)).toBeLessThan(60);
      }
    }, 120_000);

    it('leaves none out while it is scrolled by the wheel', async () => {
      const seen = new Set<number>();
      for (let turn = 0; turn < 40; turn++) {
        await panel.page.mouse.wheel(0, 600);
        for (const place of await expectRightRows()) seen.add(place);
      }
      const last = Math.max(...seen);
      expect(last).toBeGreaterThan(300);
      expect(seen.size).toBe(last + 1);
    }, 120_000);

    it('is gone through by the keys, to the end and back', async () => {
      await panel.page.locator('[data-index="0"], [data-index][tabindex="0"]').first().focus();
      await panel.page.keyboard.press('End');
      await atPlace(COUNT - 1);
      expect(await expectRightRows()).toContain(COUNT - 1);
      await panel.page.keyboard.press('PageUp');
      await eventually(
        async () => !(await panel.page.evaluate(`document.activeElement?.dataset.index === '${COUNT - 1}'`)),
      );
      await expectRightRows();
      await panel.page.keyboard.press('Home');
      await atPlace(0);
      expect(await expectRightRows()).toContain(0);
    }, 120_000);

    it('finds one of them while it is typed', async () => {
      await panel.page.locator('[type=search]').pressSequentially('C-012345', { delay: 20 });
      await panel.page.getByRole('link', { name: 'no. 12345', exact: false }).waitFor();
      await eventually(async () => (await panel.page.getByRole('grid').getAttribute('aria-rowcount')) === '2');
    }, 60_000);
  });
});
