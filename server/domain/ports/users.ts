export type Role = 'owner' | 'operator' | 'viewer';

export interface User {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly language: string;
}

export interface UserStore {
  any(): Promise<boolean>;
  find(id: number): Promise<User | null>;
  /** With the password's hash, for checking only. */
  findByEmail(email: string): Promise<(User & { readonly passwordHash: string }) | null>;
  create(draft: Omit<User, 'id'> & { readonly passwordHash: string }, at: number): Promise<User>;
}

export interface Session {
  readonly id: number;
  readonly user: User;
  readonly expiresAt: number;
}

/** Sessions are found by the hash of their token: a stolen table logs nobody in. */
export interface SessionStore {
  open(
    session: {
      readonly tokenHash: string;
      readonly userId: number;
      readonly userAgent: string | null;
      readonly expiresAt: number;
    },
    at: number,
  ): Promise<void>;
  find(tokenHash: string, at: number): Promise<Session | null>;
  close(tokenHash: string): Promise<void>;
  closeExpired(at: number): Promise<number>;
}

/** Named values of the service itself, such as the hash of the one-time set-up token. */
export interface AppSettingStore {
  read(name: string): Promise<string | null>;
  write(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Slow, salted hashes for what people choose themselves. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/** Random tokens (at least 128 bits) and their digests. */
export interface Tokens {
  /** 256 bits in lower-case hex: some senders lower-case what they are given. */
  random(): string;
  /** SHA-256 in hex; enough for random tokens, never for passwords. */
  digest(text: string): string;
}
