// Runs every suite. On a fresh clone it installs and builds first; what this machine lacks is named as skipped, and
// with CI=true a missing part is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buildBridge, buildPanel, buildServer, buildSupport, install, root } from '../server/bin/prepare.mjs';

install();
buildServer();
buildPanel();
buildBridge();
buildSupport();

const isCi = process.env.CI === 'true';
// Most suites wait for a database, a browser or another process: with one worker, two cores were half idle.
const workers = Math.max(2, availableParallelism() - 1);
const bin = (...parts) => path.join(root, 'node_modules', ...parts);
const chromium = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file && existsSync(file));

const listens = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
const mysqlPort = Number(new URL(process.env.TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/').port || 3306);
const redisPort = Number(new URL(process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379').port || 6379);

/** Whether a program can be run here. */
const has = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
const php = has('php');
const phpunit = php && has('phpunit');
const phpcs = php && has('phpcs');

const missing = [
  ...((await listens(mysqlPort))
    ? []
    : ['MariaDB (TEST_MYSQL_URL, default mysql://root@127.0.0.1:3306/): store suite and journeys on it']),
  ...((await listens(redisPort))
    ? []
    : ['Redis (TEST_REDIS_URL, default redis://127.0.0.1:6379): dispatchers and journeys of several processes']),
  ...(chromium ? [] : ['Chromium (CHROMIUM): the panel’s journeys']),
  ...(phpunit ? [] : ['PHP and PHPUnit (Debian: php-cli, phpunit): the WordPress plugin’s unit tests']),
  ...(phpcs ? [] : ['PHP_CodeSniffer (Debian: php-codesniffer): the WordPress plugin’s coding standard']),
  ...(php && existsSync('/usr/share/wordpress/wp-load.php')
    ? []
    : ['WordPress (Debian: wordpress, php-mysql): the plugin in a WordPress without WooCommerce']),
];
for (const part of missing) process.stdout.write(`${isCi ? 'MISSING' : 'skipped'}: ${part}\n`);
if (isCi && missing.length > 0) process.exit(1);

const js = (name, script, args) => [name, process.execPath, [script, ...args]];
const steps = [
  ...(phpcs
    ? [['coding standard of the plugin', 'phpcs', ['-q', '--standard=wp-bridge/phpcs.xml.dist', 'wp-bridge']]]
    : []),
  ...(phpunit ? [['units of the plugin', 'phpunit', ['-c', 'tests/wp-bridge/phpunit.xml.dist']]] : []),
  js('format', bin('prettier', 'bin', 'prettier.cjs'), ['--check', '.']),
  js('lint', bin('eslint', 'bin', 'eslint.js'), ['--config', '.config/eslint.config.mjs', '--max-warnings', '0', '.']),
  js('types of server and tests', bin('typescript', 'bin', 'tsc'), ['-p', 'tests/tsconfig.json']),
  js('types of the panel', bin('vue-tsc', 'bin', 'vue-tsc.js'), ['-p', 'admin-ui/tsconfig.json']),
  js(
    'suites',
    bin('jest', 'bin', 'jest.js'), // A handle that a browser or a server leaves open after its tests ended must not hold up the answer.
    ['--config', 'tests/jest.config.cjs', '--ci', '--forceExit', `--maxWorkers=${workers}`, ...process.argv.slice(2)],
  ),
];

const failed = [];
for (const [name, program, args] of steps) {
  process.stdout.write(`\n── ${name}\n`);
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(chromium ? { CHROMIUM: chromium } : {}) },
  });
  if (status !== 0) failed.push(name);
}
process.stdout.write(failed.length === 0 ? '\nAll green.\n' : `\nFailed: ${failed.join(', ')}\n`);
process.exit(failed.length === 0 ? 0 : 1);
