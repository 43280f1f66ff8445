import type { Page, PageRequest } from '../page';
import type { Role } from '../role';

/** A one-time link: `join` makes an account, `reset` sets a new password. */
export interface AccessLink {
  readonly id: number;
  readonly kind: 'join' | 'reset';
  /** Whose password is set anew; null for somebody new. */
  readonly userId: number | null;
  readonly email: string;
  readonly role: Role;
  readonly issuedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Links are found by the hash of their token. */
export interface AccessLinkStore {
  /** Voids what was issued for the same purpose and address before. */
  issue(link: Omit<AccessLink, 'id' | 'createdAt'> & { readonly tokenHash: string }, at: number): Promise<AccessLink>;
  find(tokenHash: string, at: number): Promise<AccessLink | null>;
  findById(id: number): Promise<AccessLink | null>;
  /** Invitations that were not taken up, those that have run out too. */
  listInvitations(page: PageRequest): Promise<Page<AccessLink>>;
  /** False where it was used or revoked before. */
  remove(id: number): Promise<boolean>;
  removeExpired(before: number): Promise<number>;
}
