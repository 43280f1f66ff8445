import type { NoticeWebhook, NoticeWebhookStore } from '../domain/ports/notice-deliveries';
import type { SecretBox } from './secret-box';
import { affectedRows, insertOne, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const place = (id: number): string => `notice_webhooks:${id}:secret`;

export class TypeormNoticeWebhookStore implements NoticeWebhookStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly secrets: SecretBox,
  ) {}

  list(): Promise<readonly NoticeWebhook[]> {
    return selectRows<NoticeWebhook>(
      this.unit.entities,
      'SELECT id AS id, url AS url, created_at AS createdAt FROM notice_webhooks ORDER BY id',
      [],
    );
  }

  async find(id: number): Promise<(NoticeWebhook & { readonly secret: string }) | null> {
    const [row] = await selectRows<NoticeWebhook & { readonly secret: string }>(
      this.unit.entities,
      'SELECT id AS id, url AS url, created_at AS createdAt, secret AS secret FROM notice_webhooks WHERE id = ?',
      [id],
    );
    return row ? { ...row, secret: this.secrets.open(row.secret, place(id)) } : null;
  }

  create(url: string, secret: string, at: number): Promise<NoticeWebhook> {
    return this.unit.run(async () => {
      // The secret is sealed for its row, whose id the database gives.
      const id = await insertOne(this.unit.entities, 'notice_webhooks', { url, secret: '', created_at: at });
      await affectedRows(this.unit.entities, 'UPDATE notice_webhooks SET secret = ? WHERE id = ?', [
        this.secrets.seal(secret, place(id)),
        id,
      ]);
      return { id, url, createdAt: at };
    });
  }

  remove(id: number): Promise<boolean> {
    return this.unit.run(
      async () => (await affectedRows(this.unit.entities, 'DELETE FROM notice_webhooks WHERE id = ?', [id])) === 1,
    );
  }
}
