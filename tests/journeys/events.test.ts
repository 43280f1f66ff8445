import { push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

describe('An open panel', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  const leave = new AbortController();

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'One', stock: 1 }] });
    running = await runService();
  });
  afterAll(async () => {
    leave.abort();
    await running.stop();
    await shop.close();
  });

  const listen = (token: string) =>
    fetch(`${running.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' },
      signal: leave.signal,
    });

  it('is told nothing without a log-in', async () => {
    expect((await listen('nobody')).status).toBe(401);
  });

  it('is told of a push as it comes in, without asking', async () => {
    const { pushUrl, token } = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    const response = await listen(ADMIN_TOKEN);
    expect(response.headers.get('content-encoding')).toBeNull();
    let text = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const read = async (): Promise<void> => {
      for (;;) {
        const chunk = await reader?.read();
        if (!chunk || chunk.done) return;
        text += chunk.value;
      }
    };
    void read().catch(() => undefined);
    await eventually(async () => text.includes('event: ready'));
    await push(pushUrl, token, [{ code: 'A-1', quantity: 5 }]);
    await eventually(async () => /event: change\ndata: \{"topics":\[[^\]]*"pushes"/.test(text));
  });
});
