// Plain JavaScript without dependencies: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const at = (...parts) => path.join(root, ...parts);

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) {
    process.stderr.write(`\n${command} ${args.join(' ')} failed.\n`);
    process.exit(status ?? 1);
  }
}

const digest = (text) => createHash('sha256').update(text).digest('hex');

function stampIs(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

function stamp(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** Installs the locked dependencies unless these very ones are installed. */
export function install() {
  const wanted = digest(readFileSync(at('package-lock.json')));
  const mark = at('node_modules', '.stock-relay-lock');
  if (stampIs(mark, wanted)) return;
  process.stderr.write('Installing dependencies (once) …\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  stamp(mark, wanted);
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(file);
    else yield file;
  }
}

/** What a build is made from, as one digest over names, sizes and contents. */
function digestOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    const list = statSync(at(source)).isDirectory() ? [...files(at(source))].sort() : [at(source)];
    for (const file of list)
      hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function build(name, sources, product, command, args) {
  const wanted = digestOf(['package-lock.json', ...sources]);
  const mark = at('dist', `.${name}-built-from`);
  if (existsSync(product) && stampIs(mark, wanted)) return;
  process.stderr.write(`Building the ${name} …\n`);
  run(command, args);
  stamp(mark, wanted);
}

const bin = (...parts) => at('node_modules', ...parts);

export function buildServer() {
  build('server', ['tsconfig.json', 'server', 'db'], at('dist', 'server', 'main.js'), process.execPath, [
    bin('typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.json',
  ]);
}

export function buildPanel() {
  build('panel', ['admin-ui', 'server/http/schemas'], at('dist', 'admin-ui', 'index.html'), process.execPath, [
    bin('vite', 'bin', 'vite.js'),
    'build',
    '--config',
    'admin-ui/vite.config.mts',
    '--logLevel',
    'warn',
  ]);
}

/** The WordPress plugin as a zip, which the service hands out. */
export function buildBridge() {
  build(
    'bridge',
    ['wp-bridge', 'server/bin/build-bridge.mjs'],
    at('dist', 'bridge', 'stock-relay.zip'),
    process.execPath,
    ['server/bin/build-bridge.mjs'],
  );
}

/** The simulators, the demo, the benchmarks and the fault suite, which a running service does not need. */
export function buildSupport() {
  build(
    'support',
    [
      'tsconfig.json',
      'tests/tsconfig.support.json',
      'server',
      'db',
      'tests/support',
      'tests/bench',
      'tests/faults',
      'tests/wp-bridge/support',
    ],
    at('dist', 'tests', 'support', 'demo.js'),
    process.execPath,
    [bin('typescript', 'bin', 'tsc'), '-p', 'tests/tsconfig.support.json'],
  );
}
