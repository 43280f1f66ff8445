import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What `/metrics` shows. Labels have few values: routes are patterns, shops are ids. */
export class Metrics {
  private readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'stock_relay_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly shopCalls = new Histogram({
    name: 'stock_relay_outbound_call_seconds',
    help: 'Time of calls to shops and vendors',
    labelNames: ['host', 'method', 'outcome'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly pushLines = new Counter({
    name: 'stock_relay_push_lines_total',
    help: 'Lines of pushes, by whether they were accepted',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly outcomes = new Counter({
    name: 'stock_relay_item_outcomes_total',
    help: 'What became of delivered items',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  constructor(countItems: () => Promise<Readonly<Record<string, number>>>) {
    collectDefaultMetrics({ register: this.registry, prefix: 'stock_relay_' });
    const items = new Gauge({
      name: 'stock_relay_items',
      help: 'Items by status',
      labelNames: ['status'],
      registers: [this.registry],
      collect: async () => {
        for (const [status, count] of Object.entries(await countItems())) items.set({ status }, count);
      },
    });
  }

  async text(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}
