import { listWarehouses } from '../api/sources';
import { useLive } from './useLive';

/** Named by the vendor or seen in a push; asked for rarely, since the vendor's own API answers. */
export const useWarehouses = (sourceId: () => number) =>
  useLive((signal) => listWarehouses(sourceId(), signal), { everyMs: 30_000 });
