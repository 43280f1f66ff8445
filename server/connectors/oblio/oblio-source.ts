import { z } from 'zod';
import type { Clock } from '../../domain/ports/clock';
import type { StockSource } from '../../domain/ports/stock-source';
import type { HttpClient } from '../../outbound/http-client';
import { askedOnly } from '../vendor-api/asked-only';
import { settingsReader } from '../vendor-api/read-settings';
import { failedCheck, passedChecks } from '../vendor-api/vendor-checks';
import { OblioCalls } from './oblio-calls';
import { createOblioPull } from './oblio-pull';
import { readWarehouses } from './oblio-warehouses';

const OBLIO_API = 'https://www.oblio.eu/api';

const settingsShape = z.object({
  email: z.string().trim().pipe(z.email('must be the e-mail address of the Oblio account')),
  secret: z.string().trim().min(1, 'is needed: Oblio > Setari > Date cont').max(300),
  cif: z
    .string()
    .trim()
    .regex(/^(?:RO)?\s*\d{2,10}$/i, 'must be the company’s CIF, such as RO12345678'),
});

/** Oblio: its levels are read by its API. What its webhooks say of a stock is documented nowhere. */
export function createOblioSource(http: HttpClient, apiUrl: string | undefined, clock: Clock): StockSource {
  const calls = new OblioCalls(http, apiUrl ?? OBLIO_API, clock);
  return {
    kind: 'oblio',
    readSettings: settingsReader(settingsShape),
    secretSettings: ['secret'],
    push: askedOnly('Oblio'),
    api: {
      test: async (settings, signal) => {
        try {
          return passedChecks((await readWarehouses(calls, settings, signal)).length);
        } catch (thrown) {
          return [
            failedCheck(thrown, {
              login: { id: 'vendor_login', code: 'login_refused_oblio' },
              refused: { id: 'vendor_company', code: 'company_refused' },
              limited: { id: 'vendor_address', code: 'rate_limited' },
            }),
          ];
        }
      },
      warehouses: (settings, signal) => readWarehouses(calls, settings, signal),
    },
    pull: createOblioPull(calls),
  };
}
