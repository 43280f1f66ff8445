import { createHttpClient } from '../../../server/outbound/http-client';
import { createSignedWebhooks } from '../../../server/notifications/signed-webhooks';
import { isSignedBy, NoticeReceiver } from '../../support/notice-receiver';
import { TestClock } from '../../support/test-clock';

const SECRET = 'a-secret-of-the-endpoint';
const event = { id: 'e-1', type: 'notice.test' as const, body: '{"id":"e-1","title":"Cană"}' };

describe('A webhook', () => {
  const clock = new TestClock();
  let receiver: NoticeReceiver;
  const httpWith = (allowPrivateNetwork: boolean) => createHttpClient({ allowPrivateNetwork, clock });
  const post = async (url: string, allowPrivateNetwork = true) => {
    const http = httpWith(allowPrivateNetwork);
    try {
      await createSignedWebhooks(http, clock).post({ url, secret: SECRET }, event);
    } finally {
      http.close();
    }
  };

  beforeEach(async () => {
    receiver = await NoticeReceiver.start();
  });
  afterEach(() => receiver.close());

  it('is called with JSON, an id and a signature that the secret alone can make', async () => {
    await post(receiver.url);
    const [call] = receiver.received;
    if (!call) throw new Error('Nothing arrived');
    expect(call.body).toBe(event.body);
    expect(call.headers).toMatchObject({ 'content-type': 'application/json', 'x-stock-relay-id': 'e-1' });
    expect(String(call.headers['x-stock-relay-signature'])).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/);
    expect(isSignedBy(SECRET, call)).toBe(true);
    expect(isSignedBy('another', call)).toBe(false);
    expect(isSignedBy(SECRET, { ...call, body: `${call.body} ` })).toBe(false);
    const later = String(call.headers['x-stock-relay-signature']).replace(/t=\d+/, 't=1');
    expect(isSignedBy(SECRET, { ...call, headers: { 'x-stock-relay-signature': later } })).toBe(false);
  });

  it.each([
    [200, true],
    [204, true],
    [302, false],
    [410, false],
    [500, false],
  ])('that answers %d was told: %s', async (status, told) => {
    receiver.status = status;
    receiver.says = 'so it is';
    const posted = post(receiver.url);
    if (told) await posted;
    else {
      await expect(posted).rejects.toMatchObject({
        failure: { code: 'webhook_refused', params: { status }, proof: 'so it is' },
      });
    }
  });

  it('on a private address is not called, unless the settings allow it', async () => {
    await expect(post(receiver.url, false)).rejects.toMatchObject({ failure: { code: 'webhook_address_forbidden' } });
    expect(receiver.received).toEqual([]);
  });

  it('that is away is named so', async () => {
    const { url } = receiver;
    await receiver.close();
    await expect(post(url)).rejects.toMatchObject({ failure: { code: 'webhook_unreachable' } });
    receiver = await NoticeReceiver.start();
  });
});
