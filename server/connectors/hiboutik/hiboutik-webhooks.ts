import type { SourceSettings } from '../../domain/ports/sources';
import { textOf } from '../push-body/text-of';
import { leadToSameSource, requireHttps } from '../vendor-api/call-address';
import type { HiboutikAsk, HiboutikCalls } from './hiboutik-calls';
import { tellsCashier } from './hiboutik-settings';

const LABEL = 'Stock Relay';
/** Sales and returns; products added, changed, deleted; goods received and counts validated. Transfers have none. */
const ACTIONS = ['sale', 'product', 'stock_order'] as const;
const ASK: HiboutikAsk = { right: 'keep webhooks; give that user the right to the settings' };

/** Has Hiboutik call this address. The new webhooks stand before the old are removed: no sale falls in between. */
export async function subscribeToHiboutik(
  calls: HiboutikCalls,
  settings: SourceSettings,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  requireHttps(address, 'Hiboutik');
  const before = await calls.all(settings, '/webhooks', signal, ASK);
  for (const action of ACTIONS) {
    // Waited for at the till, so only where the cashier is to see the answer.
    const isAsync = !(action === 'sale' && tellsCashier(settings));
    const form = {
      webhook_label: `${LABEL} (${action})`,
      webhook_url: address,
      webhook_action: action,
      webhook_app_id_int: '0',
      webhook_async: isAsync ? '1' : '0',
    };
    await calls.create(settings, '/webhooks', form, signal, ASK);
  }
  for (const webhook of before) {
    const id = textOf(webhook['webhook_id']);
    const url = textOf(webhook['webhook_url']);
    const isOurs = textOf(webhook['webhook_label']).startsWith(LABEL) && (url === '' || leadToSameSource(url, address));
    if (isOurs && /^\d+$/.test(id)) await calls.remove(settings, `/webhooks/${id}`, signal, ASK);
  }
}
