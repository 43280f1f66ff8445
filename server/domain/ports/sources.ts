import type { Page, PageRequest } from '../page';

export type SourceSettings = Readonly<Record<string, string>>;

/** Why the last call that was refused at the door was. */
export const PUSH_REFUSALS = ['token_missing', 'token_wrong', 'signature_missing', 'signature_wrong'] as const;
export type PushRefusal = (typeof PUSH_REFUSALS)[number];

export interface SourceToken {
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

export interface Source {
  readonly id: number;
  readonly sourceKey: string;
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly lastTestAt: number | null;
  readonly lastPushAt: number | null;
  readonly lastRefusedAt: number | null;
  readonly lastRefusal: PushRefusal | null;
  readonly tokens: readonly SourceToken[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface SourceDraft {
  readonly sourceKey: string;
  readonly name: string;
  readonly kind: string;
  readonly settings: SourceSettings;
}

export interface Warehouse {
  readonly id: number;
  readonly name: string;
  readonly lastSeenAt: number;
}

/**
 * `own`: made by us and shown once. `vendor`: the account's own API token, which some systems send. `address`: made by us
 * to stand in the address, and valid nowhere else: addresses end up in logs.
 */
export type TokenIssuer = 'own' | 'vendor' | 'address';

export interface SourceStore {
  list(request: PageRequest): Promise<Page<Source>>;
  find(id: number): Promise<Source | null>;
  /** The settings with their secrets in the clear. */
  settings(id: number): Promise<SourceSettings | null>;
  create(draft: SourceDraft, at: number): Promise<Source>;
  change(
    id: number,
    patch: { readonly name?: string; readonly enabled?: boolean; readonly settings?: SourceSettings },
    at: number,
  ): Promise<Source | null>;
  remove(id: number): Promise<boolean>;
  addToken(sourceId: number, token: { readonly hash: string; readonly issuer: TokenIssuer }, at: number): Promise<void>;
  /** Every unexpired token of this issuer ends at `expiresAt` at the latest, but for the one with this hash. */
  expireTokens(sourceId: number, issuer: TokenIssuer, expiresAt: number, except?: string): Promise<void>;
  removeToken(sourceId: number, hash: string): Promise<void>;
  warehouses(sourceId: number): Promise<readonly Warehouse[]>;
}
