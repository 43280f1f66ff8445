import { startService } from './compose';
import { BadSettings, settingsOfThisProcess } from './config/settings';

const STOP_MS = 10_000;

async function main(): Promise<void> {
  const settings = settingsOfThisProcess();
  const service = await startService(settings);
  process.stdout.write(`\nStock Relay is running: ${settings.publicUrl ?? service.url}\n`);
  if (service.setUpLink !== null) process.stdout.write(`Create the first account: ${service.setUpLink}\n`);
  process.stdout.write('\n');

  const stop = (signal: NodeJS.Signals): void => {
    service.log.info({ event: 'stopping', signal }, 'stopping');
    // Whoever stops us waits only so long; a stop that hangs must not keep the database open.
    setTimeout(() => process.exit(1), STOP_MS).unref();
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        service.log.error({ event: 'stop_failed', err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const words = error instanceof BadSettings ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${words ?? 'unknown error'}\n`);
  process.exit(1);
});
