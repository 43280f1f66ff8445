import { pick, pickNumber, pickText } from '../support/api-client';
import { type RunningService, runService } from '../support/running-service';
import { SettableClock } from '../support/settable-clock';

const KEYS = {
  key_id: 1,
  user_id: 'whoever',
  consumer_key: `ck_${'a1'.repeat(20)}`,
  consumer_secret: `cs_${'b2'.repeat(20)}`,
  key_permissions: 'read_write',
};

describe('A shop whose owner approves on its own page', () => {
  const clock = new SettableClock();
  let running: RunningService;

  beforeAll(async () => {
    running = await runService({ PUBLIC_URL: 'https://relay.example' }, { clock });
  });
  afterAll(() => running.stop());

  const ask = async (body: object): Promise<{ readonly page: URL; readonly callback: string }> => {
    const asked = await running.api.expect(201, 'POST', '/shop-approvals', body);
    const page = new URL(pickText(asked, 'authorizeUrl'));
    const callback = new URL(page.searchParams.get('callback_url') ?? '');
    expect(callback.origin).toBe('https://relay.example');
    return { page, callback: running.url + callback.pathname };
  };
  const handOver = (callback: string, body: object | string = KEYS) =>
    fetch(callback, {
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=UTF-8' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const shops = async () => pick(await running.api.expect(200, 'GET', '/shops'), 'data') as unknown[];

  it('is sent to that page with what WooCommerce asks for, and to us again', async () => {
    const { page } = await ask({ name: 'Ceramics', url: 'https://ceramics.example/shop/' });
    expect(`${page.origin}${page.pathname}`).toBe('https://ceramics.example/shop/');
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      'wc-auth-version': '1',
      'wc-auth-route': 'authorize',
      app_name: 'Stock Relay',
      scope: 'read_write',
      return_url: 'https://relay.example/wizard?step=shop',
    });
    expect(page.searchParams.get('user_id')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is added with the keys it hands over, once', async () => {
    const { callback } = await ask({ name: 'Ceramics', url: 'https://ceramics.example' });
    expect((await handOver(callback)).status).toBe(200);
    expect(await shops()).toEqual([
      expect.objectContaining({ name: 'Ceramics', url: 'https://ceramics.example', consumerKey: 'ck_…a1a1' }),
    ]);
    expect((await handOver(callback)).status).toBe(404);
    expect(await shops()).toHaveLength(1);
  });

  it('that is here already gets its new keys, and keeps the rest', async () => {
    const known = await running.api.expect(201, 'POST', '/shops', {
      name: 'Known',
      url: 'https://known.example',
      consumerKey: 'ck_old',
      consumerSecret: 'cs_old',
    });
    const id = pickNumber(known, 'id');
    const { page, callback } = await ask({ name: 'Any', url: 'https://elsewhere.example', shopId: id });
    expect(page.origin).toBe('https://known.example');
    expect(page.searchParams.get('return_url')).toBe(`https://relay.example/wizard?step=shop&shop=${id}`);
    expect((await handOver(callback)).status).toBe(200);
    expect(await running.api.expect(200, 'GET', `/shops/${id}`)).toMatchObject({
      name: 'Known',
      url: 'https://known.example',
      consumerKey: 'ck_…a1a1',
    });
  });

  it('that is here already is not asked to be added once more', async () => {
    const again = { name: 'Ceramics', url: 'https://ceramics.example/' };
    expect(await running.api.call('POST', '/shop-approvals', again)).toMatchObject({ status: 409 });
  });

  it('is heard by the address that was asked for last, and by no other', async () => {
    const first = await ask({ name: 'First', url: 'https://first.example' });
    const second = await ask({ name: 'Second', url: 'https://second.example' });
    const before = (await shops()).length;
    expect((await handOver(first.callback)).status).toBe(404);
    expect((await handOver(second.callback.replace(/.$/, 'x'))).status).toBe(404);
    expect(await shops()).toHaveLength(before);
    expect((await handOver(second.callback)).status).toBe(200);
  });

  it('is heard for half an hour, and not after it', async () => {
    const { callback } = await ask({ name: 'Late', url: 'https://late.example' });
    const before = await shops();
    clock.advance(30 * 60_000);
    expect((await handOver(callback)).status).toBe(404);
    expect(await shops()).toEqual(before);
  });

  it('that hands over something else is told what is wrong, and may try again', async () => {
    const { callback } = await ask({ name: 'Odd', url: 'https://odd.example' });
    const refused = await handOver(callback, { ...KEYS, consumer_key: '<script>' });
    expect(refused.status).toBe(422);
    expect(pick(await refused.json(), 'errors')).toEqual([expect.objectContaining({ path: 'consumer_key' })]);
    expect((await handOver(callback, 'nonsense')).status).toBe(400);
    expect((await handOver(callback)).status).toBe(200);
  });

  it('leaves neither its keys nor the way to hand them over in the log', async () => {
    const { callback } = await ask({ name: 'Quiet', url: 'https://quiet.example' });
    await handOver(callback);
    const log = running.logText();
    expect(log).toContain('woocommerce-approval');
    for (const secret of [KEYS.consumer_key, KEYS.consumer_secret, callback.split('/').at(-1) ?? '']) {
      expect(log).not.toContain(secret);
    }
  });

  it('cannot be asked without an https address of ours, and the API says so beforehand', async () => {
    expect(await running.api.expect(200, 'GET', '/shop-approvals')).toEqual({ possible: true });
    const plain = await runService({ PUBLIC_URL: 'http://relay.example' });
    try {
      expect(await plain.api.expect(200, 'GET', '/shop-approvals')).toEqual({ possible: false });
      const answer = await plain.api.call('POST', '/shop-approvals', { name: 'A', url: 'https://a.example' });
      expect(answer.status).toBe(409);
    } finally {
      await plain.stop();
    }
  });
});
