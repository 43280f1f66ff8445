import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { eventually } from './eventually';

const MAIN = path.resolve(__dirname, '..', '..', 'dist', 'server', 'main.js');

/** The built service as a process of its own, to be killed. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly exited: Promise<unknown>,
    private readonly said: () => string,
  ) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], PORT: '0', ALLOW_PRIVATE_NETWORK: 'true', LOG_LEVEL: 'warn', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    let said = '';
    child.stdout?.on('data', (chunk) => (said += String(chunk)));
    const url = await addressFrom(child);
    return new ServiceProcess(child, url, exited, () => said);
  }

  /** The token of the one-time link printed at the start. */
  setUpToken(): Promise<string> {
    return eventually(async () => /\/setup#token=([0-9a-f]+)/.exec(this.said())?.[1]);
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** As a service manager would end it; answers the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.exited;
    return this.child.exitCode;
  }
}

/** Runs the built service with settings it must refuse, and answers what it said. */
export async function runToExit(
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

function addressFrom(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: unknown): void => {
      said += String(chunk);
      const address = /Stock Relay is running: (\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}:\n${said}`)));
  });
}
