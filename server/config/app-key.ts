import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from './data-folder';
import { BadSettings, type Settings } from './settings';

/**
 * The key that encrypts the secrets at rest: given by the environment, or made once and kept in the data folder,
 * readable by this user alone.
 */
export function loadAppKey(settings: Pick<Settings, 'appKey' | 'dataDir'>): Buffer {
  if (settings.appKey) return settings.appKey;
  const file = path.join(settings.dataDir, 'app.key');
  makeFolder(settings.dataDir, 'DATA_DIR');
  try {
    createOnce(file);
    chmodSync(file, 0o600);
  } catch {
    throw new BadSettings([`DATA_DIR: ${settings.dataDir} cannot be written to`]);
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length !== 32) throw new Error(`${file} does not hold a key of 32 bytes; restore it from a backup`);
  return key;
}

/** Two processes starting together must end with one key, and a crash must not leave half of one: hence the link. */
function createOnce(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
}
