import { createHash, randomBytes } from 'node:crypto';
import type { Tokens } from '../domain/ports/users';

export const randomTokens: Tokens = {
  random: () => randomBytes(32).toString('hex'),
  digest: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
};
