import { createHash } from 'node:crypto';

/** A fixed-size key for a text of any length and script: what is unique must not depend on a database's collation. */
export const digestOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
