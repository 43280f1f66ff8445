import { z } from 'zod';
import type { Clock } from '../../domain/ports/clock';
import type { StockSource } from '../../domain/ports/stock-source';
import type { HttpClient } from '../../outbound/http-client';
import { askedOnly } from '../vendor-api/asked-only';
import { settingsReader } from '../vendor-api/read-settings';
import { failedCheck, passedChecks } from '../vendor-api/vendor-checks';
import { HiboutikCalls } from './hiboutik-calls';
import { createHiboutikPull } from './hiboutik-pull';
import { readWarehouses } from './hiboutik-warehouses';

const settingsShape = z.object({
  account: z
    .string()
    .trim()
    .toLowerCase()
    .regex(
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'must be the first part of the address alone: "myshop" for https://myshop.hiboutik.com',
    ),
  user: z.string().trim().min(1, 'is needed: the user’s e-mail address, see Settings > API').max(300),
  apiKey: z.string().trim().min(1, 'is needed: Settings > API').max(300),
});

/** Hiboutik: its levels are read by its API. Its webhooks name products without their stock. */
export function createHiboutikSource(http: HttpClient, apiUrl: string | undefined, clock: Clock): StockSource {
  const calls = new HiboutikCalls(http, apiUrl, clock);
  return {
    kind: 'hiboutik',
    readSettings: settingsReader(settingsShape),
    secretSettings: ['apiKey'],
    push: askedOnly('Hiboutik'),
    api: {
      test: async (settings, signal) => {
        try {
          return passedChecks((await readWarehouses(calls, settings, signal)).length);
        } catch (thrown) {
          return [
            failedCheck(thrown, {
              login: { id: 'vendor_login', code: 'login_refused_hiboutik' },
              refused: { id: 'vendor_login', code: 'rights_missing' },
              limited: { id: 'vendor_address', code: 'calls_used_up' },
            }),
          ];
        }
      },
      warehouses: async (settings, signal) => (await readWarehouses(calls, settings, signal)).map(({ name }) => name),
    },
    pull: createHiboutikPull(calls),
  };
}
