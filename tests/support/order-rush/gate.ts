/** Where many come and go, and somebody may have them all wait outside for a moment. */
export class Gate {
  private inside = 0;
  private opened: Promise<void> | null = null;
  private open: () => void = () => undefined;
  private emptied: () => void = () => undefined;

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.opened) await this.opened;
    this.inside++;
    try {
      return await work();
    } finally {
      this.inside--;
      if (this.inside === 0) this.emptied();
    }
  }

  /** Nobody is inside while the work is done. */
  async whileEmpty<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.opened) await this.opened;
    this.opened = new Promise((resolve) => (this.open = resolve));
    try {
      if (this.inside > 0) await new Promise<void>((resolve) => (this.emptied = resolve));
      return await work();
    } finally {
      this.opened = null;
      this.open();
    }
  }
}
