import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { failure, FailureError } from '../domain/failure';

/**
 * Secrets at rest: AES-256-GCM, written as `v1.<key id>.<iv>.<tag>.<text>`. The place (table:row:column) is
 * authenticated with it, so a value copied to another row cannot be read there.
 */
export class SecretBox {
  private readonly keyId: string;

  constructor(private readonly key: Buffer) {
    this.keyId = createHash('sha256').update(key).digest('hex').slice(0, 8);
  }

  seal(clear: string, place: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(Buffer.from(place));
    const text = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()]);
    return ['v1', this.keyId, ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
  }

  /** Throws FailureError(secret_unreadable) when the value was sealed with another key or for another place. */
  open(sealed: string, place: string): string {
    const [version, keyId, iv, tag, text] = sealed.split('.');
    if (version !== 'v1' || keyId !== this.keyId || iv === undefined || tag === undefined || text === undefined) {
      throw new FailureError(failure('secret_unreadable'));
    }
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
        .setAAD(Buffer.from(place))
        .setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8');
    } catch {
      throw new FailureError(failure('secret_unreadable'));
    }
  }
}
