import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import { FailureError } from '../../../server/domain/failure';
import { Refusal } from '../../../server/domain/refusal';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS: Readonly<Record<string, string>> = { account: 'myshop', user: 'owner@shop.example', apiKey: 'KEY' };
const ADDRESS = 'https://relay.example/api/v1/push/abc?k=new';
const signal = new AbortController().signal;

function subscribing(listed: readonly object[], answerTo: (method: string) => ScriptedAnswer = () => ({})) {
  const http = new ScriptedHttp((_url, { method }) =>
    method === 'GET' && answerTo(method).status === undefined ? { body: listed } : answerTo(method),
  );
  const { api } = createHiboutikSource(http, undefined, new TestClock(), new CountedVendorCalls());
  const subscribe = (address = ADDRESS, settings = SETTINGS) =>
    api?.subscribe?.(settings, address, signal) ?? Promise.reject(new Error('It cannot'));
  const done = () => http.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  const forms = () =>
    http.requests.flatMap(({ body }) => (body === undefined ? [] : [Object.fromEntries(new URLSearchParams(body))]));
  return { http, subscribe, done, forms };
}

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const webhook = (id: number, more: object = {}) => ({
  webhook_id: id,
  webhook_label: 'Stock Relay (sale)',
  webhook_url: 'https://relay.example/api/v1/push/abc?k=old',
  webhook_action: 'sale',
  ...more,
});

describe('Having Hiboutik call us', () => {
  it('sets up sales, products and stock orders, none of which the till waits for', async () => {
    const { subscribe, forms, http } = subscribing([]);
    await subscribe();
    expect(forms()).toEqual(
      ['sale', 'product', 'stock_order'].map((action) => ({
        webhook_label: `Stock Relay (${action})`,
        webhook_url: ADDRESS,
        webhook_action: action,
        webhook_app_id_int: '0',
        webhook_async: '1',
      })),
    );
    expect(http.requests[1]?.headers).toMatchObject({ 'Content-Type': 'application/x-www-form-urlencoded' });
  });

  it('has the till wait for the answer to a sale where the cashier is to see it', async () => {
    const { subscribe, forms } = subscribing([]);
    await subscribe(ADDRESS, { ...SETTINGS, tellCashier: 'yes' });
    expect(forms().map(({ webhook_async }) => webhook_async)).toEqual(['0', '1', '1']);
  });

  it('removes what it set up before, when the new webhooks stand: no sale falls in between', async () => {
    const { subscribe, done } = subscribing([webhook(4), webhook(5, { webhook_url: '' })]);
    await subscribe();
    expect(done()).toEqual([
      'GET /api/webhooks',
      'POST /api/webhooks',
      'POST /api/webhooks',
      'POST /api/webhooks',
      'DELETE /api/webhooks/4',
      'DELETE /api/webhooks/5',
    ]);
  });

  it('knows its own webhooks though the service has moved, and leaves those of others and of another source', async () => {
    const { subscribe, done } = subscribing([
      webhook(1, { webhook_url: 'https://former.example/api/v1/push/abc?k=old' }),
      webhook(2, { webhook_label: 'Accounting' }),
      webhook(3, { webhook_url: 'https://relay.example/api/v1/push/def?k=old' }),
      webhook(4, { webhook_id: 'all' }),
    ]);
    await subscribe();
    expect(done().filter((each) => each.startsWith('DELETE'))).toEqual(['DELETE /api/webhooks/1']);
  });

  it('leaves the old webhooks where a new one is refused', async () => {
    const { subscribe, done } = subscribing([webhook(4)], (method) =>
      method === 'POST' ? { status: 422, body: { error: 'Invalid', details: { webhook_url: 'No' } } } : {},
    );
    expect(await thrownBy(subscribe())).toMatchObject({ failure: { code: 'source_refused' } });
    expect(done()).toEqual(['GET /api/webhooks', 'POST /api/webhooks']);
  });

  it('takes one that is gone meanwhile for removed', async () => {
    const { subscribe, done } = subscribing([webhook(4), webhook(5)], (method) =>
      method === 'DELETE' ? { status: 404, body: { error: 'Not found' } } : {},
    );
    await subscribe();
    expect(done().slice(-2)).toEqual(['DELETE /api/webhooks/4', 'DELETE /api/webhooks/5']);
  });

  test.each([['GET'], ['POST']])('says what right the user lacks (%s)', async (refused) => {
    const { subscribe } = subscribing([], (method) =>
      method === refused ? { status: 403, body: { error: 'Insufficient rights' } } : {},
    );
    const thrown = await thrownBy(subscribe());
    expect(thrown).toBeInstanceOf(FailureError);
    expect(thrown).toMatchObject({
      failure: {
        code: 'source_refused',
        params: {
          said: 'Insufficient rights: the user of the API key may not keep webhooks; give that user the right to the settings.',
        },
      },
    });
  });

  test.each([['http://relay.example/api/v1/push/abc?k=new'], ['relay.example'], ['']])(
    'is refused at %p, without a call: Hiboutik needs a public https address',
    async (address) => {
      const { subscribe, http } = subscribing([]);
      const thrown = await thrownBy(subscribe(address));
      expect(thrown).toBeInstanceOf(Refusal);
      expect(thrown).toMatchObject({ code: 'conflict', detail: expect.stringContaining('public https address') });
      expect(http.requests).toEqual([]);
    },
  );
});
