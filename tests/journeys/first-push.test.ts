import { type ApiAnswer, pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

interface Row {
  readonly id: number;
  readonly code: string | null;
  readonly status: string;
  readonly wanted: string | null;
  readonly shown: string | null;
  readonly verified: boolean;
  readonly failure: { readonly code: string; readonly cure: string } | null;
}

const rowsOf = (answer: unknown): Row[] =>
  pickList(answer, 'data').map((row) => {
    const failure = pick(row, 'failure');
    return {
      id: pickNumber(row, 'id'),
      code: String(pick(row, 'code')),
      status: pickText(row, 'status'),
      wanted: pick(row, 'wanted') === null ? null : pickText(row, 'wanted'),
      shown: pick(row, 'shown') === null ? null : pickText(row, 'shown'),
      verified: pick(row, 'verified') === true,
      failure: failure === null ? null : { code: pickText(failure, 'code'), cure: pickText(failure, 'cure') },
    };
  });

describe.each(engines)('one push, end to end, on $name', (engine) => {
  engine.whenAvailable(() => {
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({
        products: [
          { sku: 'A-1', name: 'Cană ceramică', stock: 3 },
          { sku: 'A-2', name: 'Farfurie & castron', stock: 5 },
          { sku: 'OFF-1', name: 'Unmanaged', manageStock: false },
          { sku: 'TWIN-1', name: 'Pahar', stock: 1 },
          { sku: 'TWIN-2', name: 'PAHAR', stock: 1 },
          {
            sku: 'V',
            name: 'Tricou',
            type: 'variable',
            variations: [
              { option: 'S', sku: 'V-S', stock: 2 },
              { option: 'M', sku: 'V-M', stock: 2 },
            ],
          },
          { sku: 'VP', name: 'Set', type: 'variable', stock: 4, variations: [{ option: 'X', sku: 'VP-X' }] },
        ],
      });
      running = await runService({ DATABASE_URL: (await engine.create()).url });
      connected = await connect(running.api, {
        url: shop.url,
        ...shop.keys.readWrite,
      });
    });

    afterAll(async () => {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    });

    const items = async (): Promise<Row[]> =>
      rowsOf(await running.api.expect(200, 'GET', `/items?limit=200&connectionId=${connected.connectionId}`));
    const send = (body: object | string, headers = {}): Promise<ApiAnswer> =>
      push(connected.pushUrl, connected.token, body, headers);
    const settled = (code: string, status: string): Promise<Row> =>
      eventually(async () => (await items()).find((row) => row.code === code && row.status === status));

    it('brings the good line to the shop within 2 s, and says why the others are not there', async () => {
      const answer = await send({
        items: [
          { code: 'A-1', quantity: 7 },
          { code: 'NOPE', quantity: 1 },
          { code: 'A-2', quantity: 'abc' },
        ],
      });
      expect(answer.status).toBe(202);
      expect(answer.body).toMatchObject({
        accepted: 2,
        rejected: 1,
        lines: [
          { index: 0, outcome: 'accepted' },
          { index: 1, outcome: 'accepted' },
          { index: 2, outcome: 'rejected', code: 'quantity_not_a_number' },
        ],
      });
      const good = await eventually(
        async () => (await items()).find((row) => row.code === 'A-1' && row.verified),
        2_000,
      );
      expect(good).toMatchObject({ status: 'synced', wanted: '7', shown: '7' });
      expect(shop.products.stockOf('A-1')).toBe(7);
      const unknown = await settled('NOPE', 'unmatched');
      expect(unknown.failure?.cure).toMatch(/SKU/);
      expect(shop.products.stockOf('A-2')).toBe(5);
    });

    it('tells the whole story in the timeline', async () => {
      const [row] = (await items()).filter((each) => each.code === 'A-1');
      const timeline = await running.api.expect(200, 'GET', `/items/${row?.id}/timeline`);
      const steps = pickList(timeline, 'data').map(
        (entry) => `${pickText(entry, 'step')}.${pickText(entry, 'outcome')}`,
      );
      expect(steps).toEqual(['write.written', 'match.one', 'push.accepted']);
      expect(pickList(timeline, 'data')[0]).toMatchObject({ before: '3', after: '7', wanted: '7' });
    });

    it('writes 0 as 0', async () => {
      await send({ code: 'A-1', quantity: 0 });
      await eventually(async () => shop.products.stockOf('A-1') === 0);
      await eventually(async () =>
        (await items()).find((row) => row.code === 'A-1' && row.verified && row.shown === '0'),
      );
    });

    it('never writes null, missing or empty quantities', async () => {
      shop.forgetCalls();
      const answer = await send([{ code: 'A-1', quantity: null }, { code: 'A-1' }, { code: 'A-1', quantity: '' }]);
      expect(answer.status).toBe(422);
      expect(pickList(answer.body, 'lines').map((line) => pickText(line, 'code'))).toEqual(
        Array.from({ length: 3 }, () => 'quantity_missing'),
      );
      expect(shop.writes).toEqual([]);
    });

    it('calls a write that the shop ignored a failure, with its cause', async () => {
      await send([
        { code: 'OFF-1', quantity: 9 },
        { code: 'VP-X', quantity: 9 },
        { code: 'V', quantity: 9 },
      ]);
      expect((await settled('OFF-1', 'failed')).failure?.code).toBe('stock_not_managed');
      expect((await settled('VP-X', 'failed')).failure?.code).toBe('stock_managed_by_parent');
      expect((await settled('V', 'failed')).failure?.code).toBe('product_without_stock');
      expect((await items()).filter((row) => row.verified).map((row) => row.code)).not.toContain('OFF-1');
    });

    it('writes variations in one call per parent', async () => {
      shop.forgetCalls();
      await send([
        { code: 'V-S', quantity: 11 },
        { code: 'V-M', quantity: 12 },
      ]);
      await settled('V-S', 'synced');
      await settled('V-M', 'synced');
      expect([shop.products.stockOf('V-S'), shop.products.stockOf('V-M')]).toEqual([11, 12]);
      expect(shop.calls.filter((call) => call.method === 'POST')).toHaveLength(1);
    });

    it('matches a name that only one product has, whatever its accents, and never guesses between two', async () => {
      await send([
        { name: 'CANA  ceramica', quantity: 21 },
        { name: 'pahar', quantity: 33 },
        { name: 'Farfurie &amp; castron', quantity: 22 },
      ]);
      await eventually(async () => shop.products.stockOf('A-2') === 22);
      const rows = await eventually(async () => {
        const all = await items();
        return all.some((row) => row.status === 'ambiguous') &&
          all.every((row) => row.status !== 'due' && row.status !== 'writing')
          ? all
          : undefined;
      });
      const ambiguous = rows.find((row) => row.status === 'ambiguous');
      expect(ambiguous?.failure?.code).toBe('product_ambiguous');
      expect([shop.products.stockOf('TWIN-1'), shop.products.stockOf('TWIN-2')]).toEqual([1, 1]);
      // A-1 already gets its stock by code: the second claim on it is reported, not fought out.
      expect(rows.map((row) => row.failure?.code)).toContain('product_taken');
    });

    it('answers a repeated body with the first answer', async () => {
      const first = await send({ code: 'A-2', quantity: 40 });
      const second = await send({ code: 'A-2', quantity: 40 });
      expect(second.body).toEqual(first.body);
    });

    it('keeps the newer of two observations, whichever comes last', async () => {
      await send({ code: 'A-2', quantity: 50, observedAt: '2026-06-01T12:00:00Z' });
      const older = await send({ code: 'A-2', quantity: 51, observedAt: '2026-06-01T11:59:59Z' });
      expect(pickList(older.body, 'lines')[0]).toMatchObject({ outcome: 'superseded' });
    });

    it('leaves one wide line per request, push, call and delivery, and no secret in any of them', async () => {
      const lines = running.logText();
      for (const event of ['request', 'outbound_call', 'delivery', 'started'])
        expect(lines).toContain(`"event":"${event}"`);
      for (const secret of [connected.token, shop.keys.readWrite.consumerSecret, shop.keys.readWrite.consumerKey]) {
        expect(lines).not.toContain(secret);
      }
    });
  });
});
