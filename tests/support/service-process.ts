import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './eventually';

const ROOT = path.resolve(__dirname, '..', '..');
/** What was built: this file's own neighbours where it was built itself. */
const BUILT = existsSync(path.join(ROOT, 'server', 'main.js')) ? ROOT : path.join(ROOT, 'dist');
const MAIN = path.join(BUILT, 'server', 'main.js');

/** The built service as a process of its own, to be killed. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly exited: Promise<unknown>,
    private readonly said: () => string,
  ) {}

  /** `main` names another program to run, from the root of what was built. */
  static async start(environment: Readonly<Record<string, string>>, main?: string): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [main === undefined ? MAIN : path.join(BUILT, main)], {
      env: { PATH: process.env['PATH'], PORT: '0', ALLOW_PRIVATE_NETWORK: 'true', LOG_LEVEL: 'warn', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    let said = '';
    child.stdout?.on('data', (chunk) => (said += String(chunk)));
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    const url = await addressFrom(child);
    return new ServiceProcess(child, url, exited, () => said);
  }

  /** The token of the one-time link printed at the start. */
  setUpToken(): Promise<string> {
    return eventually(async () => /\/setup#token=([0-9a-f]+)/.exec(this.said())?.[1]);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('Not started');
    return this.child.pid;
  }

  /** Every line of the log so far that is whole, parsed. */
  logged(): readonly unknown[] {
    const lines = this.said().split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line));
  }

  /** Everything it has printed. */
  get output(): string {
    return this.said();
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** As a machine that swaps or a debugger would hold it: it does nothing, and does not know it. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
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
