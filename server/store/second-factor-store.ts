import type { LoginChallengeStore, SecondFactor, SecondFactorStore } from '../domain/ports/second-factors';
import type { SecretBox } from './secret-box';
import { affectedRows, insertRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/** One place for both, so that a pending secret can be taken over as it is. */
const place = (userId: number): string => `second_factors:${userId}:secret`;

export class TypeormSecondFactorStore implements SecondFactorStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async find(userId: number): Promise<SecondFactor | null> {
    const [row] = await selectRows<SecondFactor>(
      this.unit.entities,
      `SELECT secret AS secret, pending_secret AS pendingSecret, confirmed_at AS confirmedAt
       FROM second_factors WHERE user_id = ?`,
      [userId],
    );
    if (row === undefined) return null;
    const open = (sealed: string | null) => (sealed === null ? null : this.secrets.open(sealed, place(userId)));
    return { ...row, secret: open(row.secret), pendingSecret: open(row.pendingSecret) };
  }

  async keepPending(userId: number, secret: string): Promise<void> {
    const sealed = this.secrets.seal(secret, place(userId));
    await this.unit.run(async () => {
      const sql = 'UPDATE second_factors SET pending_secret = ? WHERE user_id = ?';
      if ((await this.run(sql, [sealed, userId])) > 0) return;
      await insertRows(this.unit.entities, 'second_factors', ['user_id', 'pending_secret'], [[userId, sealed]]);
    });
  }

  async confirm(userId: number, step: number, at: number): Promise<void> {
    // MySQL sets from left to right, SQLite from the row as it was: in this order both mean the same.
    await this.unit.run(() =>
      this.run(
        `UPDATE second_factors SET secret = pending_secret, confirmed_at = ?, last_step = ?, pending_secret = NULL
         WHERE user_id = ? AND pending_secret IS NOT NULL`,
        [at, step, userId],
      ),
    );
  }

  takeStep(userId: number, step: number): Promise<boolean> {
    const sql = 'UPDATE second_factors SET last_step = ? WHERE user_id = ? AND (last_step IS NULL OR last_step < ?)';
    return this.unit.run(async () => (await this.run(sql, [step, userId, step])) > 0);
  }

  remove(userId: number): Promise<boolean> {
    return this.unit.run(async () => {
      await this.run('DELETE FROM recovery_codes WHERE user_id = ?', [userId]);
      return (await this.run('DELETE FROM second_factors WHERE user_id = ?', [userId])) > 0;
    });
  }

  async replaceRecoveryCodes(userId: number, hashes: readonly string[]): Promise<void> {
    await this.unit.run(async () => {
      await this.run('DELETE FROM recovery_codes WHERE user_id = ?', [userId]);
      const rows = hashes.map((hash) => [userId, hash]);
      await insertRows(this.unit.entities, 'recovery_codes', ['user_id', 'code_hash'], rows);
    });
  }

  takeRecoveryCode(userId: number, hash: string): Promise<boolean> {
    const sql = 'DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ?';
    return this.unit.run(async () => (await this.run(sql, [userId, hash])) > 0);
  }

  async countRecoveryCodes(userId: number): Promise<number> {
    const sql = 'SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = ?';
    return Number((await selectRows<{ n: number }>(this.unit.entities, sql, [userId]))[0]?.n ?? 0);
  }

  private run(sql: string, parameters: unknown[]): Promise<number> {
    return affectedRows(this.unit.entities, sql, parameters);
  }
}

export class TypeormLoginChallengeStore implements LoginChallengeStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async open({ tokenHash, userId, expiresAt }: Parameters<LoginChallengeStore['open']>[0], at: number): Promise<void> {
    const columns = ['token_hash', 'user_id', 'created_at', 'expires_at'];
    const row = [tokenHash, userId, at, expiresAt];
    await this.unit.run(() => insertRows(this.unit.entities, 'login_challenges', columns, [row]));
  }

  takeTry(tokenHash: string, most: number, at: number): Promise<number | null> {
    return this.unit.run(async () => {
      const taken = await this.run(
        'UPDATE login_challenges SET tries = tries + 1 WHERE token_hash = ? AND tries < ? AND expires_at > ?',
        [tokenHash, most, at],
      );
      if (taken === 0) return null;
      const sql = 'SELECT user_id AS userId FROM login_challenges WHERE token_hash = ?';
      return (await selectRows<{ userId: number }>(this.unit.entities, sql, [tokenHash]))[0]?.userId ?? null;
    });
  }

  async countTries(userId: number, since: number): Promise<number> {
    const sql = 'SELECT SUM(tries) AS n FROM login_challenges WHERE user_id = ? AND created_at > ?';
    return Number((await selectRows<{ n: number | null }>(this.unit.entities, sql, [userId, since]))[0]?.n ?? 0);
  }

  close(tokenHash: string): Promise<boolean> {
    const sql = 'DELETE FROM login_challenges WHERE token_hash = ?';
    return this.unit.run(async () => (await this.run(sql, [tokenHash])) > 0);
  }

  async closeAllOf(userId: number): Promise<void> {
    await this.unit.run(() => this.run('DELETE FROM login_challenges WHERE user_id = ?', [userId]));
  }

  removeBefore(at: number): Promise<number> {
    return this.unit.run(() => this.run('DELETE FROM login_challenges WHERE created_at < ?', [at]));
  }

  private run(sql: string, parameters: unknown[]): Promise<number> {
    return affectedRows(this.unit.entities, sql, parameters);
  }
}
