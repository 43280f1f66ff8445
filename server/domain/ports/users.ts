import type { Page, PageRequest } from '../page';
import type { Role } from '../role';

export type { Role };

export interface User {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly language: string;
}

/** A user as the list of people shows them. */
export interface Person extends User {
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
  readonly hasSecondFactor: boolean;
}

export interface UserStore {
  any(): Promise<boolean>;
  find(id: number): Promise<User | null>;
  /** With the password's hash, for checking only. */
  findByEmail(email: string): Promise<(User & { readonly passwordHash: string }) | null>;
  passwordHashOf(id: number): Promise<string | null>;
  create(draft: Omit<User, 'id'> & { readonly passwordHash: string }, at: number): Promise<User>;
  list(page: PageRequest): Promise<Page<Person>>;
  findPerson(id: number): Promise<Person | null>;
  /** Inside a unit: the owners, who stay as they are until it has ended. */
  holdOwners(): Promise<readonly number[]>;
  change(id: number, to: Partial<Pick<User, 'role' | 'language'> & { readonly passwordHash: string }>): Promise<void>;
  /** With sessions, tokens and everything else that lets them in. */
  remove(id: number): Promise<boolean>;
}

export interface Session {
  readonly id: number;
  readonly user: User;
  readonly hasSecondFactor: boolean;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** A session as its owner sees it. */
export interface SessionRecord {
  readonly id: number;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
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
  /** Its user was here. */
  touch(session: Session, at: number): Promise<void>;
  close(tokenHash: string): Promise<void>;
  /** Those that still count, latest first. */
  listOf(userId: number, at: number): Promise<readonly SessionRecord[]>;
  closeOne(userId: number, id: number): Promise<boolean>;
  /** All of a user's, but perhaps one. */
  closeAllOf(userId: number, but: number | null): Promise<number>;
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
