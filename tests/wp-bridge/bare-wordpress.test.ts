import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverAnswers } from '../support/databases';
import { BareWordPress, isPackaged, WpAdmin } from './support/bare-wordpress';
import { BridgeClient, call, newSecret } from './support/bridge-client';

const pairingId = '6f0c4b1e-8a8b-4f3d-9c55-0d6f4f6b2a11';
const code = 'ABCD-EFGH-JKMN';
const pageOf = (query = '') => `/wp-admin/admin.php?page=stock-relay${query}`;

interface Relayed {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const canRun = isPackaged() && serverAnswers(process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/', 3306);

(canRun || process.env['CI'] === 'true' ? describe : describe.skip)(
  'The plugin in a WordPress without WooCommerce (Debian’s packages wordpress and php-cli, MariaDB)',
  () => {
    let site: BareWordPress;
    let admin: WpAdmin;
    let service: Server;
    let serviceUrl: string;
    let untouched: unknown;
    const relayed: Relayed[] = [];
    let answerOfService = { status: 200, type: 'text/plain; charset=utf-8', body: '"Stoc actualizat"\nnull' };

    const everything = () =>
      site.run<unknown>(
        `return array(
          'tables' => $wpdb->get_col('SHOW TABLES'),
          'options' => $wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE option_name NOT LIKE '%transient%' AND option_name NOT IN ('recently_activated', 'uninstall_plugins') ORDER BY 1"),
          'metas' => $wpdb->get_col("SELECT meta_key FROM $wpdb->usermeta WHERE meta_key LIKE '%stock_relay%'"),
          'cron' => array_values(array_filter(array_keys(array_merge(...array_values(array_filter(_get_cron_array(), 'is_array')))), function ($hook) { return false !== strpos($hook, 'stock_relay'); })),
          'transients' => $wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%stock_relay%'"));`,
      );
    const refusals = async () =>
      site.run<Record<string, number>>(`return (object) StockRelay\\Refusal_Log::read()['counts'];`);
    const pair = (body: Record<string, unknown>) =>
      call(`${site.url}/?rest_route=/stock-relay/v1/pairing`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          code,
          pairingId,
          service: { name: 'Relay', url: null, version: '1' },
          ...body,
        }),
      });
    const typeCode = async () => {
      const fields = await admin.form(pageOf(), 'stock_relay_confirm');
      return admin.post('/wp-admin/admin-post.php', { ...fields, code, service: serviceUrl });
    };
    const paired = async (): Promise<BridgeClient> => {
      const secret = newSecret();
      await site.run(
        `StockRelay\\Pairing::replace('${pairingId}', '${secret}', 1, array('name' => 'Relay', 'url' => '${serviceUrl}', 'version' => '1')); return null;`,
      );
      return new BridgeClient(site.url, pairingId, secret);
    };

