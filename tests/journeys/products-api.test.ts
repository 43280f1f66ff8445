import { answerOf, pickNumber, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, type Connected, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

interface Row {
  readonly id: number;
  readonly code: string;
  readonly status: string;
  readonly productId: number | null;
}

describe('products over the API', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let feed: Connected;
  const get = (path: string) => running.api.expect(200, 'GET', path);
  const post = (path: string, body: unknown = {}) => running.api.expect(200, 'POST', path, body);
  const rows = async (query = '') => ((await get(`/items?limit=200${query}`)) as { data: Row[] }).data;
  const row = async (code: string): Promise<Row> => {
    const found = (await rows()).find((each) => each.code === code);
    if (!found) throw new Error(`There is no item ${code}`);
    return found;
  };
  const file = (path: string) => running.api.file(path);

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({
      products: [
        { sku: 'A-1', name: 'Blue mug', stock: 0 },
        { sku: 'A-2', name: 'Pot', manageStock: false },
        { sku: 'A-3', name: 'Pan', manageStock: false },
      ],
    });
    running = await runService();
    feed = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    await push(feed.pushUrl, feed.token, {
      items: [
        { code: 'A-1', name: '=HYPERLINK("http://evil")', quantity: '7' },
        { code: 'A-2', name: 'Pot, “big”', quantity: 3 },
        { code: 'A-3', name: 'Pan', quantity: 4 },
        { code: 'A-9', name: 'Nothing', quantity: 1 },
      ],
    });
    await eventually(async () => (await rows()).every(({ status }) => !['due', 'writing'].includes(status)));
  }, 60_000);
  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  it('tells what is wrong once for each cause, lists its products, and retries them as a whole', async () => {
    const list = async () => ((await get('/problems')) as { data: Record<string, unknown>[] }).data;
    const off = (await list()).find(({ filter }) => filter === 'stock_not_managed');
    expect(off).toMatchObject({
      about: 'items',
      connectionId: feed.connectionId,
      says: 'Stock management is off in WooCommerce',
      count: 2,
      asks: true,
      canRetry: true,
      healedAt: null,
    });
    expect((await rows('&failure=stock_not_managed')).map(({ code }) => code)).toEqual(['A-2', 'A-3']);
    shop.products.setManageStock('A-2', true);
    shop.products.setManageStock('A-3', true);
    expect(await post(`/problems/${String(off?.['key'])}/retry`)).toEqual({ affected: 2 });
    await eventually(async () => shop.products.stockOf('A-2') === 3 && shop.products.stockOf('A-3') === 4);
    await eventually(async () => (await list()).every(({ filter }) => filter !== 'stock_not_managed'));
    expect((await running.api.call('POST', `/problems/${String(off?.['key'])}/retry`)).status).toBe(404);
    expect((await running.api.call('POST', '/problems/nonsense/retry')).status).toBe(422);
  }, 60_000);

  it('says why a product does not move', async () => {
    const { id } = await row('A-9');
    const { data } = (await get(`/items/${id}/why`)) as { data: { code: string; weight: string; failure: unknown }[] };
    expect(data[0]).toMatchObject({ code: 'not_linked', weight: 'stops', failure: { code: 'product_unmatched' } });
    expect(data.at(-1)).toMatchObject({ code: 'last_told', params: { quantity: '1' } });
    const moving = (await get(`/items/${(await row('A-1')).id}/why`)) as { data: { code: string }[] };
    expect(moving.data.map(({ code }) => code)).toEqual(['in_step', 'last_told']);
    expect((await running.api.call('GET', '/items/99999/why')).status).toBe(404);
  });

  it('tells the stock over time', async () => {
    const { data } = (await get(`/items/${(await row('A-1')).id}/stock-history`)) as {
      data: { wanted: string; shown: string }[];
    };
    expect(data.at(-1)).toMatchObject({ wanted: '7', shown: '7' });
  });

  it('shows a part of the list by its place, in the order asked for', async () => {
    const codes = async (query: string) =>
      ((await get(`/items?${query}`)) as { data: Row[] }).data.map(({ code }) => code);
    expect(await codes('offset=1&limit=2&counts=no')).toEqual(['A-2', 'A-3']);
    expect(await codes('offset=-1&limit=5')).toEqual(['A-9']);
    expect(await codes(`offset=0&limit=2&sort=code&connectionId=${feed.connectionId}`)).toEqual(['A-1', 'A-2']);
    expect(await get('/items?offset=0&limit=1&counts=no')).not.toHaveProperty('counts');
    // The counts are of every status, whichever is listed; they are told anew once what was tried again is written.
    await eventually(async () => (await rows()).filter(({ status }) => status === 'synced').length === 3);
    await eventually(async () => {
      expect(await get('/items?status=unmatched')).toMatchObject({ counts: { unmatched: 1, synced: 3 } });
      return true;
    });
    expect((await running.api.call('GET', '/items?sort=size')).status).toBe(422);
  });

  it('undoes an action once, for what it changed', async () => {
    const filter = { connectionId: feed.connectionId };
    const except = [(await row('A-9')).id];
    const done = (await post('/items/actions', { action: 'offline', filter, except })) as {
      affected: number;
      undo: { id: number };
    };
    expect(done.affected).toBe(3);
    expect((await row('A-9')).status).toBe('unmatched');
    expect(await post(`/items/actions/${done.undo.id}/undo`)).toEqual({ restored: 3, left: 0 });
    expect((await running.api.call('POST', `/items/actions/${done.undo.id}/undo`)).status).toBe(409);
    await eventually(async () => (await rows('&status=synced')).length === 3);
    expect(await post('/items/actions', { action: 'retry', ids: [(await row('A-1')).id] })).toMatchObject({
      undo: null,
    });
  }, 30_000);

  it('gives a link back that was forgotten', async () => {
    const { id, productId } = await row('A-1');
    const relinked = await post('/items/actions', { action: 'relink', ids: [id] });
    const undo = (relinked as { undo: { id: number } }).undo;
    expect(await post(`/items/actions/${undo.id}/undo`)).toEqual({ restored: 1, left: 0 });
    await eventually(async () => (await row('A-1')).productId === productId);
    await eventually(async () => (await row('A-1')).status === 'synced');
  }, 30_000);

  it('exports what is listed, exactly, and nothing a spreadsheet would run', async () => {
    const answer = await file(`/items.csv?connectionId=${feed.connectionId}`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="stock-relay-products.csv"');
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await answer.arrayBuffer());
    expect(text.startsWith('\uFEFF"id","connection_id","code"')).toBe(true);
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain(`"A-1",,"'=HYPERLINK(""http://evil"")","synced","7","7","7","true"`);
    expect(lines[2]).toContain('"Pot, “big”"');
    const narrowed = await (await file('/items.csv?q=Nothing')).text();
    expect(narrowed.trim().split('\r\n')).toHaveLength(2);
  });

  it.each([
    ['/pushes.csv', 2],
    ['/pushes/1/lines.csv', 5],
    ['/runs.csv', 1],
    ['/problems.csv', 2],
    ['/match-desk.csv', 2],
    ['/sources/1/warehouses.csv', 2],
  ])('exports %s', async (path, lines) => {
    const answer = await file(path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect((await answer.text()).trim().split('\r\n').length).toBeGreaterThanOrEqual(lines);
  });

  it('refuses a file of what is not there, and one to who may not see it, as it refuses anything', async () => {
    expect((await file('/pushes/999/lines.csv')).status).toBe(404);
    expect((await file('/items.csv?status=nonsense')).status).toBe(422);
    const stranger = await answerOf(await fetch(`${running.url}/api/v1/items.csv`));
    expect(stranger.status).toBe(401);
    expect(pickNumber(stranger.body, 'status')).toBe(401);
  });

  it('narrows pushes by outcome and time', async () => {
    const ids = async (query: string) =>
      ((await get(`/pushes?${query}`)) as { data: { id: number }[] }).data.map(({ id }) => id);
    expect(await ids('outcome=accepted')).toEqual([1]);
    expect(await ids('outcome=rejected')).toEqual([]);
    expect(await ids('before=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await ids('from=2020-01-01T00:00:00Z&outcome=accepted')).toEqual([1]);
    expect((await running.api.call('GET', '/pushes?from=yesterday')).status).toBe(422);
  });
});
