export interface SecondFactor {
  /** Counts at log-in; null = not switched on. */
  readonly secret: string | null;
  /** Shown, and waiting for a code that proves it was taken down. */
  readonly pendingSecret: string | null;
  readonly confirmedAt: number | null;
}

/** The second thing people prove themselves by. Secrets are kept encrypted, recovery codes as digests. */
export interface SecondFactorStore {
  find(userId: number): Promise<SecondFactor | null>;
  keepPending(userId: number, secret: string): Promise<void>;
  /** The pending secret counts from now on; `step` is that of the code which proved it. */
  confirm(userId: number, step: number, at: number): Promise<void>;
  /** False where a code of this time step, or a later one, was taken before. */
  takeStep(userId: number, step: number): Promise<boolean>;
  /** With the recovery codes. */
  remove(userId: number): Promise<boolean>;
  replaceRecoveryCodes(userId: number, hashes: readonly string[]): Promise<void>;
  /** False where there is no such code, or not any more. */
  takeRecoveryCode(userId: number, hash: string): Promise<boolean>;
  countRecoveryCodes(userId: number): Promise<number>;
}

/** Codes by time, as authenticator apps show them (RFC 6238). */
export interface OneTimeCodes {
  newSecret(): string;
  /** What an app reads from a QR code. */
  uri(secret: string, account: string): string;
  /** The time step a code belongs to; null = it is none of now. */
  stepOf(secret: string, code: string, at: number): number | null;
}

/** Log-ins whose password was right and whose second factor is still due. */
export interface LoginChallengeStore {
  open(
    challenge: { readonly tokenHash: string; readonly userId: number; readonly expiresAt: number },
    at: number,
  ): Promise<void>;
  /** Counts a try and names whose it is; null = there is no such challenge, or no try left. */
  takeTry(tokenHash: string, most: number, at: number): Promise<number | null>;
  /** Of all challenges of this user since then. */
  countTries(userId: number, since: number): Promise<number>;
  /** False where it was closed before: a challenge opens one session. */
  close(tokenHash: string): Promise<boolean>;
  closeAllOf(userId: number): Promise<void>;
  removeBefore(at: number): Promise<number>;
}
