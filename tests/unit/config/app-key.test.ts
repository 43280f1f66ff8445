import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadAppKey } from '../../../server/config/app-key';

describe('The key that encrypts the secrets at rest', () => {
  let folder: string;
  const load = () => loadAppKey({ appKey: null, dataDir: path.join(folder, 'data') });
  const file = () => path.join(folder, 'data', 'app.key');

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the one given, and then no file is made', () => {
    const appKey = Buffer.alloc(32, 5);
    expect(loadAppKey({ appKey, dataDir: path.join(folder, 'data') })).toBe(appKey);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is made once, and stays', () => {
    const key = load();
    expect(key).toHaveLength(32);
    expect(load()).toEqual(key);
    expect(readdirSync(path.join(folder, 'data'))).toEqual(['app.key']);
  });

  it('is another on another machine', () => {
    const key = load();
    expect(loadAppKey({ appKey: null, dataDir: path.join(folder, 'other') })).not.toEqual(key);
  });

  it('can be read by this user alone, in a folder of this user alone', () => {
    load();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file())).mode & 0o777).toBe(0o700);
  });

  it('is locked up again when somebody opened it', () => {
    const key = load();
    chmodSync(file(), 0o644);
    expect(load()).toEqual(key);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('that is damaged stops the start, and is never replaced: the secrets would be lost', () => {
    load();
    writeFileSync(file(), 'half a k');
    expect(load).toThrow('does not hold a key of 32 bytes');
    expect(readFileSync(file(), 'utf8')).toBe('half a k');
  });
});
