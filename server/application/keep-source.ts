import type { Clock } from '../domain/ports/clock';
import type { LevelRequestStore } from '../domain/ports/level-requests';
import type { Source, SourceSettings, SourceStore } from '../domain/ports/sources';
import { canPull, type SourceCheck, type StockSource, type StockSources } from '../domain/ports/stock-source';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { Tokens } from '../domain/ports/users';
import type { VendorCalls } from '../domain/ports/vendor-calls';
import { notFound, Refusal } from '../domain/refusal';
import { warehouseKey } from '../domain/warehouse';

export interface KeepSourcePorts {
  readonly unit: UnitOfWork;
  readonly store: SourceStore;
  readonly sources: StockSources;
  readonly tokens: Tokens;
  readonly requests: Pick<LevelRequestStore, 'waiting'>;
  readonly vendorCalls: Pick<VendorCalls, 'used'>;
  readonly clock: Clock;
}

export interface CreatedSource {
  readonly source: Source;
  readonly token: string;
  /** For senders that can bear a secret only in the address; null = none is needed. */
  readonly addressSecret: string | null;
}

export interface SourceTraffic {
  /** Levels that calls only named and that wait to be read. */
  readonly toRead: Awaited<ReturnType<LevelRequestStore['waiting']>>;
  /** Calls of this month at an account that has only so many; null = it has no such limit. */
  readonly calls: { readonly used: number; readonly most: number } | null;
  readonly canPull: boolean;
  /** Whether we can have the vendor call us. */
  readonly canSubscribe: boolean;
  /** Whether its address bears a secret, as it is set up. */
  readonly secretInAddress: boolean;
}

export interface KnownWarehouse {
  readonly name: string;
  readonly from: 'vendor' | 'push';
  readonly lastSeenAt: number | null;
}

const VENDOR_MS = 30_000;
/** What the vendor had under way when it was told the new address still gets in. */
const OLD_ADDRESS_MS = 10 * 60_000;

/** Creates, changes and tests sources, and looks after their tokens. */
export class KeepSource {
  constructor(private readonly ports: KeepSourcePorts) {}

  /** What can be connected, in the order in which it is offered. */
  get kinds(): StockSources['all'] {
    return this.ports.sources.all;
  }

  async create(draft: {
    readonly name: string;
    readonly kind: string;
    readonly settings: Readonly<Record<string, unknown>>;
  }): Promise<CreatedSource> {
    const { unit, store, tokens, clock } = this.ports;
    const kind = this.ports.sources.of(draft.kind);
    const settings = settingsOf(kind, draft.settings);
    const token = tokens.random();
    const addressSecret = kind.push.secretInAddress?.(settings) === true ? tokens.random() : null;
    const source = await unit.run(async () => {
      const created = await store.create(
        { sourceKey: tokens.random().slice(0, 32), name: draft.name, kind: draft.kind, settings },
        clock.now(),
      );
      await store.addToken(created.id, { hash: tokens.digest(token), issuer: 'own' }, clock.now());
      if (addressSecret !== null) {
        await store.addToken(created.id, { hash: tokens.digest(addressSecret), issuer: 'address' }, clock.now());
      }
      await this.keepVendorToken(created.id, kind, settings);
      return store.find(created.id);
    });
    if (!source) throw notFound('source');
    return { source, token, addressSecret };
  }

  /** Settings left out stay; a secret is replaced only by a new one, since the panel never gets to see the old. */
  async change(
    id: number,
    patch: {
      readonly name?: string;
      readonly enabled?: boolean;
      readonly settings?: Readonly<Record<string, unknown>>;
    },
  ): Promise<Source> {
    const { unit, store, clock } = this.ports;
    return unit.run(async () => {
      const source = await store.find(id);
      const known = await store.settings(id);
      if (!source || !known) throw notFound('source');
      const kind = this.ports.sources.of(source.kind);
      const settings = patch.settings && settingsOf(kind, { ...known, ...patch.settings });
      const changed = await store.change(id, { name: patch.name, enabled: patch.enabled, settings }, clock.now());
      if (settings) await this.keepVendorToken(id, kind, settings);
      if (!changed) throw notFound('source');
      return changed;
    });
  }

  /** A new token at once; the ones before it live on for the grace time, so that no push is lost in between. */
  async rotateToken(
    id: number,
    graceMs: number,
  ): Promise<{ readonly token: string; readonly addressSecret: string | null; readonly previousExpiresAt: number }> {
    const { unit, store, tokens, clock } = this.ports;
    const { settings, kind } = await this.load(id);
    const token = tokens.random();
    const addressSecret = kind.push.secretInAddress?.(settings) === true ? tokens.random() : null;
    const previousExpiresAt = clock.now() + graceMs;
    await unit.run(async () => {
      await store.expireTokens(id, 'own', previousExpiresAt);
      await store.addToken(id, { hash: tokens.digest(token), issuer: 'own' }, clock.now());
      if (addressSecret === null) return;
      await store.expireTokens(id, 'address', previousExpiresAt);
      await store.addToken(id, { hash: tokens.digest(addressSecret), issuer: 'address' }, clock.now());
    });
    return { token, addressSecret, previousExpiresAt };
  }

