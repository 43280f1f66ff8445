import { createOblioSource } from '../../../server/connectors/oblio/oblio-source';
import { FailureError } from '../../../server/domain/failure';
import { Refusal } from '../../../server/domain/refusal';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS = { email: 'owner@shop.example', secret: '1edd', cif: 'RO37311090' };
const ADDRESS = 'https://relay.example/api/v1/push/abc?k=new';
const signal = new AbortController().signal;

/** Whoever waits has waited at once. */
class WaitingClock extends TestClock {
  override sleep(ms: number): Promise<void> {
    this.advance(ms);
    return Promise.resolve();
  }
}

function asking(script: (method: string, url: URL) => ScriptedAnswer | undefined) {
  const http = new ScriptedHttp((url, { method }) => {
    if (url.pathname.endsWith('/authorize/token')) return { body: { access_token: 't1', expires_in: '3600' } };
    return script(method, url) ?? { status: method === 'POST' ? 201 : 200, body: { status: 200, data: { id: 9 } } };
  });
  const { api, reread } = createOblioSource(http, undefined, new WaitingClock());
  const subscribe = (address = ADDRESS) =>
    api?.subscribe?.(SETTINGS, address, signal) ?? Promise.reject(new Error('It cannot'));
  const levels = (reference: string) =>
    reread?.levels(SETTINGS, reference, signal) ?? Promise.reject(new Error('It cannot'));
  const done = () => http.requests.slice(1).map(({ method, url }) => `${method} ${url.split('/api')[1] ?? ''}`);
  return { http, subscribe, levels, done };
}

const list = (...data: readonly object[]): ScriptedAnswer => ({
  body: { status: 200, statusMessage: 'Success', data },
});
const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const webhook = (id: number | string, endpoint: string) => ({ id, cif: 'RO37311090', topic: 'stock', endpoint });

describe('Having Oblio call us', () => {
  it('registers the address for changes of stock, and removes our old ones when the new one stands', async () => {
    const { subscribe, done, http } = asking((method) =>
      method === 'GET'
        ? list(
            webhook(4, 'https://relay.example/api/v1/push/abc?k=old'),
            webhook('5', 'https://former.example/api/v1/push/abc?k=older'),
            webhook(6, 'https://relay.example/api/v1/push/def?k=old'),
            webhook(7, 'https://other.example/'),
            webhook(8, 'no address'),
          )
        : undefined,
    );
    await subscribe();
    expect(done()).toEqual([
      'GET /webhooks?cif=RO37311090&topic=stock',
      'POST /webhooks',
      'DELETE /webhooks/4',
      'DELETE /webhooks/5',
    ]);
    expect(http.requests[2]?.headers).toMatchObject({
      Authorization: 'Bearer t1',
      'Content-Type': 'application/json',
    });
    expect(JSON.parse(http.requests[2]?.body ?? '')).toEqual({
      cif: 'RO37311090',
      topic: 'stock',
      endpoint: ADDRESS,
    });
  });

  test.each<[string, ScriptedAnswer]>([
    ['refuses to', { status: 404, body: { status: 404, statusMessage: 'Cererea nu exista.' } }],
    ['answers something else', { body: '<html>' }],
  ])('works where Oblio %s list webhooks', async (_what, answer) => {
    const { subscribe, done } = asking((method) => (method === 'GET' ? answer : undefined));
    await subscribe();
    expect(done().slice(1)).toEqual(['POST /webhooks']);
  });

  it('fails where Oblio cannot be reached, and registers nothing blindly', async () => {
    const { subscribe, done } = asking((method) => (method === 'GET' ? { status: 502 } : undefined));
    expect(await thrownBy(subscribe())).toMatchObject({ failure: { code: 'source_unreachable' } });
    expect(done()).toHaveLength(1);
  });

  it('says what Oblio says where it refuses, and leaves the old ones', async () => {
    const said = 'Endpointul nu a raspuns corect.';
    const { subscribe, done } = asking((method) =>
      method === 'GET'
        ? list(webhook(4, 'https://relay.example/api/v1/push/abc?k=old'))
        : { status: 400, body: { status: 400, statusMessage: said } },
    );
    const thrown = await thrownBy(subscribe());
    expect(thrown).toBeInstanceOf(FailureError);
    expect(thrown).toMatchObject({ failure: { code: 'source_refused', params: { said } } });
    expect(done()).toHaveLength(2);
  });

  it('takes one that is gone meanwhile for removed', async () => {
    const { subscribe } = asking((method) =>
      method === 'GET'
        ? list(webhook(4, ADDRESS))
        : method === 'DELETE'
          ? { status: 404, body: { status: 404, statusMessage: 'x' } }
          : undefined,
    );
    await expect(subscribe()).resolves.toBeUndefined();
  });

  it('is refused at an http address, without a call', async () => {
    const { subscribe, http } = asking(() => undefined);
    const thrown = await thrownBy(subscribe('http://relay.example/api/v1/push/abc?k=new'));
    expect(thrown).toBeInstanceOf(Refusal);
    expect(thrown).toMatchObject({ detail: expect.stringContaining('public https address') });
    expect(http.requests).toEqual([]);
  });
});

describe('Levels read again after a call of Oblio', () => {
  const desk = (code: unknown, quantity: unknown) => ({
    name: 'Birou',
    code,
    stock: [
      { workStation: 'Sediu', management: 'Magazin', quantity },
      { workStation: 'Depozit', management: 'Mobila', quantity: '7' },
    ],
  });

  it('are those of every warehouse, of products with exactly this code', async () => {
    const { levels, done } = asking(() => list(desk('B-10', 5), desk('B-1', 2), desk('b-1', 4)));
    expect(await levels('code:B-1')).toMatchObject({
      lines: [
        { change: { index: 0, code: 'B-1', name: 'Birou', warehouse: 'Sediu / Magazin', quantity: '2' } },
        { change: { index: 1, code: 'B-1', warehouse: 'Depozit / Mobila', quantity: '7', observedAt: null } },
      ],
      instead: [],
    });
    expect(done()).toEqual(['GET /nomenclature/products?cif=RO37311090&code=B-1&offset=0']);
  });

  it('are asked for by the code as it is, signs included', async () => {
    const { levels, http } = asking(() => list(desk('A&B: ț/1', 5)));
    expect((await levels('code:A&B: ț/1')).lines).toHaveLength(2);
    expect(new URL(http.requests[1]?.url ?? '').searchParams.get('code')).toBe('A&B: ț/1');
  });

  it('go on where the code fits more products than a page holds', async () => {
    const { levels, done } = asking((_method, url) =>
      url.searchParams.get('offset') === '0'
        ? list(...Array.from({ length: 250 }, (_, n) => desk(`B-1${n}`, 1)))
        : list(desk('B-1', 2)),
    );
    expect((await levels('code:B-1')).lines).toHaveLength(2);
    expect(done()).toHaveLength(2);
  });

  it('have no lines where the product is gone, or the reference is none', async () => {
    const { levels, http } = asking(() => list());
    expect(await levels('code:B-1')).toEqual({ lines: [], instead: [] });
    http.requests.length = 0;
    for (const reference of ['*', 'code:', 'product:1']) {
      expect(await levels(reference)).toEqual({ lines: [], instead: [] });
    }
    expect(http.requests).toEqual([]);
  });
});
