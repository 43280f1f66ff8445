import { z } from 'zod';
import type { Clock } from '../../domain/ports/clock';
import { knownByLevel } from '../../domain/order-rule';
import type { VendorCalls } from '../../domain/ports/vendor-calls';
import type { StockSource } from '../../domain/ports/stock-source';
import type { HttpClient } from '../../outbound/http-client';
import { secretText, settingsReader } from '../vendor-api/read-settings';
import { SmartbillApi } from './smartbill-api';
import { SmartbillCalls } from './smartbill-calls';
import { createSmartbillPull } from './smartbill-pull';
import { readSmartbillPush, smartbillLineMessage } from './smartbill-push';
import { smartbillForm } from './smartbill-form';

const settingsShape = z.strictObject({
  email: z.string().trim().pipe(z.email('must be the e-mail address of the SmartBill account')),
  apiToken: secretText.min(1, 'is needed: SmartBill Cloud > Contul Meu > Integrari > API'),
  vatCode: z
    .string()
    .trim()
    .regex(/^(?:RO)?\s*\d{2,10}$/i, 'must be the company’s CIF, such as RO12345678'),
});

/** SmartBill: pushes by its own protocol, and an API that names the warehouses. */
export function createSmartbillSource(
  http: HttpClient,
  apiUrl: string,
  clock: Clock,
  vendorCalls: Pick<VendorCalls, 'take'>,
): StockSource {
  const calls = new SmartbillCalls(http, apiUrl, clock, vendorCalls);
  const api = new SmartbillApi(calls);
  return {
    kind: 'smartbill',
    readSettings: settingsReader(settingsShape),
    form: smartbillForm,
    // A web order is invoiced later, and its level falls with the invoice.
    orders: knownByLevel(72),
    secretSettings: ['apiToken'],
    push: {
      acceptedStatus: 200,
      wrongTokenStatus: 403,
      sourceOffStatus: 400,
      tokenIgnoresCase: true,
      vendorToken: (settings) => settings['apiToken'] ?? null,
      read: (push) => ({ says: 'levels', lines: readSmartbillPush(push) }),
      messageFor: smartbillLineMessage,
      refusals: {
        sourceOff: 'Sincronizarea stocului este oprita. Porneste sursa in Stock Relay.',
        missingToken: 'Autentificare esuata: nu a ajuns niciun token. Un proxy poate sa fi scos antetul Authorization.',
        wrongToken:
          'Autentificare esuata. Asigura-te ca tokenul si adresa sunt cele din pagina sursei din Stock Relay.',
      },
    },
    api,
    pull: createSmartbillPull(calls, clock),
  };
}
