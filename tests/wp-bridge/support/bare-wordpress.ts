import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { createConnection } from 'mysql2/promise';
import { eventually } from '../../support/eventually';
import { call } from './bridge-client';
import { php, pluginFolder } from './wordpress';

/** Where Debian's package `wordpress` puts it. */
const PACKAGED = '/usr/share/wordpress';
const MYSQL_URL = process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/';

export const isPackaged = (): boolean => existsSync(path.join(PACKAGED, 'wp-load.php')) && existsSync('/usr/bin/php');

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const config = (url: string, database: string): string => {
  const { hostname, port, username, password } = new URL(MYSQL_URL);
  const keys = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'];
  const salts = ['AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'];
  const constants: Record<string, string | boolean> = {
    DB_NAME: database,
    DB_USER: decodeURIComponent(username),
    DB_PASSWORD: decodeURIComponent(password),
    DB_HOST: `${hostname}:${port || 3306}`,
    DB_CHARSET: 'utf8mb4',
    DB_COLLATE: '',
    WP_HOME: url,
    WP_SITEURL: url,
    WP_DEBUG: true,
    WP_DEBUG_LOG: true,
    WP_DEBUG_DISPLAY: false,
    DISABLE_WP_CRON: true,
    WP_HTTP_BLOCK_EXTERNAL: true,
    WP_ACCESSIBLE_HOSTS: '127.0.0.1',
    AUTOMATIC_UPDATER_DISABLED: true,
    ...Object.fromEntries([...keys, ...salts].map((name) => [name, `${name} of a test`])),
  };
  const lines = Object.entries(constants).map(([name, value]) => `define('${name}', ${JSON.stringify(value)});`);
  return `<?php\n${lines.join('\n')}\n$table_prefix = 'wp_';\nif (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');\nrequire_once ABSPATH . 'wp-settings.php';\n`;
};

/** The plugin as it is handed out: packed by the build. */
function unpackPlugin(folder: string): void {
  const project = path.dirname(pluginFolder);
  execFileSync(process.execPath, [path.join(project, 'server', 'bin', 'build-bridge.mjs')], { stdio: 'ignore' });
  const files = unzipSync(readFileSync(path.join(project, 'dist', 'bridge', 'stock-relay.zip')));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** A WordPress without WooCommerce, of Debian's package, in a folder and a database of its own. */
export class BareWordPress {
  private constructor(
    readonly root: string,
    readonly url: string,
    private readonly database: string,
    private readonly server: ChildProcess,
  ) {}

  static async start(): Promise<BareWordPress> {
    const root = mkdtempSync(path.join(tmpdir(), 'relay-wp-'));
    const url = `http://127.0.0.1:${await freePort()}`;
    const database = `relay_wp_${process.pid}_${Date.now()}`;
    cpSync(PACKAGED, root, {
      recursive: true,
      dereference: true,
      filter: (file) => !file.startsWith(path.join(PACKAGED, 'wp-content')),
    });
    for (const part of ['mu-plugins', 'plugins', 'uploads', 'themes/empty'])
      mkdirSync(path.join(root, 'wp-content', part), { recursive: true });
    writeFileSync(path.join(root, 'wp-content', 'themes', 'empty', 'style.css'), '/* Theme Name: Empty */');
    writeFileSync(path.join(root, 'wp-content', 'themes', 'empty', 'index.php'), 'home');
    unpackPlugin(path.join(root, 'wp-content', 'plugins'));
    writeFileSync(path.join(root, 'wp-config.php'), config(url, database));
    const mysql = await createConnection({ uri: MYSQL_URL });
    await mysql.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
    await mysql.end();
    const server = spawn('php', ['-S', new URL(url).host, '-t', root], {
      stdio: 'ignore',
      env: { ...process.env, PHP_CLI_SERVER_WORKERS: '4' },
      // Its workers are children of its own: they end together.
      detached: true,
    });
    const site = new BareWordPress(root, url, database, server);
    await php(
      root,
      `add_filter('pre_wp_mail', '__return_true'); require_once ABSPATH . 'wp-admin/includes/upgrade.php';
       wp_install('Bare', 'admin', 'admin@example.test', false, '', 'admin-password'); switch_theme('empty'); return null;`,
      { url, installing: true },
    );
    await eventually(async () => (await call(`${url}/wp-login.php`)).status === 200, 30_000, 200);
    return site;
  }

  run<T>(code: string): Promise<T> {
    return php<T>(this.root, code, { url: this.url });
  }

  /** Code that runs before the plugin in every request. */
  before(code: string): void {
    writeFileSync(path.join(this.root, 'wp-content', 'mu-plugins', 'test.php'), `<?php\n${code}\n`);
  }

  /** What PHP had to say of the plugin's code. */
  complaints(): string[] {
    const log = path.join(this.root, 'wp-content', 'debug.log');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
    return lines.filter((line) => /plugins\/stock-relay|StockRelay|stock_relay|Fatal error/.test(line));
  }

  async end(): Promise<void> {
    if (this.server.pid !== undefined) process.kill(-this.server.pid, 'SIGKILL');
    const mysql = await createConnection({ uri: MYSQL_URL });
    await mysql.query(`DROP DATABASE IF EXISTS \`${this.database}\``);
    await mysql.end();
    rmSync(this.root, { recursive: true, force: true });
  }
}

const escapes: Readonly<Record<string, string>> = { '&amp;': '&', '&#039;': "'", '&quot;': '"', '&#038;': '&' };
const unescaped = (text: string): string => text.replace(/&(?:amp|quot|#039|#038);/g, (found) => escapes[found] ?? found);

/** A person in wp-admin. */
export class WpAdmin {
  private cookies = new Map<string, string>();

  constructor(private readonly url: string) {}

  async logIn(user: string, password: string): Promise<void> {
    await this.post('/wp-login.php', { log: user, pwd: password, testcookie: '1' }, { wordpress_test_cookie: 'WP Cookie check' });
  }

  async get(place: string) {
    const answer = await call(this.url + place, { headers: { Cookie: this.cookieHeader() } });
    this.keep(answer.headers['set-cookie']);
    return answer;
  }

  async post(place: string, fields: Record<string, string>, extra: Record<string, string> = {}) {
    for (const [name, value] of Object.entries(extra)) this.cookies.set(name, encodeURIComponent(value));
    const answer = await call(this.url + place, {
      method: 'POST',
      headers: { Cookie: this.cookieHeader(), 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
    this.keep(answer.headers['set-cookie']);
    return answer;
  }

  /** The hidden and filled-in fields of the form that does a deed. */
  async form(place: string, deed: string): Promise<Record<string, string>> {
    const { text } = await this.get(place);
    const forms = text.split('<form').filter((part) => part.includes(`value="${deed}"`));
    const fields: Record<string, string> = {};
    for (const [, tag] of (forms[0] ?? '').split('</form>')[0]?.matchAll(/<input([^>]*)>/g) ?? []) {
      const name = /name="([^"]*)"/.exec(tag ?? '')?.[1];
      if (name !== undefined) fields[name] = unescaped(/value="([^"]*)"/.exec(tag ?? '')?.[1] ?? '');
    }
    return fields;
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(cookies: string | string[] | undefined): void {
    for (const cookie of [cookies ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined) this.cookies.set(name, value ?? '');
    }
  }
}
