import { startService } from '../../server/compose';
import { readSettings } from '../../server/config/settings';
import { QuickClock } from '../support/quick-clock';

// The service as main starts it, with a clock that runs faster: a lease of 15 s is over in 1.5 s. It is killed, never
// stopped.

async function main(): Promise<void> {
  const { CLOCK_BEGAN_AT, CLOCK_SPEED, ...environment } = process.env;
  const clock = new QuickClock(Number(CLOCK_BEGAN_AT), Number(CLOCK_SPEED));
  const service = await startService(readSettings(environment), { clock });
  process.stdout.write(`\nStock Relay is running: ${service.url}\n\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
