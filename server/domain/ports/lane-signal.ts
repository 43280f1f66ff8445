/** Tells whoever works the lanes that something is due. A lost announcement costs time, never a change: a sweep finds it. */
export interface LaneSignal {
  announce(shopIds: Iterable<number>): void;
}
