import { spawn } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** Run from the sources or from `dist`: the plugin is beside whichever folder above has it. */
function findPlugin(folder: string): string {
  const plugin = path.join(folder, 'wp-bridge');
  return existsSync(path.join(plugin, 'stock-relay.php')) ? plugin : findPlugin(path.dirname(folder));
}

export const pluginFolder = findPlugin(__dirname);

export interface PhpOptions {
  url?: string;
  installing?: boolean;
}

export interface PhpEnd {
  code: number | null;
  signal: string | null;
  output: string;
  errors: string;
}

/** Runs PHP inside a WordPress, without a web server; `$_SERVER` says HTTPS so that addresses come out as they are. */
export function runPhp(root: string, code: string, { url = 'https://127.0.0.1', installing = false }: PhpOptions = {}): Promise<PhpEnd> {
  const { host, protocol } = new URL(url);
  const opening = [
    `$_SERVER['HTTP_HOST'] = ${JSON.stringify(host)};`,
    protocol === 'https:' ? `$_SERVER['HTTPS'] = 'on';` : '',
    `$_SERVER['REQUEST_METHOD'] = 'GET'; $_SERVER['REQUEST_URI'] = '/';`,
    installing ? `define('WP_INSTALLING', true);` : '',
    `require ${JSON.stringify(path.join(root, 'wp-load.php'))};`,
    `require_once ABSPATH . 'wp-admin/includes/plugin.php';`,
    installing ? '' : `wp_set_current_user(1);`,
  ].join('\n');
  return new Promise((resolve, reject) => {
    const child = spawn('php', ['-d', 'memory_limit=512M', '-d', 'display_errors=stderr'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString('utf8')));
    child.stderr.on('data', (part: Buffer) => (errors += part.toString('utf8')));
    child.on('error', reject);
    child.on('close', (exit, signal) => resolve({ code: exit, signal, output, errors }));
    child.stdin.end(`<?php\n${opening}\n${code}\n`);
  });
}

/** Runs PHP that returns a value, and gives that value. */
export async function php<T>(root: string, code: string, options: PhpOptions = {}): Promise<T> {
  const body = `echo "\\n@@" . wp_json_encode((static function () { global $wpdb; ${code} })());`;
  const end = await runPhp(root, body, options);
  const at = end.output.lastIndexOf('\n@@');
  if (end.code !== 0 || at < 0) throw new Error(`PHP failed (${end.code ?? end.signal}): ${end.errors}${end.output}`);
  return JSON.parse(end.output.slice(at + 3)) as T;
}

export function linkPlugin(root: string): void {
  const place = path.join(root, 'wp-content', 'plugins', 'stock-relay');
  if (!existsSync(place)) symlinkSync(pluginFolder, place);
}
