import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface UnknownOrderCount {
  readonly connectionId: number;
  readonly orders: number;
  readonly oldestMs: number;
}

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

  constructor(
    countItems: () => Promise<Readonly<Record<string, number>>>,
    unknownOrders: () => Promise<readonly UnknownOrderCount[]>,
  ) {
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
    this.perConnection(
      'stock_relay_unknown_orders',
      'Web orders that the source of a connection does not know of',
      unknownOrders,
      ({ orders }) => orders,
    );
    this.perConnection(
      'stock_relay_oldest_unknown_order_seconds',
      'Age of the oldest web order that the source of a connection does not know of; none where it knows all',
      unknownOrders,
      ({ oldestMs }) => oldestMs / 1000,
    );
  }

  private perConnection(
    name: string,
    help: string,
    counts: () => Promise<readonly UnknownOrderCount[]>,
    valueOf: (count: UnknownOrderCount) => number,
  ): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['connection'],
      registers: [this.registry],
      collect: async () => {
        const all = await counts();
        gauge.reset();
        for (const each of all) gauge.set({ connection: each.connectionId }, valueOf(each));
      },
    });
  }

  async text(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}
