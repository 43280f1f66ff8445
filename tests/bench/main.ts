import { benchAccepting } from './accepting';
import { benchBacklog } from './backlog';
import { benchBridge } from './bridge';
import { benchCatalogue } from './catalogue';
import { benchChecking } from './checking';
import { benchDelivering } from './delivering';
import { benchLatency } from './latency';
import { benchOrders } from './orders';
import { benchPanel } from './panel';
import { report } from './report';

/** Each bench by its name; `npm run bench -- accepting` runs that one alone. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  accepting: benchAccepting,
  delivering: benchDelivering,
  latency: benchLatency,
  backlog: benchBacklog,
  catalogue: benchCatalogue,
  checking: benchChecking,
  panel: benchPanel,
  bridge: benchBridge,
  orders: benchOrders,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2).filter((name) => !name.startsWith('-'));
  const unknown = asked.filter((name) => !(name in benches));
  if (unknown.length > 0)
    throw new Error(`No such bench: ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`);
  for (const [name, run] of Object.entries(benches)) {
    if (asked.length === 0 || asked.includes(name)) await run();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    report({ name: 'failed', value: 0, unit: error instanceof Error ? error.message : String(error), n: 0 });
    process.exit(1);
  },
);
