/** What the processes that share a database agree on through it. */
export interface ClusterStore {
  /** The same for every process on this database, and no other's. */
  installationId(): Promise<string>;
  /** True for one caller only, and never for a moment before one that was claimed: who gets it runs the schedule. */
  claimMoment(schedule: string, moment: number): Promise<boolean>;
}
