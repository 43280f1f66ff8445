import { systemClock } from '../../../server/clock/system-clock';
import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import type { StockSource } from '../../../server/domain/ports/stock-source';
import { createHttpClient, type HttpClient } from '../../../server/outbound/http-client';
import { CallReceiver } from '../../support/call-receiver';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { SimulatedHiboutik } from '../../support/simulated-hiboutik';

const LOGIN = { user: 'owner@shop.example', apiKey: 'KEY' };
const SETTINGS = { account: 'myshop', ...LOGIN, webhookSecret: 's3cret', tellCashier: 'yes' };
const signal = new AbortController().signal;

describe('A till of Hiboutik that calls us', () => {
  let till: SimulatedHiboutik;
  let http: HttpClient;
  let source: StockSource;
  let receiver: CallReceiver;

  beforeEach(async () => {
    till = await SimulatedHiboutik.start({
      login: LOGIN,
      webhookSecret: 's3cret',
      warehouses: [
        { id: 1, name: 'Boutique' },
        { id: 2, name: 'Réserve' },
      ],
      products: [
        { id: 1, barcode: 'B-1', name: 'Tasse', levels: { 1: 10, 2: 90 } },
        { id: 2, size: 4, barcode: 'B-2-S', name: 'Pull', levels: { 1: 5 } },
        { id: 2, size: 5, barcode: 'B-2-M', name: 'Pull', levels: { 1: 6 } },
        ...Array.from({ length: 40 }, (_, n) => ({
          id: 10 + n,
          barcode: `B-${10 + n}`,
          name: `Carte ${n}`,
          levels: { 1: 100 },
        })),
      ],
    });
    http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
    source = createHiboutikSource(http, till.apiUrl, systemClock, new CountedVendorCalls());
    receiver = await CallReceiver.start(source, SETTINGS);
    till.network = { from: 'https://relay.example', to: receiver.url };
  });
  afterEach(async () => {
    http.close();
    await receiver.close();
    await till.close();
  });

  const subscribe = (secret: string) =>
    source.api?.subscribe?.(SETTINGS, `https://relay.example/push/abc?k=${secret}`, signal);
  const levels = async (reference: string) => {
    const read = await source.reread?.levels(SETTINGS, reference, signal);
    return (read?.lines ?? []).map((line) =>
      'change' in line ? [line.change.barcode, line.change.warehouse, String(line.change.quantity)] : line.refused,
    );
  };

  it('is set up by us, again without leaving the old webhooks behind', async () => {
    await subscribe('one');
    expect(till.webhooks.map(({ webhook_action }) => webhook_action)).toEqual(['sale', 'product', 'stock_order']);
    await subscribe('two');
    expect(till.webhooks).toHaveLength(3);
    expect(till.webhooks.every(({ webhook_url }) => webhook_url.endsWith('?k=two'))).toBe(true);
  });

  it('tells a sale, whose levels we then know', async () => {
    await subscribe('one');
    const answers = await till.sell([
      { product: 1, warehouse: 1, quantity: 3 },
      { product: 2, size: 5, warehouse: 1, quantity: 1 },
    ]);
    expect(receiver.verdicts).toEqual(['valid']);
    expect(receiver.readings).toEqual([{ says: 'asks', references: ['product:1', 'product:2/5'] }]);
    expect(answers).toMatchObject([{ status: 200, text: expect.stringContaining('2 produits') }]);
    expect(await levels('product:1')).toEqual([
      ['B-1', 'Boutique', '7'],
      ['B-1', 'Réserve', '90'],
    ]);
    expect(await levels('product:2/5')).toEqual([['B-2-M', 'Boutique', '5']]);
  });

  it('tells a sale of 40 lines of some 55 fields each without losing one', async () => {
    await subscribe('one');
    await till.sell(Array.from({ length: 40 }, (_, n) => ({ product: 10 + n, warehouse: 1, quantity: 1 })));
    expect(receiver.readings).toMatchObject([{ says: 'asks', references: { length: 40 } }]);
  });

  it('tells an order of our own, which we leave alone', async () => {
    await subscribe('one');
    await till.sell([{ product: 1, warehouse: 1, quantity: 3 }], 'wc_77');
    expect(receiver.readings).toEqual([{ says: 'echo' }]);
  });

  it('tells goods received, whose products we then ask for', async () => {
    await subscribe('one');
    await till.receive(2, [
      { product: 1, quantity: 10 },
      { product: 2, size: 4, quantity: 8 },
    ]);
    const [reading] = receiver.readings;
    if (reading?.says !== 'asks') throw new Error('Nothing was asked for');
    const order = await source.reread?.levels(SETTINGS, reading.references[0] ?? '', signal);
    expect(order).toEqual({ lines: [], instead: ['product:1', 'product:2/4'] });
    expect(await levels('product:2/4')).toEqual([
      ['B-2-S', 'Boutique', '5'],
      ['B-2-S', 'Réserve', '8'],
    ]);
  });

  it('says nothing of a transfer, which only a pull finds', async () => {
    await subscribe('one');
    till.transfer(1, 2, 1, 20);
    expect(receiver.readings).toEqual([]);
    const page = await source.pull?.page(SETTINGS, { warehouses: ['Boutique'], cursor: null }, signal);
    expect(page?.lines[0]).toMatchObject({ change: { barcode: 'B-1', quantity: '30' } });
  });

  it('tells a product laid aside, which is then left out where only what is online counts', async () => {
    await subscribe('one');
    const before = await source.reread?.levels({ ...SETTINGS, onlyOnline: 'yes' }, 'product:11', signal);
    expect(before?.lines).toHaveLength(1);
    await till.edit(10, { archived: true });
    expect(receiver.readings).toEqual([{ says: 'asks', references: ['product:10'] }]);
    const after = await source.reread?.levels({ ...SETTINGS, onlyOnline: 'yes' }, 'product:10', signal);
    expect(after?.lines).toEqual([]);
  });
});
