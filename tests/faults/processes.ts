import { ADMIN_TOKEN } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';

/** How much faster the clock of the processes runs than the machine's: a lease is over in 1.5 s. */
export const SPEED = 10;

const APP_KEY = Buffer.alloc(32, 9).toString('base64');

/** Starts processes of one installation that share a time. */
export class Processes {
  private readonly clock: Readonly<Record<string, string>>;

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    beganAt: number,
  ) {
    this.clock = { CLOCK_BEGAN_AT: String(beganAt), CLOCK_SPEED: String(SPEED) };
  }

  /** With the quick clock. */
  start(more: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    return ServiceProcess.start({ ...this.common(), ...this.clock, ...more }, 'tests/faults/service-main.js');
  }

  /** As it is run by its owner, with the machine's clock. */
  startAsShipped(): Promise<ServiceProcess> {
    return ServiceProcess.start(this.common());
  }

  private common(): Record<string, string> {
    return { ADMIN_TOKEN, APP_KEY, ...this.environment };
  }
}

const TOLD_BY_ITSELF = /"event":"(lane_failed|unforeseen|sweep_failed)".*/g;

/** What a process said of itself that it should not have had to. */
export function complaintsOf(service: ServiceProcess): string[] {
  const told = [...service.output.matchAll(TOLD_BY_ITSELF)].map(([line]) => `The service logged ${line.slice(0, 400)}`);
  return told.slice(0, 3);
}
