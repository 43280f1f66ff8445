import type { Page, PageRequest } from '../page';

export type SourceSettings = Readonly<Record<string, string>>;

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
  readonly lastRefusal: 'token_missing' | 'token_wrong' | null;
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

/** `own`: made by us and shown once. `vendor`: the account's own API token, which some systems send. */
export type TokenIssuer = 'own' | 'vendor';

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
  /** Every unexpired token of this issuer ends at `expiresAt` at the latest. */
  expireTokens(sourceId: number, issuer: TokenIssuer, expiresAt: number): Promise<void>;
  warehouses(sourceId: number): Promise<readonly Warehouse[]>;
}
