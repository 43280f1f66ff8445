import { In, MoreThan } from 'typeorm';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import {
  PUSH_REFUSALS,
  type Source,
  type SourceDraft,
  type SourceSettings,
  type SourceStore,
  type TokenIssuer,
  type Warehouse,
} from '../domain/ports/sources';
import { SourceRow, SourceTokenRow, WarehouseRow } from './entities';
import type { SecretBox } from './secret-box';
import { affectedRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/** Where a source's settings are sealed for: moved to another row they cannot be opened. */
export const settingsPlace = (id: number) => `sources:${id}:settings`;

const sourceOf = (row: SourceRow, tokens: readonly SourceTokenRow[]): Source => ({
  id: row.id,
  sourceKey: row.sourceKey,
  name: row.name,
  kind: row.kind,
  enabled: Boolean(row.enabled),
  lastTestAt: row.lastTestAt,
  lastPushAt: row.lastPushAt,
  lastRefusedAt: row.lastRefusedAt,
  lastRefusal: PUSH_REFUSALS.find((each) => each === row.lastRefusal) ?? null,
  tokens: tokens
    .filter((token) => token.sourceId === row.id && token.issuer === 'own')
    .map(({ createdAt, expiresAt, lastUsedAt }) => ({ createdAt, expiresAt, lastUsedAt })),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

export class TypeormSourceStore implements SourceStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async list({ limit, cursor }: PageRequest): Promise<Page<Source>> {
    const rows = await this.unit.entities.find(SourceRow, {
      where: { id: MoreThan(Number(cursor ?? 0)) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    const page = pageOf(rows, limit, (row) => String(row.id));
    const tokens = await this.tokens(page.data.map((row) => row.id));
    return { ...page, data: page.data.map((row) => sourceOf(row, tokens)) };
  }

  async find(id: number): Promise<Source | null> {
    const row = await this.unit.entities.findOneBy(SourceRow, { id });
    return row && sourceOf(row, await this.tokens([id]));
  }

  async settings(id: number): Promise<SourceSettings | null> {
    const row = await this.unit.entities.findOneBy(SourceRow, { id });
    return row && (JSON.parse(this.secrets.open(row.settings, settingsPlace(id))) as SourceSettings);
  }

  create(draft: SourceDraft, at: number): Promise<Source> {
    return this.unit.run(async () => {
      const { settings, ...rest } = draft;
      const row = await this.unit.entities.save(SourceRow, {
        ...rest,
        enabled: true,
        settings: '',
        lastTestAt: null,
        lastPushAt: null,
        lastRefusedAt: null,
        lastRefusal: null,
        createdAt: at,
        updatedAt: at,
      });
      await this.unit.entities.update(SourceRow, row.id, { settings: this.sealed(row.id, settings) });
      return sourceOf(row, []);
    });
  }

  change(
    id: number,
    patch: { readonly name?: string; readonly enabled?: boolean; readonly settings?: SourceSettings },
    at: number,
  ): Promise<Source | null> {
    return this.unit.run(async () => {
      const { settings, ...plain } = patch;
      await this.unit.entities.update(SourceRow, id, {
        ...plain,
        ...(settings === undefined ? {} : { settings: this.sealed(id, settings) }),
        updatedAt: at,
      });
      return this.find(id);
    });
  }

  remove(id: number): Promise<boolean> {
    return this.unit.run(async () => ((await this.unit.entities.delete(SourceRow, id)).affected ?? 0) > 0);
  }

  async addToken(
    sourceId: number,
    token: { readonly hash: string; readonly issuer: TokenIssuer },
    at: number,
  ): Promise<void> {
    await this.unit.run(() =>
      this.unit.entities.insert(SourceTokenRow, {
        sourceId,
        issuer: token.issuer,
        tokenHash: token.hash,
        createdAt: at,
        expiresAt: null,
        lastUsedAt: null,
      }),
    );
  }

  async expireTokens(sourceId: number, issuer: TokenIssuer, expiresAt: number, except = ''): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE source_tokens SET expires_at = ?
         WHERE source_id = ? AND issuer = ? AND token_hash <> ? AND (expires_at IS NULL OR expires_at > ?)`,
        [expiresAt, sourceId, issuer, except, expiresAt],
      ),
    );
  }

  async removeToken(sourceId: number, hash: string): Promise<void> {
    await this.unit.run(() => this.unit.entities.delete(SourceTokenRow, { sourceId, tokenHash: hash }));
  }

  async warehouses(sourceId: number): Promise<readonly Warehouse[]> {
    return this.unit.entities.find(WarehouseRow, { where: { sourceId }, order: { name: 'ASC' }, take: 1000 });
  }

  private sealed(id: number, settings: SourceSettings): string {
    return this.secrets.seal(JSON.stringify(settings), settingsPlace(id));
  }

  private tokens(sourceIds: readonly number[]): Promise<SourceTokenRow[]> {
    if (sourceIds.length === 0) return Promise.resolve([]);
    return this.unit.entities.find(SourceTokenRow, {
      where: { sourceId: In([...sourceIds]) },
      order: { createdAt: 'DESC' },
    });
  }
}
