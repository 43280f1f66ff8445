import { MoreThan } from 'typeorm';
import { CLOSED, type Circuit } from '../domain/circuit';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { ShopAccess, ShopAuthentication, ShopRouteStyle } from '../domain/ports/shop-target';
import type { Shop, ShopDraft, ShopFindings, ShopLimits, ShopStore, ShopTestRecord } from '../domain/ports/shops';
import { LaneRow, ShopRow } from './entities';
import { circuitOf } from './lane-store';
import { selectRows } from './statements';
import type { SecretBox } from './secret-box';
import type { TypeormUnitOfWork } from './unit-of-work';

const AUTHENTICATIONS: readonly string[] = ['basic', 'oauth1', 'query'] satisfies ShopAuthentication[];
const ROUTE_STYLES: readonly string[] = ['pretty', 'index-php', 'rest-route'] satisfies ShopRouteStyle[];
const isAuthentication = (text: string | null): text is ShopAuthentication =>
  text !== null && AUTHENTICATIONS.includes(text);
const isRouteStyle = (text: string | null): text is ShopRouteStyle => text !== null && ROUTE_STYLES.includes(text);

/** Enough to recognise a key by, never enough to use it. */
const hintOf = (consumerKey: string): string =>
  consumerKey.length > 12 ? `${consumerKey.slice(0, 3)}…${consumerKey.slice(-4)}` : '…';

const keyPlace = (id: number) => `shops:${id}:consumer_key`;
const secretPlace = (id: number) => `shops:${id}:consumer_secret`;

const limitsOf = (row: ShopRow): ShopLimits => ({
  callsPerMinute: row.callsPerMinute,
  quietHours:
    row.quietFromMinute === null || row.quietToMinute === null || row.quietTimeZone === null
      ? null
      : { fromMinute: row.quietFromMinute, toMinute: row.quietToMinute, timeZone: row.quietTimeZone },
});

const limitColumns = ({ callsPerMinute, quietHours }: ShopLimits): Partial<ShopRow> => ({
  callsPerMinute,
  quietFromMinute: quietHours?.fromMinute ?? null,
  quietToMinute: quietHours?.toMinute ?? null,
  quietTimeZone: quietHours?.timeZone ?? null,
});

