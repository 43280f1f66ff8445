import type { Settings } from '../config/settings';
import { createGenericSource } from '../connectors/generic/generic-source';
import { createHiboutikSource } from '../connectors/hiboutik/hiboutik-source';
import { createOblioSource } from '../connectors/oblio/oblio-source';
import { createSourceRegistry } from '../connectors/registry';
import { createSmartbillSource } from '../connectors/smartbill/smartbill-source';
import { createBridgedCatalogue } from '../connectors/woocommerce/bridged-catalogue';
import { createBridgedShopTarget } from '../connectors/woocommerce/bridged-shop-target';
import { bridgeSpeech } from '../connectors/woocommerce/bridge-speech';
import { createWooCommerceCatalogue } from '../connectors/woocommerce/list-catalogue';
import { createWooCommerceOrders } from '../connectors/woocommerce/read-orders';
import { createWooCommerceBridge } from '../connectors/woocommerce/woocommerce-bridge';
import { createWooCommerceShopTarget } from '../connectors/woocommerce/woocommerce-shop-target';
import { createWooCommerceWebhooks } from '../connectors/woocommerce/woocommerce-webhooks';
import type { Clock } from '../domain/ports/clock';
import type { BridgeGuard } from '../domain/ports/shop-bridge';
import type { VendorCalls } from '../domain/ports/vendor-calls';
import { sourceKinds } from '../http/schemas/sources';
import { createHttpClient, type HttpCall } from '../outbound/http-client';
import { version } from '../version';

export type Outside = ReturnType<typeof composeOutside>;

/** The outside: vendors and shops. */
export function composeOutside(
  settings: Settings,
  clock: Clock,
  vendorCalls: VendorCalls,
  guardBridge: BridgeGuard,
  onCall: (call: HttpCall) => void,
) {
  const http = createHttpClient({ allowPrivateNetwork: settings.allowPrivateNetwork, clock, onCall });
  const toWooCommerce = { http, clock, version };
  return {
    bridge: createWooCommerceBridge(toWooCommerce),
    bridgeSpeech,
    guardBridge,
    target: createBridgedShopTarget(createWooCommerceShopTarget(toWooCommerce), toWooCommerce, guardBridge),
    webhooks: createWooCommerceWebhooks(toWooCommerce),
    catalogue: createBridgedCatalogue(createWooCommerceCatalogue(toWooCommerce), toWooCommerce, guardBridge),
    orders: createWooCommerceOrders(toWooCommerce),
    sources: createSourceRegistry(sourceKinds, [
      createGenericSource(http, clock),
      createSmartbillSource(http, settings.smartbillApiUrl, clock, vendorCalls),
      createHiboutikSource(http, settings.hiboutikApiUrl, clock, vendorCalls),
      createOblioSource(http, settings.oblioApiUrl, clock),
    ]),
    close: () => http.close(),
  };
}
