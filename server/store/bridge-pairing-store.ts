import type { BridgeWay } from '../domain/bridge-way';
import type {
  BridgePairing,
  BridgePairingStore,
  PairingSecrets,
  PendingPairing,
} from '../domain/ports/bridge-pairings';
import type { BridgeSite, BridgeStatus, BridgeUser } from '../domain/ports/shop-bridge';
import type { SecretBox } from './secret-box';
import { affectedRows, selectRows } from './statements';
import { failureOf, failureText } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

interface PairingRow {
  readonly shopId: number;
  readonly pairingId: string | null;
  readonly secret: string | null;
  readonly nextSecret: string | null;
  readonly pairedAt: number | null;
  readonly shopUserId: number | null;
  readonly shopUserEmail: string | null;
  readonly shopUserName: string | null;
  readonly userId: number | null;
  readonly site: string | null;
  readonly pendingId: string | null;
  readonly pendingSecret: string | null;
  readonly codeHash: string | null;
  readonly codeExpiresAt: number | null;
  readonly pendingUserId: number | null;
  readonly status: string | null;
  readonly statusAt: number | null;
  readonly failure: string | null;
  readonly awaySince: number | null;
  readonly retryAt: number | null;
  readonly failures: number;
  readonly lastFailure: string | null;
  readonly lastFailureAt: number | null;
  readonly answeredAt: number | null;
  readonly calledAt: number | null;
  readonly watchedAt: number | null;
  readonly eventsSeq: number;
}

const SELECTED = `shop_id AS shopId, pairing_id AS pairingId, secret AS secret, next_secret AS nextSecret,
  paired_at AS pairedAt, shop_user_id AS shopUserId, shop_user_email AS shopUserEmail, shop_user_name AS shopUserName,
  user_id AS userId, site AS site, pending_id AS pendingId, pending_secret AS pendingSecret, code_hash AS codeHash,
  code_expires_at AS codeExpiresAt, pending_user_id AS pendingUserId, status AS status, status_at AS statusAt,
  failure AS failure, away_since AS awaySince, retry_at AS retryAt, failures AS failures, last_failure AS lastFailure,
  last_failure_at AS lastFailureAt, answered_at AS answeredAt, called_at AS calledAt,
  watched_at AS watchedAt, events_seq AS eventsSeq FROM bridge_pairings`;

/** One place for all of a shop's, so that a pending secret is taken over as it is. */
const place = (shopId: number): string => `bridge_pairings:${shopId}:secret`;

/** What is known of one pairing alone, and forgotten with it. */
const NOTHING_KNOWN = `next_secret = NULL, status = NULL, status_at = NULL, failure = NULL, away_since = NULL,
  retry_at = NULL, failures = 0, last_failure = NULL, last_failure_at = NULL, answered_at = NULL, called_at = NULL,
  watched_at = NULL, events_seq = 0`;

/** A record of ours, written by ourselves alone. */
const recordIn = <Kept>(text: string | null): Kept | null => (text === null ? null : (JSON.parse(text) as Kept));

const pairingOf = (row: PairingRow): BridgePairing => ({
  shopId: row.shopId,
  pairingId: row.pairingId,
  pairedAt: row.pairedAt,
  shopUser:
    row.shopUserId === null
      ? null
      : { id: row.shopUserId, email: row.shopUserEmail ?? '', displayName: row.shopUserName ?? '' },
  userId: row.userId,
  site: recordIn<BridgeSite>(row.site),
  codeExpiresAt: row.codeExpiresAt,
  rotating: row.nextSecret !== null,
  status: recordIn<BridgeStatus>(row.status),
  statusAt: row.statusAt,
  way: {
    failure: failureOf(row.failure),
    awaySince: row.awaySince,
    retryAt: row.retryAt,
    failures: row.failures,
  },
  lastFailure: failureOf(row.lastFailure),
  lastFailureAt: row.lastFailureAt,
  answeredAt: row.answeredAt,
  calledAt: row.calledAt,
  watchedAt: row.watchedAt,
  eventsSeq: row.eventsSeq,
});

