import type { Ref } from 'vue';
import { themeColour, useChart } from './useChart';

export interface ChartLine {
  readonly name: string;
  /** At which moment which number; null where it was not told. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  /** The name of a colour of the theme. */
  readonly colour: string;
  readonly dashed: boolean;
}

/** Draws steps over time. */
export function useStockChart(
  canvas: Ref<HTMLCanvasElement | undefined>,
  lines: Ref<readonly ChartLine[]>,
  say: (x: number) => string,
): void {
  useChart(canvas, () => {
    const ticks = { color: themeColour('text-soft'), maxTicksLimit: 5 };
    const grid = { color: themeColour('line') };
    return {
      type: 'line',
      data: {
        datasets: lines.value.map(({ name, points, colour, dashed }) => ({
          label: name,
          data: points.map((point) => ({ ...point })),
          stepped: true as const,
          spanGaps: true,
          borderColor: themeColour(colour),
          backgroundColor: themeColour(colour),
          borderWidth: 2,
          borderDash: dashed ? [5, 4] : [],
          pointRadius: points.length > 40 ? 0 : 2.5,
        })),
      },
      options: {
        animation: { duration: 250 },
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: { type: 'linear', grid, ticks: { ...ticks, maxRotation: 0, callback: (value) => say(Number(value)) } },
          y: { beginAtZero: true, grid, ticks: { ...ticks, precision: 0 } },
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { title: ([first]) => (first ? say(Number(first.parsed.x)) : '') } },
        },
      },
    };
  });
}
