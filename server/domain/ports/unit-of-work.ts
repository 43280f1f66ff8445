/** One transaction: everything inside is kept, or nothing. Units nest by joining the outer one. */
export interface UnitOfWork {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}
