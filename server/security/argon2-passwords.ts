import { hash, verify } from '@node-rs/argon2';
import type { PasswordHashing } from '../domain/ports/users';

/** Argon2id with the cost OWASP names as the least: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const argon2Passwords: PasswordHashing = {
  hash: (password) => hash(password.normalize('NFKC'), COST),
  verify: (hashed, password) => verify(hashed, password.normalize('NFKC')),
};
