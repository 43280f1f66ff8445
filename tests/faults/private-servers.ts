import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually';

const run = promisify(execFile);

/** Why a program cannot be had here; null = it can. */
export const missingProgram = (name: string): string | null =>
  spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined ? null : `${name} is not installed`;

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** A server of our own in a folder of its own, to be killed and started again. */
export class PrivateServer {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    readonly port: number,
    private readonly args: readonly string[],
  ) {}

  static async mariadb(): Promise<PrivateServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-mariadb-'));
    const data = path.join(folder, 'data');
    const user = `--user=${userInfo().username}`;
    const normal = '--auth-root-authentication-method=normal';
    await run('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, normal, '--skip-test-db', user]);
    const port = await freePort();
    const server = new PrivateServer('mariadbd', folder, port, [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${path.join(folder, 's.sock')}`,
      user,
    ]);
    await server.start();
    return server;
  }

  static async redis(): Promise<PrivateServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-redis-'));
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const server = new PrivateServer('redis-server', folder, port, args);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(this.program, [...this.args], { stdio: 'ignore' });
    this.child = child;
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${this.program} ended with ${child.exitCode}`);
      return answers(this.port);
    }, 60_000);
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
