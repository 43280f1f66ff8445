// Serves the built panel over the fake API, under the same Content-Security-Policy as the service:
//   node tests/admin-ui/support/fake-server.mjs [port] [busy|empty|halted|out]
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const panel = join(here, '../../../dist/admin-ui');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; frame-ancestors 'none'";

export async function startFake(port = 0, scene = 'busy') {
  const { module: fake } = await runnerImport(join(here, 'fake-api.ts'));
  const scenes = {
    busy: () => fake.busyState(),
    empty: () => fake.emptyState(),
    out: () => ({ ...fake.emptyState(), session: null, setupNeeded: true }),
    halted: () => ({
      ...fake.busyState(),
      shops: [
        fake.aShop({
          circuit: {
            state: 'open',
            openedAt: fake.ago(320),
            probeAt: fake.ago(-30),
            failure: fake.failureView('keys_rejected', { what: '401' }, 'woocommerce_rest_cannot_view'),
          },
        }),
      ],
    }),
  };
  const box = { state: scenes[scene](), scenes, fake, down: false };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://fake');
    if (url.pathname.startsWith('/api/v1')) {
      if (box.down) return void request.socket.destroy();
      if (url.pathname === '/api/v1/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: ready\ndata: {}\n\n');
        return;
      }
      const parts = [];
      for await (const part of request) parts.push(part);
      const text = Buffer.concat(parts).toString();
      const { status, body, headers } = fake.answer(box.state, {
        method: request.method,
        path: url.pathname.slice('/api/v1'.length),
        query: Object.fromEntries(url.searchParams),
        body: text === '' ? {} : JSON.parse(text),
      });
      const type = status >= 400 ? 'application/problem+json' : 'application/json';
      response
        .writeHead(status, { 'content-type': type, ...headers })
        .end(body === undefined ? '' : JSON.stringify(body));
      return;
    }
    const wanted = join(panel, url.pathname);
    const file = extname(wanted) !== '' && existsSync(wanted) ? wanted : join(panel, 'index.html');
    response.writeHead(200, { 'content-type': TYPES[extname(file)], 'content-security-policy': CSP });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { ...box, box, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFake(Number(process.argv[2] ?? 4090), process.argv[3]);
  console.log(url);
}
