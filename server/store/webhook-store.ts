import type { ShopWebhookRecord, WebhookState, WebhookStore } from '../domain/ports/webhook-store';
import type { SecretBox } from './secret-box';
import { affectedRows, insertRows, selectRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const STATES: readonly string[] = ['active', 'no_public_address', 'failed'] satisfies WebhookState[];
const isState = (text: string): text is WebhookState => STATES.includes(text);

const SELECTED = `shop_id AS shopId, hook_key AS hookKey, secret AS secret, state AS state, failure AS failure,
  checked_at AS checkedAt, received_at AS receivedAt, revived_at AS revivedAt FROM shop_webhooks`;

interface WebhookRow {
  readonly shopId: number;
  readonly hookKey: string;
  readonly secret: string;
  readonly state: string;
  readonly failure: string | null;
  readonly checkedAt: number | null;
  readonly receivedAt: number | null;
  readonly revivedAt: number | null;
}

const recordOf = ({ secret: _, state, failure, ...row }: WebhookRow): ShopWebhookRecord => ({
  ...row,
  state: isState(state) ? state : 'failed',
  failure: failureOf(failure),
});

const place = (shopId: number): string => `shop_webhooks:${shopId}:secret`;

export class TypeormWebhookStore implements WebhookStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  async find(shopId: number): Promise<ShopWebhookRecord | null> {
    const row = await this.row('shop_id', shopId);
    return row && recordOf(row);
  }

  async findByKey(hookKey: string): Promise<(ShopWebhookRecord & { readonly secret: string }) | null> {
    const row = await this.row('hook_key', hookKey);
    return row && { ...recordOf(row), secret: this.secrets.open(row.secret, place(row.shopId)) };
  }

  async secretOf(shopId: number): Promise<string | null> {
    const row = await this.row('shop_id', shopId);
    return row && this.secrets.open(row.secret, place(shopId));
  }

  async create(shopId: number, hookKey: string, secret: string): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'shop_webhooks',
        ['shop_id', 'hook_key', 'secret', 'state'],
        [[shopId, hookKey, this.secrets.seal(secret, place(shopId)), 'failed']],
      ),
    );
  }

  async record(shopId: number, found: Parameters<WebhookStore['record']>[1], at: number): Promise<void> {
    const failure = found.failure === null ? null : JSON.stringify(found.failure);
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE shop_webhooks SET state = ?, failure = ?, checked_at = ?, revived_at = COALESCE(?, revived_at)
         WHERE shop_id = ?`,
        [found.state, failure, at, found.revived ? at : null, shopId],
      ),
    );
  }

  async recordReceipt(shopId: number, at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE shop_webhooks SET received_at = ? WHERE shop_id = ?', [at, shopId]),
    );
  }

  private async row(column: 'shop_id' | 'hook_key', value: number | string): Promise<WebhookRow | null> {
    const rows = await selectRows<WebhookRow>(this.unit.entities, `SELECT ${SELECTED} WHERE ${column} = ?`, [value]);
    return rows[0] ?? null;
  }
}
