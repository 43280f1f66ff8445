import type { ChartConfiguration } from 'chart.js';
import { busyState } from './support/fake-api';
import { aBrowser, closePanels, openPanel } from './support/panel';

const drawn: ChartConfiguration[] = [];
jest.mock('../../admin-ui/src/composables/charting', () => ({
  Chart: function (_: unknown, config: ChartConfiguration) {
    drawn.push(config);
    return { destroy: () => undefined };
  },
}));

beforeEach(() => {
  aBrowser();
  HTMLCanvasElement.prototype.getContext = (() => ({})) as unknown as HTMLCanvasElement['getContext'];
});
afterEach(closePanels);

describe('the chart of the overview', () => {
  it('has whole seconds beside it, since of parts of one the words would be the same', async () => {
    await openPanel(busyState(), '/');
    expect(drawn.at(-1)?.options?.scales?.['delay']?.ticks).toMatchObject({ precision: 0 });
  });
});