export class TypeormBridgePairingStore implements BridgePairingStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async find(shopId: number): Promise<BridgePairing | null> {
    const row = await this.row('shop_id', shopId);
    return row && pairingOf(row);
  }

  async findByPairing(pairingId: string): Promise<BridgePairing | null> {
    const row = await this.row('pairing_id', pairingId);
    return row && pairingOf(row);
  }

  async secretsOf(shopId: number): Promise<PairingSecrets | null> {
    const row = await this.row('shop_id', shopId);
    if (row === null || row.pairingId === null || row.secret === null) return null;
    return {
      pairingId: row.pairingId,
      secret: this.secrets.open(row.secret, place(shopId)),
      nextSecret: row.nextSecret === null ? null : this.secrets.open(row.nextSecret, place(shopId)),
    };
  }

  async pending(shopId: number): Promise<PendingPairing | null> {
    const row = await this.row('shop_id', shopId);
    if (!row || row.pendingId === null || row.pendingSecret === null || row.codeHash === null) return null;
    return {
      pairingId: row.pendingId,
      secret: this.secrets.open(row.pendingSecret, place(shopId)),
      codeHash: row.codeHash,
      expiresAt: row.codeExpiresAt ?? 0,
      userId: row.pendingUserId,
    };
  }

  async offer(shopId: number, { pairingId, secret, codeHash, expiresAt, userId }: PendingPairing): Promise<void> {
    await this.unit.run(async () => {
      const ignore = this.unit.isSqlite ? 'OR IGNORE' : 'IGNORE';
      await this.run(`INSERT ${ignore} INTO bridge_pairings (shop_id) VALUES (?)`, [shopId]);
      await this.run(
        `UPDATE bridge_pairings SET pending_id = ?, pending_secret = ?, code_hash = ?, code_expires_at = ?,
           pending_user_id = ? WHERE shop_id = ?`,
        [pairingId, this.secrets.seal(secret, place(shopId)), codeHash, expiresAt, userId, shopId],
      );
    });
  }

  async complete(
    shopId: number,
    { site, user }: { readonly site: BridgeSite; readonly user: BridgeUser },
    at: number,
  ): Promise<void> {
    // MySQL sets from left to right, SQLite from the row as it was: in this order both mean the same.
    await this.unit.run(() =>
      this.run(
        `UPDATE bridge_pairings SET ${NOTHING_KNOWN}, pairing_id = pending_id, secret = pending_secret,
           user_id = pending_user_id, paired_at = ?, answered_at = ?, site = ?, shop_user_id = ?, shop_user_email = ?,
           shop_user_name = ?, pending_id = NULL, pending_secret = NULL, code_hash = NULL, code_expires_at = NULL,
           pending_user_id = NULL WHERE shop_id = ? AND pending_id IS NOT NULL`,
        [at, at, JSON.stringify(site), user.id, user.email, user.displayName, shopId],
      ),
    );
  }

  async offerSecret(shopId: number, next: string): Promise<void> {
    const sealed = this.secrets.seal(next, place(shopId));
    await this.set(shopId, 'next_secret = ?', [sealed]);
  }

  async takeNextSecret(shopId: number): Promise<void> {
    await this.unit.run(() =>
      this.run(
        'UPDATE bridge_pairings SET secret = next_secret, next_secret = NULL WHERE shop_id = ? AND next_secret IS NOT NULL',
        [shopId],
      ),
    );
  }

  unpair(shopId: number, pairingId: string): Promise<boolean> {
    return this.unit.run(async () => {
      await this.run('DELETE FROM bridge_nonces WHERE pairing_id = ?', [pairingId]);
      const sql = `UPDATE bridge_pairings SET ${NOTHING_KNOWN}, pairing_id = NULL, secret = NULL, user_id = NULL,
        paired_at = NULL, site = NULL, shop_user_id = NULL, shop_user_email = NULL, shop_user_name = NULL
        WHERE shop_id = ? AND pairing_id = ?`;
      return (await this.run(sql, [shopId, pairingId])) > 0;
    });
  }

  keepStatus(shopId: number, status: BridgeStatus, at: number): Promise<void> {
    return this.set(shopId, 'status = ?, status_at = ?', [JSON.stringify(status), at]);
  }

  keepWay(shopId: number, { failure, awaySince, retryAt, failures }: BridgeWay, at: number): Promise<void> {
    const text = failureText(failure);
    return this.set(
      shopId,
      `failure = ?, away_since = ?, retry_at = ?, failures = ?, last_failure = COALESCE(?, last_failure),
         last_failure_at = CASE WHEN ? = 1 THEN ? ELSE last_failure_at END`,
      [text, awaySince, retryAt, failures, text, text === null ? 0 : 1, at],
    );
  }

  noteAnswered(shopId: number, at: number): Promise<void> {
    return this.set(shopId, 'answered_at = ?', [at]);
  }

  noteCalled(shopId: number, at: number): Promise<void> {
    return this.set(shopId, 'called_at = ?', [at]);
  }

  noteWatched(shopId: number, at: number): Promise<void> {
    return this.set(shopId, 'watched_at = ?', [at]);
  }

  takeNonce(pairingId: string, nonce: string, at: number): Promise<boolean> {
    const ignore = this.unit.isSqlite ? 'OR IGNORE' : 'IGNORE';
    const sql = `INSERT ${ignore} INTO bridge_nonces (pairing_id, nonce, seen_at) VALUES (?, ?, ?)`;
    return this.unit.run(async () => (await this.run(sql, [pairingId, nonce, at])) === 1);
  }

  removeNoncesBefore(at: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const [last] = await selectRows<{ seenAt: number }>(
        this.unit.entities,
        'SELECT seen_at AS seenAt FROM bridge_nonces WHERE seen_at < ? ORDER BY seen_at LIMIT 1 OFFSET ?',
        [at, limit - 1],
      );
      return this.run('DELETE FROM bridge_nonces WHERE seen_at < ?', [last ? last.seenAt + 1 : at]);
    });
  }

  private async set(shopId: number, columns: string, values: (string | number | null)[]): Promise<void> {
    await this.unit.run(() => this.run(`UPDATE bridge_pairings SET ${columns} WHERE shop_id = ?`, [...values, shopId]));
  }

  private run(sql: string, parameters: unknown[]): Promise<number> {
    return affectedRows(this.unit.entities, sql, parameters);
  }

  private async row(column: 'shop_id' | 'pairing_id', value: number | string): Promise<PairingRow | null> {
    const rows = await selectRows<PairingRow>(this.unit.entities, `SELECT ${SELECTED} WHERE ${column} = ?`, [value]);
    return rows[0] ?? null;
  }
}
