import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverAnswers } from './databases';
import { eventually } from './eventually';

export const REDIS_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

const isCi = process.env['CI'] === 'true';

/** Declares the tests if Redis answers; if not, they are named as skipped, and fail where CI=true. */
export function whenRedisAnswers(declare: () => void): void {
  if (isCi || serverAnswers(REDIS_URL, 6379)) declare();
  else it.skip('needs a Redis server (TEST_REDIS_URL)', () => undefined);
}

/** The same for tests that end a Redis server of their own. */
export function whenRedisCanBeStarted(declare: () => void): void {
  if (isCi || hasRedisServer()) declare();
  else it.skip('needs the program redis-server', () => undefined);
}

function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A Redis server of the test's own, to be killed. It keeps nothing. */
export class OwnRedis {
  private server: ChildProcess | null = null;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-redis-'));

  private constructor(private readonly port: number) {}

  /** An address where nothing listens until `start`. */
  static async notStarted(): Promise<OwnRedis> {
    return new OwnRedis(await freePort());
  }

  static async started(): Promise<OwnRedis> {
    const redis = await OwnRedis.notStarted();
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.folder];
    this.server = spawn('redis-server', ['--port', String(this.port), ...settings], { stdio: 'ignore' });
    await eventually(() => this.answers());
  }

  async kill(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
      socket.once('data', (answer) => {
        socket.destroy();
        resolve(String(answer).startsWith('+PONG'));
      });
      socket.once('error', () => resolve(false));
    });
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