    beforeAll(async () => {
      service = createServer((request, response) => {
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString('utf8')));
        request.on('end', () => {
          relayed.push({ path: request.url ?? '', headers: request.headers, body });
          response.writeHead(answerOfService.status, { 'Content-Type': answerOfService.type });
          response.end(answerOfService.body);
        });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => service.once('listening', resolve));
      serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
      site = await BareWordPress.start();
      admin = new WpAdmin(site.url);
      await admin.logIn('admin', 'admin-password');
      await admin.get('/wp-admin/plugins.php');
      untouched = await everything();
      await site.run(`activate_plugin('stock-relay/stock-relay.php'); return null;`);
    }, 120_000);
    afterAll(async () => {
      await site?.end();
      service.close();
    }, 30_000);

    test('it says what it needs, and lets nobody in', async () => {
      expect((await admin.get('/wp-admin/plugins.php')).text).toContain('Stock Relay needs WooCommerce 8.0 or later');
      expect((await admin.get('/wp-admin/index.php')).status).toBe(200);
      expect((await call(`${site.url}/`)).text).toBe('home');
      const hello = await call(`${site.url}/?rest_route=/stock-relay/v1/hello`);
      expect(hello.json).toEqual({ plugin: 'stock-relay', version: '0.1.0', api: 1, paired: false, woocommerce: false });
      expect(hello.headers['cache-control']).toBe('no-store, private');
      expect((await call(`${site.url}/?rest_route=/stock-relay/v1/status`)).json.code).toBe('stock_relay_unsigned');
      expect((await admin.get(pageOf())).status).toBe(403);
    });

    describe('with a person who may pair it', () => {
      beforeAll(() =>
        site.run(
          `$role = get_role('administrator'); foreach (array('manage_woocommerce', 'edit_others_products') as $cap) $role->add_cap($cap); return null;`,
        ),
      );

      test('a link fills the form in and pairs nothing', async () => {
        const { text, status } = await admin.get(pageOf(`&pair=${code}&service=${encodeURIComponent(serviceUrl)}`));
        expect(status).toBe(200);
        expect(text).toContain(`value="${code}"`);
        expect(text).toContain(`value="${serviceUrl}"`);
        expect((await pair({ secret: newSecret() })).json.code).toBe('stock_relay_no_code');
      });

      test('a form without its nonce, or from a stranger, keeps no code', async () => {
        const bare = { action: 'stock_relay_confirm', code, service: '' };
        expect((await admin.post('/wp-admin/admin-post.php', bare)).status).toBe(403);
        const fields = await admin.form(pageOf(), 'stock_relay_confirm');
        const stranger = new WpAdmin(site.url);
        expect((await stranger.post('/wp-admin/admin-post.php', { ...fields, code })).status).not.toBe(200);
        expect((await pair({ secret: newSecret() })).json.code).toBe('stock_relay_no_code');
      });

      test('the code pairs once; the same call may be repeated, no other', async () => {
        expect((await typeCode()).headers['location']).toContain('said=waiting');
        const secret = newSecret();
        expect((await pair({ code: 'ZZZZ-ZZZZ-ZZZZ', secret })).json.code).toBe('stock_relay_wrong_code');
        const answer = await pair({ secret });
        expect(answer.status).toBe(200);
        expect(answer.json).toMatchObject({
          paired: true,
          site: { name: 'Bare', url: site.url, version: { plugin: '0.1.0', woocommerce: null } },
          user: { id: 1, email: 'admin@example.test' },
        });
        expect((await pair({ code: 'abcd efgh jkmn', secret })).status).toBe(200);
        expect((await pair({ secret: newSecret() })).json.code).toBe('stock_relay_wrong_code');
        expect((await pair({ code: 'ZZZZ-ZZZZ-ZZZZ', secret })).json.code).toBe('stock_relay_no_code');
        const status = await new BridgeClient(site.url, pairingId, secret).signed('GET', '/status');
        expect(status.json).toMatchObject({ api: 1, woocommerce: null, user: { id: 1 }, limits: { items: 1000 } });
      });

      test('a code is void after five wrong ones, and after ten minutes', async () => {
        await site.run(`StockRelay\\Pairing_Code::keep('ABCDEFGHJKMN', 1, ''); return null;`);
        const secret = newSecret();
        for (let n = 0; n < 5; n++) await pair({ code: 'ZZZZ-ZZZZ-ZZZZ', secret });
        expect((await pair({ secret })).json.code).toBe('stock_relay_code_expired');
        await site.run(
          `StockRelay\\Pairing_Code::keep('ABCDEFGHJKMN', 1, ''); $kept = get_option('stock_relay_code'); $kept['until'] = time(); update_option('stock_relay_code', $kept); return null;`,
        );
        expect((await pair({ secret })).status).toBe(410);
        expect((await pair({ code: 'ZZZZ-ZZZZ-ZZZZ', secret })).json.code).toBe('stock_relay_no_code');
      });

      test.each([
        ['unsigned', {}, { headers: { 'X-Stock-Relay-Pairing': '' } }, 401],
        ['unpaired', {}, { pairing: '00000000-0000-4000-8000-000000000000' }, 401],
        ['late', {}, { timestamp: Math.floor(Date.now() / 1000) - 301 }, 401],
        ['late', {}, { timestamp: Math.floor(Date.now() / 1000) + 360 }, 401],
        ['bad_signature', {}, { secret: newSecret() }, 401],
        ['bad_signature', {}, { signedBody: '{}' }, 401],
        ['unsigned', {}, { signature: 'v1=00' }, 401],
        ['unsigned', {}, { nonce: 'short' }, 401],
        ['oversized', { body: 'x'.repeat(1_048_577) }, {}, 413],
      ])('a call that is %s is refused, written down, and changes nothing', async (why, { body }: { body?: string }, twist, status) => {
        const bridge = await paired();
        const before = await refusals();
        const answer = await bridge.signed('POST', '/rotate', body ?? JSON.stringify({ secret: newSecret() }), {}, twist);
        expect([answer.status, answer.json.code]).toEqual([status, `stock_relay_${why}`]);
        if (why === 'late') expect(answer.json.data.serverTime).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
        expect((await refusals())[`stock_relay_${why}`]).toBe((before[`stock_relay_${why}`] ?? 0) + 1);
        expect((await bridge.signed('GET', '/status')).status).toBe(200);
      });

      test('a call is taken once, also of several at the same moment', async () => {
        const bridge = await paired();
        const twist = { nonce: 'ab'.repeat(16), timestamp: Math.floor(Date.now() / 1000) };
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => bridge.signed('GET', '/status', '', {}, twist)),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
        expect((await bridge.signed('GET', '/status', '', {}, twist)).json.code).toBe('stock_relay_replayed');
      });

      test('a user who lost the right ends what the service may do', async () => {
        const bridge = await paired();
        await site.run(`get_role('administrator')->remove_cap('edit_others_products'); return null;`);
        expect((await bridge.signed('GET', '/status')).json.code).toBe('stock_relay_capability');
        await site.run(`get_role('administrator')->add_cap('edit_others_products'); return null;`);
        expect((await bridge.signed('GET', '/status')).status).toBe(200);
      });

      test('stock and catalogue say that WooCommerce is missing', async () => {
        const bridge = await paired();
        const stock = await bridge.stock([{ ref: 'a', id: 1, set: '1' }]);
        expect([stock.status, stock.json.code]).toEqual([503, 'stock_relay_no_woocommerce']);
        expect((await bridge.signed('GET', '/catalogue')).status).toBe(503);
        expect((await bridge.signed('GET', '/events')).json).toMatchObject({ events: [], next: null, gap: false });
      });

      test('a rotated secret opens at once, the old one for ten minutes more', async () => {
        const bridge = await paired();
        const fresh = newSecret();
        for (let n = 0; n < 2; n++)
          expect((await bridge.signed('POST', '/rotate', JSON.stringify({ secret: fresh }))).json).toEqual({ rotated: true });
        expect((await bridge.signed('GET', '/status')).status).toBe(200);
        const next = new BridgeClient(site.url, pairingId, fresh);
        expect((await next.signed('GET', '/status')).status).toBe(200);
        await site.run(
          `$pairing = get_option('stock_relay_pairing'); $pairing['previousUntil'] = time(); update_option('stock_relay_pairing', $pairing); return null;`,
        );
        expect((await bridge.signed('GET', '/status')).json.code).toBe('stock_relay_bad_signature');
        expect((await next.signed('DELETE', '/pairing')).status).toBe(200);
        expect((await next.signed('GET', '/status')).json.code).toBe('stock_relay_unpaired');
      });

      test('the panel is opened with a signature that the service can check', async () => {
        const bridge = await paired();
        const { text } = await admin.post('/wp-admin/admin-post.php', await admin.form(pageOf(), 'stock_relay_open'));
        expect(text).toContain(`action="${serviceUrl}/bridge/v1/sign-in"`);
        const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
        const signed = ['sign-in', ...['pairing', 'timestamp', 'nonce', 'user', 'email'].map(value)].join('\n');
        const expected = createHmac('sha256', Buffer.from(bridge.secret, 'base64url')).update(signed).digest('hex');
        expect(value('signature')).toBe(`v1=${expected}`);
        expect(value('email')).toBe('admin@example.test');
      });

      test('it speaks the language of the site', async () => {
        site.before(`add_filter('locale', function () { return 'ro_RO'; });`);
        expect((await admin.get(pageOf())).text).toContain('Cod de asociere');
        site.before('');
        expect((await admin.get(pageOf())).text).toContain('Pairing code');
      });

      test('the secret is on no page', async () => {
        const bridge = await paired();
        expect((await admin.get(pageOf())).text).not.toContain(bridge.secret);
        expect((await bridge.signed('GET', '/status')).text).not.toContain(bridge.secret);
      });

      describe('SmartBill’s address', () => {
        const door = (headers: Record<string, string> = {}, body = '{"products":[]}') =>
          call(`${site.url}/?rest_route=/smartbill_woocommerce/v1/stocks`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', ...headers },
            body,
          });
        const turn = async () => admin.post('/wp-admin/admin-post.php', await admin.form(pageOf(), 'stock_relay_door'));

        afterEach(() => site.before(''));

        test('is nobody’s until it is switched on', async () => {
          await paired();
          expect((await door()).json.code).toBe('rest_no_route');
          expect((await turn()).headers['location']).toContain('said=door_on');
          expect((await door({ Authorization: 'Bearer a token' })).status).toBe(200);
        });

        test.each([
          ['as it comes', ''],
          [
            'after a redirection',
            `if (isset($_SERVER['HTTP_AUTHORIZATION'])) { $_SERVER['REDIRECT_HTTP_AUTHORIZATION'] = $_SERVER['HTTP_AUTHORIZATION']; unset($_SERVER['HTTP_AUTHORIZATION']); }`,
          ],
          ['from the server’s own list', `unset($_SERVER['HTTP_AUTHORIZATION']);`],
        ])('passes body and Authorization header on, %s, and the answer back', async (_how, hiding) => {
          site.before(hiding);
          relayed.length = 0;
          answerOfService = { status: 200, type: 'text/plain; charset=utf-8', body: '"Stoc actualizat"\nnull' };
          const body = '{"products":[ {"productCode":"Ș","quantity":1} ] — not JSON';
          const answer = await door({ Authorization: 'Bearer 003|token' }, body);
          expect([answer.status, answer.text]).toEqual([200, '"Stoc actualizat"\nnull']);
          expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
          expect(relayed).toHaveLength(1);
          expect(relayed[0]).toMatchObject({ path: '/bridge/v1/relay/smartbill', body });
          expect(relayed[0]?.headers).toMatchObject({
            'x-stock-relay-forwarded-authorization': 'Bearer 003|token',
            'x-stock-relay-pairing': pairingId,
            'content-type': 'application/json',
          });
          expect(relayed[0]?.headers['x-stock-relay-signature']).toMatch(/^v1=[0-9a-f]{64}$/);
        });

        test('passes a refusal on, and says 503 where there is no service', async () => {
          answerOfService = { status: 403, type: 'application/json', body: '{"message":"Autentificare esuata."}' };
          expect(await door()).toMatchObject({ status: 403, json: { message: 'Autentificare esuata.' } });
          answerOfService = { status: 401, type: 'application/problem+json', body: '{"code":"stock_relay_unpaired"}' };
          expect((await door()).status).toBe(503);
          await site.run(
            `$pairing = get_option('stock_relay_pairing'); $pairing['service']['url'] = 'http://127.0.0.1:9'; update_option('stock_relay_pairing', $pairing); return null;`,
          );
          expect((await door()).status).toBe(503);
        });

        test('is left alone while SmartBill’s own plugin is active', async () => {
          await paired();
          const lie = `add_filter('option_active_plugins', function ($list) { $list[] = 'smartbill-facturare-si-gestiune/index.php'; return $list; });`;
          site.before(lie);
          expect((await door()).json.code).toBe('rest_no_route');
          expect((await admin.get(pageOf())).text).toContain('smartbill-facturare-si-gestiune');
        });
      });

      test('Site Health tells whether the Authorization header gets through', async () => {
        const { text } = await admin.get('/wp-admin/site-health.php');
        const nonce = /"site_status":"([0-9a-f]+)"/.exec(text)?.[1] ?? '';
        const ask = () =>
          admin.post('/wp-admin/admin-ajax.php', {
            action: 'health-check-stock-relay-authorization',
            _wpnonce: nonce,
          });
        expect((await ask()).json.data).toMatchObject({ status: 'good', test: 'stock_relay_authorization' });
        site.before(`unset($_SERVER['HTTP_AUTHORIZATION']);`);
        expect((await ask()).json.data.label).toContain('detour');
        site.before('');
        expect((await (await paired()).signed('GET', '/status')).json.door.authorizationReaches).toBe('recovered');
      });

      test('ending the pairing tells the service', async () => {
        await paired();
        relayed.length = 0;
        answerOfService = { status: 204, type: 'application/json', body: '' };
        await admin.post('/wp-admin/admin-post.php', await admin.form(pageOf(), 'stock_relay_unpair'));
        expect(relayed).toMatchObject([{ path: '/bridge/v1/unpaired', body: '{}' }]);
        expect((await call(`${site.url}/?rest_route=/stock-relay/v1/hello`)).json.paired).toBe(false);
      });
    });

    test('nothing of it is left after an uninstall, and PHP never complained', async () => {
      await paired();
      await admin.get('/wp-admin/index.php');
      await site.run(
        `require_once ABSPATH . 'wp-admin/includes/file.php'; StockRelay\\Event_Sender::send(); StockRelay\\Housekeeping::clean_up(); return null;`,
      );
      await site.run(`deactivate_plugins('stock-relay/stock-relay.php'); return null;`);
      await site.run(`uninstall_plugin('stock-relay/stock-relay.php'); return null;`);
      expect(await everything()).toEqual(untouched);
      expect(site.complaints()).toEqual([]);
    });
  },
);