const shopOf = (row: ShopRow, circuit: Circuit): Shop => ({
  id: row.id,
  name: row.name,
  url: row.url,
  consumerKeyHint: row.consumerKeyHint,
  verifyTls: Boolean(row.verifyTls),
  allowQueryKeys: Boolean(row.allowQueryKeys),
  authentication: isAuthentication(row.authentication) ? row.authentication : null,
  routeStyle: isRouteStyle(row.routeStyle) ? row.routeStyle : null,
  version: row.version,
  lastTest: row.lastTest === null ? null : (JSON.parse(row.lastTest) as ShopTestRecord),
  circuit,
  limits: limitsOf(row),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

export class TypeormShopStore implements ShopStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async list({ limit, cursor }: PageRequest): Promise<Page<Shop>> {
    const rows = await this.unit.entities.find(ShopRow, {
      where: { id: MoreThan(Number(cursor ?? 0)) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    const page = pageOf(rows, limit, (row) => String(row.id));
    const circuits = await this.circuits(page.data.map((row) => row.id));
    return { ...page, data: page.data.map((row) => shopOf(row, circuits.get(row.id) ?? CLOSED)) };
  }

  async find(id: number): Promise<Shop | null> {
    const row = await this.unit.entities.findOneBy(ShopRow, { id });
    return row && shopOf(row, (await this.circuits([id])).get(id) ?? CLOSED);
  }

  addresses(): Promise<readonly Pick<Shop, 'id' | 'name' | 'url'>[]> {
    return this.unit.entities.find(ShopRow, { select: { id: true, name: true, url: true } });
  }

  create(draft: ShopDraft, at: number): Promise<Shop> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const { consumerKey, consumerSecret, limits, ...rest } = draft;
      const row = await entities.save(ShopRow, {
        ...rest,
        ...limitColumns(limits),
        consumerKey: '',
        consumerSecret: '',
        consumerKeyHint: hintOf(consumerKey),
        authentication: null,
        routeStyle: null,
        version: null,
        lastTest: null,
        createdAt: at,
        updatedAt: at,
      });
      await entities.update(ShopRow, row.id, this.sealed(row.id, { consumerKey, consumerSecret }));
      await entities.insert(LaneRow, {
        shopId: row.id,
        owner: null,
        epoch: 0,
        leaseUntil: 0,
        circuitState: 'closed',
        circuitFailure: null,
        circuitOpenedAt: null,
        circuitProbeAt: null,
        circuitFailures: 0,
        circuitSetAt: null,
        pace: null,
      });
      return shopOf(row, CLOSED);
    });
  }

  change(id: number, patch: Partial<ShopDraft>, at: number): Promise<Shop | null> {
    return this.unit.run(async () => {
      const { consumerKey, consumerSecret, limits, ...plain } = patch;
      const movesOrRekeys =
        patch.url !== undefined ||
        consumerKey !== undefined ||
        consumerSecret !== undefined ||
        patch.verifyTls !== undefined;
      await this.unit.entities.update(ShopRow, id, {
        ...plain,
        ...(limits === undefined ? {} : limitColumns(limits)),
        ...this.sealed(id, { consumerKey, consumerSecret }),
        ...(movesOrRekeys ? { authentication: null, routeStyle: null, lastTest: null } : {}),
        updatedAt: at,
      });
      return this.find(id);
    });
  }

  remove(id: number): Promise<boolean> {
    return this.unit.run(async () => ((await this.unit.entities.delete(ShopRow, id)).affected ?? 0) > 0);
  }

  async changedAt(id: number): Promise<number | null> {
    const rows = await selectRows<{ updatedAt: number }>(
      this.unit.entities,
      'SELECT updated_at AS updatedAt FROM shops WHERE id = ?',
      [id],
    );
    return rows[0]?.updatedAt ?? null;
  }

  async recordFindings(id: number, findings: ShopFindings, at: number): Promise<void> {
    await this.unit.run(() =>
      this.unit.entities.update(ShopRow, id, {
        lastTest: JSON.stringify(findings.test),
        authentication: findings.authentication,
        routeStyle: findings.routeStyle,
        version: findings.version,
        updatedAt: at,
      }),
    );
  }

  async access(id: number): Promise<ShopAccess | null> {
    const row = await this.unit.entities.findOneBy(ShopRow, { id });
    if (!row) return null;
    return {
      shopId: row.id,
      url: row.url,
      consumerKey: this.secrets.open(row.consumerKey, keyPlace(id)),
      consumerSecret: this.secrets.open(row.consumerSecret, secretPlace(id)),
      verifyTls: Boolean(row.verifyTls),
      allowQueryKeys: Boolean(row.allowQueryKeys),
      authentication: isAuthentication(row.authentication) ? row.authentication : null,
      routeStyle: isRouteStyle(row.routeStyle) ? row.routeStyle : null,
    };
  }

  private sealed(
    id: number,
    keys: { readonly consumerKey: string | undefined; readonly consumerSecret: string | undefined },
  ): Partial<ShopRow> {
    return {
      ...(keys.consumerKey === undefined
        ? {}
        : {
            consumerKey: this.secrets.seal(keys.consumerKey, keyPlace(id)),
            consumerKeyHint: hintOf(keys.consumerKey),
          }),
      ...(keys.consumerSecret === undefined
        ? {}
        : { consumerSecret: this.secrets.seal(keys.consumerSecret, secretPlace(id)) }),
    };
  }

  private async circuits(ids: readonly number[]): Promise<ReadonlyMap<number, Circuit>> {
    if (ids.length === 0) return new Map();
    const rows = await this.unit.entities.findBy(
      LaneRow,
      ids.map((shopId) => ({ shopId })),
    );
    return new Map(rows.map((row) => [row.shopId, circuitOf(row)]));
  }
}
