import type { SourceSettings } from '../../domain/ports/sources';
import type { SourceCheck, StockSource } from '../../domain/ports/stock-source';
import { failedCheck, passedChecks } from '../vendor-api/vendor-checks';
import type { HiboutikCalls } from './hiboutik-calls';
import { allowanceOf } from './hiboutik-settings';
import type { HiboutikWarehouses } from './hiboutik-warehouses';

export const createHiboutikChecks =
  (calls: HiboutikCalls, warehousesOf: HiboutikWarehouses): NonNullable<StockSource['api']>['test'] =>
  async (settings, signal) => {
    try {
      const warehouses = await warehousesOf.read(settings, signal);
      const used = callsCheck(settings, await calls.used(settings));
      return passedChecks(warehouses.length).map((check) => (check.id === used.id ? used : check));
    } catch (thrown) {
      return [
        failedCheck(thrown, {
          login: { id: 'vendor_login', code: 'login_refused_hiboutik' },
          refused: { id: 'vendor_login', code: 'rights_missing' },
          limited: { id: 'vendor_address', code: 'calls_used_up' },
        }),
      ];
    }
  };

/** That it answers, and how many of the month's calls are used; from four fifths on, somebody should look. */
function callsCheck(settings: SourceSettings, used: number): SourceCheck {
  const { most } = allowanceOf(settings);
  const isMany = used * 5 > most * 4;
  return {
    id: 'vendor_address',
    ok: true,
    severity: isMany ? 'warning' : 'info',
    code: isMany ? 'calls_nearly_used' : 'calls_used',
    params: { used, most },
  };
}
