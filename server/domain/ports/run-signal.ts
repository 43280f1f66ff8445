/** Tells whoever works the runs that one may go on. A lost announcement costs a second: they are looked for all the time. */
export interface RunSignal {
  announce(): void;
}
