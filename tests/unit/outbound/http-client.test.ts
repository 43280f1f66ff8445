import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { FailureError } from '../../../server/domain/failure';
import { isForbiddenHost, isPublicAddress } from '../../../server/outbound/address-guard';
import { IDLE_SOCKET_MS } from '../../../server/outbound/connection-pool';
import {
  createHttpClient,
  type HttpCall,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from '../../../server/outbound/http-client';
import { selfSignedCertificate } from '../../support/self-signed-certificate';

const SECRET = 'cs_very_secret';
const clock = { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() };

describe('The HTTP client', () => {
  let server: http.Server;
  let client: HttpClient;
  let calls: HttpCall[];
  let sockets: Socket[];
  const opened: { close(): void | Promise<void> }[] = [];

  const serve = async (listener: http.RequestListener, secure = false): Promise<string> => {
    const started = secure ? https.createServer(selfSignedCertificate(), listener) : http.createServer(listener);
    const connected: Socket[] = [];
    started.on('connection', (socket: Socket) => connected.push(socket));
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    opened.push({
      close: () =>
        new Promise((resolve) => {
          started.close(() => resolve());
          for (const socket of connected) socket.destroy();
        }),
    });
    server = started;
    sockets = connected;
    const { port } = started.address() as AddressInfo;
    return `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  };
  const start = (options: Partial<HttpClientOptions> = {}): void => {
    calls = [];
    client = createHttpClient({ allowPrivateNetwork: true, clock, onCall: (call) => calls.push(call), ...options });
    opened.push(client);
  };
  const request = (url: string, changes: Partial<HttpRequest> = {}) =>
    client.request({
      method: 'GET',
      url,
      headers: { Authorization: `Basic ${SECRET}` },
      timeoutMs: 5_000,
      verifyTls: true,
      signal: new AbortController().signal,
      maxBytes: 1_000_000,
      ...changes,
    });
  const failureOf = async (work: Promise<unknown>): Promise<FailureError> => {
    try {
      await work;
    } catch (thrown) {
      if (thrown instanceof FailureError) return thrown;
      throw thrown;
    }
    throw new Error('Nothing failed');
  };

  beforeEach(() => start());
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const each of opened.splice(0)) await each.close();
  });

  it('hands on any status with its headers and its text', async () => {
    const url = await serve((_request, response) => response.writeHead(418, { 'X-Kind': 'tea' }).end('ceai'));
    expect(await request(`${url}/a?b=1`)).toMatchObject({
      status: 418,
      text: 'ceai',
      headers: { 'x-kind': 'tea' },
      durationMs: expect.any(Number),
    });
  });

  it('sends the body of a write as it is', async () => {
    const bodies: string[] = [];
    const url = await serve((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => bodies.push(`${incoming.headers['content-type']} ${chunk.toString()}`));
      incoming.on('end', () => response.end());
    });
    await request(url, { method: 'POST', body: '{"ă":1}', headers: { 'Content-Type': 'application/json' } });
    expect(bodies).toEqual(['application/json {"ă":1}']);
  });

  it('uses one connection for one host, and another where the certificate is not checked', async () => {
    const url = await serve((_request, response) => response.end('ok'));
    for (let turn = 0; turn < 3; turn += 1) await request(url);
    expect(sockets).toHaveLength(1);
    await request(url, { verifyTls: false });
    expect(sockets).toHaveLength(2);
  });

  it('drops an idle connection before a web server would', async () => {
    expect(IDLE_SOCKET_MS).toBeLessThan(4_000);
    start({ idleSocketMs: 20 });
    const url = await serve((_request, response) => response.end('ok'));
    await request(url);
    const [socket] = sockets;
    if (socket?.closed === false) await once(socket, 'close');
    await request(url);
    expect(sockets).toHaveLength(2);
    expect(calls.map((call) => call.outcome)).toEqual(['answered', 'answered']);
  });

  it('waits longer for an answer than it keeps an idle connection', async () => {
    start({ idleSocketMs: 20 });
    const url = await serve((_request, response) => void setTimeout(() => response.end('late'), 100));
    expect((await request(url)).text).toBe('late');
    expect((await request(url)).text).toBe('late');
  });

  it('follows no redirect', async () => {
    const seen: string[] = [];
    const url = await serve((incoming, response) => {
      seen.push(incoming.url ?? '');
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    expect((await request(`${url}/here`)).status).toBe(302);
    expect(seen).toEqual(['/here']);
  });

  it('asks no proxy of the environment', async () => {
    const url = await serve((_request, response) => response.end('direct'));
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect((await request(url)).text).toBe('direct');
    } finally {
      delete process.env['http_proxy'];
    }
  });

  it('unpacks what is packed, and counts the bytes unpacked against the limit', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('a'.repeat(50_000))),
    );
    expect((await request(url)).text).toHaveLength(50_000);
    const failed = await failureOf(request(url, { method: 'POST', maxBytes: 10_000 }));
    expect(failed.failure).toMatchObject({
      code: 'shop_answer_unexpected',
      params: { what: 'an answer of more than 10000 bytes' },
    });
    expect(failed.facts.writeMayHaveHappened).toBe(true);
  });

  it('gives up after the time set, and knows that a write may have happened', async () => {
    const url = await serve(() => undefined);
    const failed = await failureOf(request(url, { method: 'POST', timeoutMs: 300 }));
    expect(failed.failure.code).toBe('shop_timeout');
    expect(failed.facts.writeMayHaveHappened).toBe(true);
    const read = await failureOf(request(url, { timeoutMs: 300 }));
    expect(read.facts.writeMayHaveHappened).toBeUndefined();
  });

  it('gives up on an answer that does not end', async () => {
    const url = await serve((_request, response) => void response.writeHead(200).write('begun'));
    expect((await failureOf(request(url, { timeoutMs: 300 }))).failure.code).toBe('shop_timeout');
  });

  it('stops when its caller does', async () => {
    const stopping = new AbortController();
    const url = await serve(() => stopping.abort());
    const failed = await failureOf(request(url, { method: 'POST', signal: stopping.signal }));
    expect(failed.failure).toMatchObject({ code: 'shop_answer_lost', params: { reason: 'we stopped waiting' } });
    expect(failed.facts.writeMayHaveHappened).toBe(true);
    const before = await failureOf(request(url, { method: 'POST', signal: stopping.signal }));
    expect(before.facts.writeMayHaveHappened).toBeUndefined();
  });

  it('says that a connection refused wrote nothing', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const failed = await failureOf(request(url, { method: 'POST' }));
    expect(failed.failure).toMatchObject({
      code: 'shop_unreachable',
      params: { reason: 'the connection was refused', host: '127.0.0.1' },
    });
    expect(failed.facts.writeMayHaveHappened).toBeUndefined();
  });

  it('names a host whose name is not known', async () => {
    jest
      .spyOn(dns, 'lookup')
      .mockImplementation(((_name: string, _options: unknown, callback: (e: Error) => void) =>
        callback(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }))) as never);
    const failed = await failureOf(request('http://shop.invalid/'));
    expect(failed.failure.params).toEqual({ reason: 'its name is not known (DNS)', host: 'shop.invalid' });
  });

  it('loses an answer that breaks off, at its start or in its midst', async () => {
    const atStart = await serve((incoming) => incoming.socket.destroy());
    expect((await failureOf(request(atStart, { method: 'POST' }))).failure.code).toBe('shop_answer_lost');
    const inMidst = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    expect((await failureOf(request(inMidst))).failure.code).toBe('shop_answer_lost');
  });

  it('asks once more when a kept connection was closed meanwhile, and never for a write', async () => {
    let served = 0;
    const url = await serve((incoming, response) => {
      served += 1;
      // Every second call on one connection meets a server that has just closed it.
      if (served === 2 || served === 4) incoming.socket.destroy();
      else response.end(String(served));
    });
    await request(url);
    expect((await request(url)).text).toBe('3');
    expect(calls.map((call) => call.outcome)).toEqual(['answered', 'shop_answer_lost', 'answered']);

    start();
    served = 2;
    await request(url);
    const failed = await failureOf(request(url, { method: 'POST', body: '{}' }));
    expect(failed.facts.writeMayHaveHappened).toBe(true);
    expect(served).toBe(4);
  });

  it('keeps what it asked and what came of it on record, without the query', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end('no'));
    await request(`${url}/wp-json/wc/v3/products?consumer_secret=${SECRET}`);
    expect(calls).toEqual([
      {
        at: clock.now(),
        host: new URL(url).host,
        method: 'GET',
        path: '/wp-json/wc/v3/products',
        status: 404,
        durationMs: expect.any(Number),
        bytes: 2,
        outcome: 'answered',
      },
    ]);
  });

  it('lets no secret out in what it throws or records', async () => {
    const url = await serve((incoming) => incoming.socket.destroy());
    const thrown = [
      await failureOf(request(`${url}/?key=${SECRET}`, { method: 'POST', body: SECRET })),
      await failureOf(request(`http://127.0.0.1:1/?key=${SECRET}`)),
      await failureOf(request(`https://127.0.0.1:1/?key=${SECRET}`)),
      await failureOf(request(`nonsense ${SECRET}`)),
      await failureOf(request(`ftp://127.0.0.1/${SECRET}`)),
    ];
    for (const each of thrown) {
      expect(each.cause).toBeUndefined();
      expect(`${each.message} ${each.stack} ${JSON.stringify(each)}`).not.toContain(SECRET);
    }
    expect(JSON.stringify(calls)).not.toContain(SECRET);
  });

  describe('over TLS', () => {
    it('refuses a certificate nobody vouches for, unless told not to check', async () => {
      const url = await serve((_request, response) => response.end('ok'), true);
      const failed = await failureOf(request(url, { method: 'POST' }));
      expect(failed.failure).toMatchObject({ code: 'shop_tls_invalid', params: { reason: 'it is self-signed' } });
      expect(failed.facts.writeMayHaveHappened).toBeUndefined();
      expect((await request(url, { verifyTls: false })).text).toBe('ok');
      expect((await failureOf(request(url))).failure.code).toBe('shop_tls_invalid');
    });

    it('says so where no TLS is spoken', async () => {
      const url = await serve((_request, response) => response.end('plain'));
      const failed = await failureOf(request(url.replace('http:', 'https:')));
      expect(failed.failure.code).toBe('shop_unreachable');
    });
  });

  describe('kept away from private networks', () => {
    const PRIVATE = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
      '224.0.0.1',
      '255.255.255.255',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:a00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[ff02::1]',
      'localhost',
      'localhost.',
      'shop.localhost',
    ];

    it.each(PRIVATE.flatMap((host) => [`http://${host}/`, `https://${host}/`]))('does not call %s', async (url) => {
      start({ allowPrivateNetwork: false });
      const failed = await failureOf(request(url, { method: 'POST' }));
      expect(failed.failure.code).toBe('shop_address_forbidden');
      expect(failed.facts.writeMayHaveHappened).toBeUndefined();
    });

    it.each(['http', 'https'])('does not call a name that leads there, over %s', async (scheme) => {
      start({ allowPrivateNetwork: false });
      for (const addresses of [['10.0.0.7'], ['93.184.216.34', '127.0.0.1'], ['::ffff:192.168.0.1']]) {
        jest.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, callback: unknown) =>
          (callback as (e: null, found: unknown) => void)(
            null,
            addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
          )) as never);
        const failed = await failureOf(request(`${scheme}://shop.example/`));
        expect(failed.failure).toMatchObject({ code: 'shop_address_forbidden', params: { host: 'shop.example' } });
      }
    });

    it('reaches nothing there when it is refused', async () => {
      let reached = 0;
      const url = await serve((_request, response) => {
        reached += 1;
        response.end();
      });
      start({ allowPrivateNetwork: false });
      await failureOf(request(url));
      await failureOf(request(url.replace('127.0.0.1', 'localhost')));
      expect([reached, sockets.length]).toEqual([0, 0]);
    });

    it.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
      'may call %s',
      (address) => {
        expect(isPublicAddress(address)).toBe(true);
        expect(isForbiddenHost(address.includes(':') ? `[${address}]` : address)).toBe(false);
      },
    );
  });
});
