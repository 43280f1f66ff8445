import { z } from 'zod';
import type { Clock } from '../../domain/ports/clock';
import { knownByLevel } from '../../domain/order-rule';
import type { StockSource } from '../../domain/ports/stock-source';
import { LINE_REFUSALS } from '../push-body/line-messages';
import { secretText, settingsReader } from '../vendor-api/read-settings';
import { failedCheck, passedChecks } from '../vendor-api/vendor-checks';
import type { HttpClient } from '../../outbound/http-client';
import { OblioCalls } from './oblio-calls';
import { createOblioPull } from './oblio-pull';
import { readOblioPush } from './oblio-push';
import { oblioReply } from './oblio-reply';
import { createOblioReread } from './oblio-reread';
import { readWarehouses } from './oblio-warehouses';
import { subscribeToOblio } from './oblio-webhooks';
import { oblioForm } from './oblio-form';

const OBLIO_API = 'https://www.oblio.eu/api';

const settingsShape = z.strictObject({
  email: z.string().trim().pipe(z.email('must be the e-mail address of the Oblio account')),
  secret: secretText.min(1, 'is needed: Oblio > Setari > Date cont'),
  cif: z
    .string()
    .trim()
    .regex(/^(?:RO)?\s*\d{2,10}$/i, 'must be the company’s CIF, such as RO12345678'),
});

/** Oblio: its webhooks tell that a stock changed, and the levels are read by its API. */
export function createOblioSource(http: HttpClient, apiUrl: string | undefined, clock: Clock): StockSource {
  const calls = new OblioCalls(http, apiUrl ?? OBLIO_API, clock);
  return {
    kind: 'oblio',
    readSettings: settingsReader(settingsShape),
    form: oblioForm,
    // A web order is invoiced later, and its level falls with the invoice.
    orders: knownByLevel(72),
    secretSettings: ['secret'],
    push: {
      acceptedStatus: 200,
      wrongTokenStatus: 403,
      sourceOffStatus: 409,
      tokenIgnoresCase: false,
      vendorToken: () => null,
      secretInAddress: () => true,
      read: readOblioPush,
      reply: oblioReply,
      messageFor: ({ refused }) => (refused ? LINE_REFUSALS[refused.refusal] : undefined),
      refusals: {
        sourceOff: 'This source is switched off in Stock Relay.',
        wrongToken: 'The secret in the address is missing or wrong. Copy the address again from the source’s page.',
      },
    },
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
      subscribe: (settings, address, signal) => subscribeToOblio(calls, settings, address, signal),
    },
    pull: createOblioPull(calls),
    reread: createOblioReread(calls),
  };
}