  /**
   * Has the vendor call us at every change, at an address with a new secret: the old one is not known to us in the clear.
   * `addressFor` builds the address around it.
   */
  async subscribe(id: number, addressFor: (sourceKey: string, secret: string) => string): Promise<void> {
    const { unit, tokens, clock } = this.ports;
    const { source, settings, kind } = await this.load(id);
    if (!kind.api?.subscribe) throw new Refusal('conflict', 'This kind of source cannot be set up from here.');
    const secret = tokens.random();
    // Valid before the vendor knows it: some call at once, to see whether we are there.
    await unit.run(() =>
      this.ports.store.addToken(id, { hash: tokens.digest(secret), issuer: 'address' }, clock.now()),
    );
    try {
      await kind.api.subscribe(settings, addressFor(source.sourceKey, secret), AbortSignal.timeout(VENDOR_MS));
    } catch (thrown) {
      await unit.run(() => this.ports.store.removeToken(id, tokens.digest(secret)));
      throw thrown;
    }
    await unit.run(() =>
      this.ports.store.expireTokens(id, 'address', clock.now() + OLD_ADDRESS_MS, tokens.digest(secret)),
    );
  }

  /** What a source waits for and may still ask of its vendor. */
  async traffic(source: Source): Promise<SourceTraffic> {
    const { requests, vendorCalls, clock } = this.ports;
    const settings = (await this.ports.store.settings(source.id)) ?? {};
    const kind = this.ports.sources.of(source.kind);
    const { api } = kind;
    const allowance = api?.budget?.(settings) ?? null;
    return {
      toRead: await requests.waiting(source.id),
      calls: allowance && {
        used: await vendorCalls.used(allowance.account, clock.now()),
        most: allowance.most,
      },
      canPull: canPull(kind, settings),
      canSubscribe: api?.subscribe !== undefined,
      secretInAddress: kind.push.secretInAddress?.(settings) === true,
    };
  }

  /** Asks the vendor's own API where there is one; for the rest, says whether anything has come in. */
  async test(id: number): Promise<readonly SourceCheck[]> {
    const { source, settings, kind } = await this.load(id);
    const asked = kind.api ? await kind.api.test(settings, AbortSignal.timeout(VENDOR_MS)) : [];
    return [...asked, pushCheck(source)];
  }

  /** Named by the vendor's API and seen in pushes, each once. */
  async warehouses(id: number): Promise<readonly KnownWarehouse[]> {
    const { settings, kind } = await this.load(id);
    const seen = await this.ports.store.warehouses(id);
    const named = kind.api ? await kind.api.warehouses(settings, AbortSignal.timeout(VENDOR_MS)) : [];
    const known = new Map<string, KnownWarehouse>();
    for (const name of named) known.set(warehouseKey(name), { name, from: 'vendor', lastSeenAt: null });
    for (const { name, lastSeenAt } of seen) {
      const vendor = known.get(warehouseKey(name));
      known.set(warehouseKey(name), vendor ? { ...vendor, lastSeenAt } : { name, from: 'push', lastSeenAt });
    }
    return [...known.values()];
  }

  /** The settings as they may be shown: a secret is there or not, never readable. */
  async shownSettings(source: Source): Promise<Record<string, string>> {
    const settings = (await this.ports.store.settings(source.id)) ?? {};
    const { secretSettings } = this.ports.sources.of(source.kind);
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, secretSettings.includes(name) ? '••••••••' : value]),
    );
  }

  private async load(id: number) {
    const source = await this.ports.store.find(id);
    const settings = await this.ports.store.settings(id);
    if (!source || !settings) throw notFound('source');
    return { source, settings, kind: this.ports.sources.of(source.kind) };
  }

  private async keepVendorToken(id: number, kind: StockSource, settings: SourceSettings): Promise<void> {
    const { store, tokens, clock } = this.ports;
    const token = kind.push.vendorToken(settings);
    await store.expireTokens(id, 'vendor', clock.now());
    if (token === null) return;
    const presented = kind.push.tokenIgnoresCase ? token.toLowerCase() : token;
    await store.addToken(id, { hash: tokens.digest(presented), issuer: 'vendor' }, clock.now());
  }
}

function settingsOf(kind: StockSource, input: Readonly<Record<string, unknown>>): SourceSettings {
  const read = kind.readSettings(input);
  if (read.ok) return read.settings;
  throw new Refusal('invalid_input', 'The settings of the source are not usable.', { errors: read.errors });
}

const pushCheck = (source: Source): SourceCheck => {
  const last = Math.max(source.lastPushAt ?? 0, source.lastTestAt ?? 0);
  const refusedSince = source.lastRefusedAt !== null && source.lastRefusedAt > last;
  if (refusedSince) {
    const code = source.lastRefusal ?? 'token_wrong';
    return { id: 'push_received', ok: false, severity: 'error', code, params: {} };
  }
  return last === 0
    ? { id: 'push_received', ok: false, severity: 'warning', code: 'nothing_yet', params: {} }
    : { id: 'push_received', ok: true, severity: 'info', code: 'received', params: {} };
};
