import type { Page, PageRequest } from '../page';

export type ActorKind = 'person' | 'token' | 'admin_token' | 'nobody';

/** One changing call, or one try to get in. */
export interface AuditEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: {
    readonly kind: ActorKind;
    readonly userId: number | null;
    /** E-mail address; of nobody, the one that was tried. */
    readonly name: string;
    readonly tokenName: string | null;
  };
  /** Of the caller. */
  readonly address: string | null;
  /** Stable names with a dot, such as shops.change. */
  readonly action: string;
  readonly outcome: 'done' | 'refused';
  readonly reason: string | null;
  readonly object: { readonly kind: string; readonly id: number | null; readonly name: string | null } | null;
  /** Names only: values may be secrets. */
  readonly fields: readonly string[];
}

export interface AuditFilter {
  /** A part of the actor's name. */
  readonly who: string | null;
  /** An action, or the first part of its name. */
  readonly action: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

export interface AuditStore {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>;
  removeBefore(at: number, most: number): Promise<number>;
}
