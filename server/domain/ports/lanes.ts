import type { Circuit } from '../circuit';
import type { Pace } from '../pace';
import type { LaneLease } from './sync-items';

/** One lane per shop: whoever holds its lease alone talks to that shop. */
export interface LaneStore {
  /** Takes the lane if it is free, ours, or its lease has run out. `tookOver` tells that somebody else held it before. */
  take(
    shopId: number,
    owner: string,
    at: number,
    leaseUntil: number,
  ): Promise<(LaneLease & { readonly tookOver: boolean }) | null>;
  /** False when the lane was taken over meanwhile. */
  renew(lease: LaneLease, leaseUntil: number): Promise<boolean>;
  release(lease: LaneLease): Promise<void>;
  /** Frees every lane: only for a database that one process alone can open, when that process starts. */
  freeAll(): Promise<void>;
  circuit(shopId: number): Promise<Circuit>;
  pace(shopId: number): Promise<Pace>;
  savePace(shopId: number, pace: Pace): Promise<void>;
  saveCircuit(shopId: number, circuit: Circuit, at: number): Promise<void>;
}
