import type { Chart, ChartConfiguration } from 'chart.js';
import { onScopeDispose, watch, type Ref } from 'vue';

/** A colour of the theme, as it is now. */
export const themeColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const stillness = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Draws what `configure` says, anew when that changes or the theme does. The library comes with the first chart. */
export function useChart(canvas: Ref<HTMLCanvasElement | undefined>, configure: () => ChartConfiguration): void {
  let chart: Chart | undefined;
  let disposed = false;

  async function draw(): Promise<void> {
    const { Chart: ChartJs } = await import('./charting');
    const context = canvas.value?.getContext('2d');
    if (disposed || !context) return;
    const wanted = configure();
    if (stillness()) wanted.options = { ...wanted.options, animation: false };
    chart?.destroy();
    chart = new ChartJs(context, wanted);
  }

  watch([canvas, () => JSON.stringify(configure().data)], () => void draw(), { immediate: true, flush: 'post' });
  const theme = new MutationObserver(() => void draw());
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
  onScopeDispose(() => {
    disposed = true;
    theme.disconnect();
    chart?.destroy();
  });
}
