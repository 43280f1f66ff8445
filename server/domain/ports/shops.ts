import type { Circuit } from '../circuit';
import type { QuietHours } from '../quiet-hours';
import type { Page, PageRequest } from '../page';
import type { ShopAccess, ShopAuthentication, ShopCheck, ShopRouteStyle } from './shop-target';

export interface ShopTestRecord {
  readonly ok: boolean;
  readonly testedAt: number;
  readonly checks: readonly ShopCheck[];
}

/** A WooCommerce store as we know it, without its secrets. */
export interface Shop {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly consumerKeyHint: string;
  readonly verifyTls: boolean;
  readonly allowQueryKeys: boolean;
  readonly authentication: ShopAuthentication | null;
  readonly routeStyle: ShopRouteStyle | null;
  readonly version: string | null;
  readonly lastTest: ShopTestRecord | null;
  readonly circuit: Circuit;
  readonly limits: ShopLimits;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the owner allows us; null = as much as the shop bears. */
export interface ShopLimits {
  readonly callsPerMinute: number | null;
  readonly quietHours: QuietHours | null;
}

export interface ShopDraft {
  readonly name: string;
  readonly url: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly verifyTls: boolean;
  readonly allowQueryKeys: boolean;
  readonly limits: ShopLimits;
}

export interface ShopFindings {
  readonly test: ShopTestRecord;
  readonly authentication: ShopAuthentication | null;
  readonly routeStyle: ShopRouteStyle | null;
  readonly version: string | null;
}

export interface ShopStore {
  list(request: PageRequest): Promise<Page<Shop>>;
  find(id: number): Promise<Shop | null>;
  /** Of every shop. */
  addresses(): Promise<readonly Pick<Shop, 'id' | 'name' | 'url'>[]>;
  create(draft: ShopDraft, at: number): Promise<Shop>;
  /** A new address or new keys make what the last test found void. */
  change(id: number, patch: Partial<ShopDraft>, at: number): Promise<Shop | null>;
  remove(id: number): Promise<boolean>;
  /** When anything about the shop was last changed; null when it is gone. Cheap: asked before every delivery. */
  changedAt(id: number): Promise<number | null>;
  recordFindings(id: number, findings: ShopFindings, at: number): Promise<void>;
  /** With the secrets in the clear; throws FailureError(secret_unreadable) when the key does not fit. */
  access(id: number): Promise<ShopAccess | null>;
}
