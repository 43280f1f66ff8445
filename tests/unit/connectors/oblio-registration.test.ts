import { systemClock } from '../../../server/clock/system-clock';
import { createOblioSource } from '../../../server/connectors/oblio/oblio-source';
import type { StockSource } from '../../../server/domain/ports/stock-source';
import { createHttpClient, type HttpClient } from '../../../server/outbound/http-client';
import { CallReceiver } from '../../support/call-receiver';
import { SimulatedOblio } from '../../support/simulated-oblio';

const LOGIN = { email: 'owner@shop.example', secret: '1edd', cif: 'RO37311090' };
const signal = new AbortController().signal;

describe('An Oblio that calls us', () => {
  const lot = { workStation: 'Sediu', management: 'Magazin', quantity: 5 };
  let oblio: SimulatedOblio;
  let http: HttpClient;
  let source: StockSource;
  let receiver: CallReceiver;

  beforeEach(async () => {
    lot.quantity = 5;
    oblio = await SimulatedOblio.start({
      login: LOGIN,
      products: [
        { code: 'B-1', name: 'Birou', stock: [lot] },
        { code: 'B-10', name: 'Birou mare', stock: [{ ...lot, quantity: 9 }] },
      ],
    });
    http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
    source = createOblioSource(http, oblio.apiUrl, systemClock);
    receiver = await CallReceiver.start(source, LOGIN);
    oblio.network = { from: 'https://relay.example', to: receiver.url };
  });
  afterEach(async () => {
    http.close();
    await receiver.close();
    await oblio.close();
  });

  const subscribe = (secret: string) =>
    source.api?.subscribe?.(LOGIN, `https://relay.example/push/abc?k=${secret}`, signal);

  it('registers our address once it got its id back, and once more without the old one', async () => {
    await subscribe('one');
    expect(receiver.readings).toEqual([{ says: 'test' }]);
    await subscribe('two');
    expect(oblio.webhooks.map(({ endpoint }) => endpoint)).toEqual(['https://relay.example/push/abc?k=two']);
  });

  it('does not register an address where somebody else answers, and says so', async () => {
    oblio.network = { from: 'https://relay.example', to: oblio.apiUrl };
    await expect(subscribe('one')).rejects.toMatchObject({
      failure: { code: 'source_refused', params: { said: 'Endpointul nu a raspuns cu X-Oblio-Request-Id.' } },
    });
    expect(oblio.webhooks).toEqual([]);
  });

  it('tells a change, gets its id back, and the level is read by its API', async () => {
    await subscribe('one');
    lot.quantity = 3;
    expect(await oblio.tellStock()).toEqual([true]);
    expect(receiver.readings.at(-1)).toEqual({ says: 'asks', references: ['code:B-1', 'code:B-10'] });
    const read = await source.reread?.levels(LOGIN, 'code:B-1', signal);
    expect(read?.lines).toMatchObject([{ change: { code: 'B-1', warehouse: 'Sediu / Magazin', quantity: '3' } }]);
  });

  it('is understood whatever it tells', async () => {
    await subscribe('one');
    expect(await oblio.tellStock({ topic: 'stock', what: 'x' })).toEqual([true]);
    expect(receiver.readings.at(-1)).toEqual({ says: 'asks', references: ['*'] });
  });
});
