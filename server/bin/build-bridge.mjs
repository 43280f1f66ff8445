// Packs the WordPress plugin: the same files give the same zip, byte for byte.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { readPo, writeMo } from './translations.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const plugin = path.join(root, 'wp-bridge');
const packed = path.join(root, 'dist', 'bridge');

/** For developers, and nothing that WordPress needs. */
const LEFT_OUT = new Set(['README.md', 'phpcs.xml.dist', 'phpunit.xml.dist']);
/** A zip knows no time zone, and a build no clock. */
const LONG_AGO = new Date(1980, 0, 1, 0, 0, 0);

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(file);
    else if (!LEFT_OUT.has(entry.name) && !entry.name.startsWith('.')) yield file;
  }
}

const [, version] = /^ \* Version:\s+(\S+)$/m.exec(readFileSync(path.join(plugin, 'stock-relay.php'), 'utf8')) ?? [];
if (version === undefined) throw new Error('wp-bridge/stock-relay.php names no version');

const content = {};
for (const file of files(plugin)) {
  const name = `stock-relay/${path.relative(plugin, file).split(path.sep).join('/')}`;
  const pack = (as, data) => (content[as] = [data, { mtime: LONG_AGO, os: 3, attrs: 0o644 << 16 }]);
  pack(name, readFileSync(file));
  if (name.endsWith('.po')) pack(name.replace(/\.po$/, '.mo'), writeMo(readPo(readFileSync(file, 'utf8'))));
}
const zip = zipSync(content, { level: 9 });
mkdirSync(packed, { recursive: true });
for (const name of [`stock-relay-${version}.zip`, 'stock-relay.zip']) writeFileSync(path.join(packed, name), zip);
process.stdout.write(
  `dist/bridge/stock-relay-${version}.zip: ${Object.keys(content).length} files, ${zip.length} bytes\n`,
);
