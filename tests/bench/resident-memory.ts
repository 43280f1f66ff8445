import { readFileSync } from 'node:fs';

const SAMPLE_EVERY_MS = 100;

/** What the process holds in memory, in MB. */
const residentMegabytes = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
};

/** The most a process held in memory while it was looked at. */
export class ResidentMemory {
  private most = 0;
  private readonly sampling: NodeJS.Timeout;

  constructor(pid: number) {
    this.sampling = setInterval(() => (this.most = Math.max(this.most, residentMegabytes(pid))), SAMPLE_EVERY_MS);
  }

  /** In MB, since the last time it was asked. */
  take(): number {
    const { most } = this;
    this.most = 0;
    return most;
  }

  stop(): void {
    clearInterval(this.sampling);
  }
}
