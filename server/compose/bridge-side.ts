import { AdmitBridgeCall } from '../application/admit-bridge-call';
import { CheckBridge } from '../application/check-bridge';
import { PairBridge } from '../application/pair-bridge';
import { TakeStockEvents } from '../application/take-stock-events';
import { WatchBridge } from '../application/watch-bridge';
import { Refusal } from '../domain/refusal';
import { randomTokens } from '../security/random-tokens';
import type { Ground } from './ground';
import type { SourceSide } from './source-side';

export type BridgeSide = ReturnType<typeof composeBridgeSide>;

/** The plugin a shop may have. Nothing depends on it. */
export function composeBridgeSide(
  { settings, clock, stores, outside, dispatcher }: Ground,
  { askForRun }: Pick<SourceSide, 'askForRun'>,
) {
  const { unit, shops, pairings, stockEvents, items, connections, ledger } = stores;
  const { bridge, bridgeSpeech: speech, guardBridge: guard } = outside;
  const takeStockEvents = new TakeStockEvents({
    unit,
    stockEvents,
    items,
    connections,
    ledger,
    laneSignal: dispatcher,
    clock,
    askForCheck: async (connectionId) => {
      try {
        await askForRun.start(connectionId, 'check', 'schedule');
      } catch (error) {
        // A run of the connection is under way, or asks somebody something.
        if (!(error instanceof Refusal)) throw error;
      }
    },
  });
  return {
    pairBridge: new PairBridge({
      shops,
      pairings,
      bridge,
      guard,
      speech,
      tokens: randomTokens,
      clock,
      publicUrl: settings.publicUrl,
    }),
    admitBridgeCall: new AdmitBridgeCall({ unit, pairings, speech, clock }),
    checkBridge: new CheckBridge({ pairings, bridge, guard, clock }),
    watchBridge: new WatchBridge({ pairings, bridge, guard, takeStockEvents, clock }),
    takeStockEvents,
  };
}
