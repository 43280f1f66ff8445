import type { Clock } from '../../domain/ports/clock';
import { knownByLevel } from '../../domain/order-rule';
import type { StockSource } from '../../domain/ports/stock-source';
import type { VendorCalls } from '../../domain/ports/vendor-calls';
import { LINE_REFUSALS } from '../push-body/line-messages';
import { settingsReader } from '../vendor-api/read-settings';
import type { HttpClient } from '../../outbound/http-client';
import { HiboutikCalls } from './hiboutik-calls';
import { createHiboutikChecks } from './hiboutik-checks';
import { HiboutikProducts } from './hiboutik-products';
import { createHiboutikPull } from './hiboutik-pull';
import { readHiboutikPush } from './hiboutik-push';
import { hiboutikReply } from './hiboutik-reply';
import { createHiboutikReread } from './hiboutik-reread';
import { allowanceOf, hiboutikSettings } from './hiboutik-settings';
import { hiboutikSignature } from './hiboutik-signature';
import { HiboutikWarehouses } from './hiboutik-warehouses';
import { subscribeToHiboutik } from './hiboutik-webhooks';
import { hiboutikForm } from './hiboutik-form';

/** Hiboutik: its webhooks name what was sold, changed or received, and the levels are read by its API. */
export function createHiboutikSource(
  http: HttpClient,
  apiUrl: string | undefined,
  clock: Clock,
  vendorCalls: VendorCalls,
): StockSource {
  const calls = new HiboutikCalls(http, apiUrl, clock, vendorCalls);
  const warehouses = new HiboutikWarehouses(calls, clock);
  const products = new HiboutikProducts(calls, clock);
  return {
    kind: 'hiboutik',
    readSettings: settingsReader(hiboutikSettings),
    form: hiboutikForm,
    // Its plugin for shops enters web orders at once.
    orders: knownByLevel(24),
    secretSettings: ['apiKey', 'webhookSecret'],
    push: {
      acceptedStatus: 200,
      wrongTokenStatus: 403,
      sourceOffStatus: 409,
      tokenIgnoresCase: false,
      vendorToken: () => null,
      secretInAddress: () => true,
      signature: hiboutikSignature,
      read: readHiboutikPush,
      reply: hiboutikReply,
      messageFor: ({ refused }) => (refused ? LINE_REFUSALS[refused.refusal] : undefined),
      refusals: {
        sourceOff: 'This source is switched off in Stock Relay.',
        wrongToken: 'The secret in the address is missing or wrong. Copy the address again from the source’s page.',
        wrongSignature:
          'X-Hiboutik-Hmac-SHA256 is missing or wrong. Enter the webhook’s secret again on the source’s page.',
      },
    },
    api: {
      test: createHiboutikChecks(calls, warehouses),
      warehouses: async (settings, signal) => (await warehouses.read(settings, signal)).map(({ name }) => name),
      subscribe: (settings, address, signal) => subscribeToHiboutik(calls, settings, address, signal),
      budget: allowanceOf,
    },
    pull: createHiboutikPull(calls, warehouses, products),
    reread: createHiboutikReread(calls, warehouses, products),
  };
}
