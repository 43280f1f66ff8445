import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BadSettings, readSettings } from '../../../server/config/settings';

const APP_KEY = Buffer.alloc(32, 1).toString('base64');

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof BadSettings) return error.faults;
    throw error;
  }
  throw new Error('These settings are good');
};
/** The names of the settings at fault, each once. */
const namesAtFault = (env: Record<string, string>): string[] => [
  ...new Set(faultsOf(env).map((fault) => fault.split(' ')[0] ?? '')),
];

describe('Without any setting', () => {
  it('everything has a default that works on one machine', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: 4080,
      publicUrl: null,
      dataDir: path.resolve('data'),
      database: { engine: 'sqlite', file: path.resolve('data', 'stock-relay.sqlite') },
      redisUrl: null,
      role: 'all',
      appKey: null,
      firstOwner: null,
      adminToken: null,
      smartbillApiUrl: 'https://ws.smartbill.ro/SBORO/api',
      allowPrivateNetwork: false,
      trustProxy: null,
      logLevel: 'info',
      mail: null,
    });
  });

  it('an empty value is none given', () => {
    expect(readSettings({ PORT: '', APP_KEY: '', DATABASE_URL: '', PORT_FILE: '' })).toEqual(readSettings({}));
  });

  it('the database lies in the data folder', () => {
    expect(readSettings({ DATA_DIR: '/srv/relay' })).toMatchObject({
      dataDir: '/srv/relay',
      database: { engine: 'sqlite', file: '/srv/relay/stock-relay.sqlite' },
    });
  });
});

describe('Good settings', () => {
  it('are read as given', () => {
    expect(
      readSettings({
        HOST: '0.0.0.0',
        PORT: '0',
        PUBLIC_URL: 'https://relay.example/base//',
        REDIS_URL: 'rediss://cache:6380',
        APP_KEY,
        ADMIN_EMAIL: 'owner@shop.example',
        ADMIN_PASSWORD: 'a long password',
        ADMIN_TOKEN: 't'.repeat(32),
        SMARTBILL_API_URL: 'http://127.0.0.1:9/api/',
        ALLOW_PRIVATE_NETWORK: 'true',
        LOG_LEVEL: 'debug',
        SMTP_URL: 'smtps://mail.example',
      }),
    ).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://relay.example/base',
      redisUrl: 'rediss://cache:6380',
      appKey: Buffer.alloc(32, 1),
      firstOwner: { email: 'owner@shop.example', password: 'a long password' },
      adminToken: 't'.repeat(32),
      smartbillApiUrl: 'http://127.0.0.1:9/api',
      allowPrivateNetwork: true,
      logLevel: 'debug',
      mail: { smtpUrl: 'smtps://mail.example', from: 'stock-relay@relay.example' },
    });
  });

  test.each([
    ['sqlite:/data/a.sqlite', { engine: 'sqlite', file: '/data/a.sqlite' }],
    ['sqlite:relative/a.sqlite', { engine: 'sqlite', file: 'relative/a.sqlite' }],
    [
      'mysql://root@db.example/relay',
      { engine: 'mysql', host: 'db.example', port: 3306, user: 'root', password: '', database: 'relay' },
    ],
    [
      'mariadb://us%40er:p%40ss%2Fw@db.example:3307/re%20lay',
      { engine: 'mysql', host: 'db.example', port: 3307, user: 'us@er', password: 'p@ss/w', database: 're lay' },
    ],
    [
      'mysql://u:p@[::1]:3307/relay',
      { engine: 'mysql', host: '::1', port: 3307, user: 'u', password: 'p', database: 'relay' },
    ],
  ])('the database %s is understood', (url, database) => {
    expect(readSettings({ DATABASE_URL: url }).database).toEqual(database);
  });

  test.each([
    [{}, 'stock-relay@localhost'],
    [{ PUBLIC_URL: 'https://relay.example:8443/base' }, 'stock-relay@relay.example'],
    [{ SMTP_URL: 'smtp://post%40shop.example:pw@mail.example:587' }, 'post@shop.example'],
    [{ SMTP_URL: 'smtp://apikey:pw@mail.example', PUBLIC_URL: 'https://relay.example' }, 'stock-relay@relay.example'],
    [{ MAIL_FROM: 'Ana’s shop <ana@shop.example>' }, 'Ana’s shop <ana@shop.example>'],
  ])('with %j e-mails are from %s', (env, from) => {
    expect(readSettings({ SMTP_URL: 'smtp://mail.example', ...env }).mail?.from).toBe(from);
  });

  test.each([
    ['1', 1],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
  ])('the proxies %s are understood', (text, trusted) => {
    expect(readSettings({ TRUST_PROXY: text }).trustProxy).toEqual(trusted);
  });

  test.each([['web'], ['worker']])('the role %s goes with a database that several can open', (role) => {
    expect(readSettings({ ROLE: role, DATABASE_URL: 'mysql://u:p@h/d', APP_KEY }).role).toBe(role);
  });
});

describe('A bad value is refused:', () => {
  test.each([
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PUBLIC_URL', 'relay.example'],
    ['PUBLIC_URL', 'ftp://relay.example'],
    ['DATABASE_URL', 'sqlite:'],
    ['DATABASE_URL', 'postgres://u:p@h/d'],
    ['DATABASE_URL', 'mysql://u:p@h/'],
    ['DATABASE_URL', 'mysql://'],
    ['DATABASE_URL', 'mysql://user:100%sure@h/d'],
    ['REDIS_URL', 'http://cache'],
    ['ROLE', 'queen'],
    ['APP_KEY', 'short'],
    ['APP_KEY', Buffer.alloc(31).toString('base64')],
    ['APP_KEY', `${APP_KEY}!`],
    ['ADMIN_TOKEN', 't'.repeat(31)],
    ['ALLOW_PRIVATE_NETWORK', 'yes'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '10.0.0.0/8,everybody'],
    ['LOG_LEVEL', 'loud'],
    ['SMTP_URL', 'mail.example'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_URL', 'smtp://user:100%sure@mail.example'],
    ['MAIL_FROM', 'Stock Relay'],
    ['MAIL_FROM', 'Shop <shop.example>'],
    ['MAIL_FROM', 'Shop\r\nBcc: x <shop@shop.example>'],
    ['SMARTBILL_API_URL', 'ws.smartbill.ro'],
  ])('%s=%s', (name, value) => {
    expect(namesAtFault({ [name]: value })).toEqual([name]);
  });

  it('the first owner’s address and password come together, and are an address and a real password', () => {
    expect(namesAtFault({ ADMIN_EMAIL: 'owner@shop.example' })).toEqual(['ADMIN_EMAIL']);
    expect(namesAtFault({ ADMIN_PASSWORD: 'a long password' })).toEqual(['ADMIN_EMAIL']);
    expect(namesAtFault({ ADMIN_EMAIL: 'owner', ADMIN_PASSWORD: 'a long password' })).toEqual(['ADMIN_EMAIL']);
    expect(namesAtFault({ ADMIN_EMAIL: 'o@s.example', ADMIN_PASSWORD: 'short' })).toEqual(['ADMIN_PASSWORD']);
  });

  test.each([['web'], ['worker']])('the role %s needs a database that several can open', (role) => {
    expect(namesAtFault({ ROLE: role, APP_KEY })).toEqual(['ROLE']);
    expect(namesAtFault({ ROLE: role, APP_KEY, DATABASE_URL: 'sqlite:/data/a.sqlite' })).toEqual(['ROLE']);
  });

  test.each([['web'], ['worker']])('the role %s needs the key that all processes share', (role) => {
    expect(namesAtFault({ ROLE: role, DATABASE_URL: 'mysql://u:p@h/d' })).toEqual(['APP_KEY']);
  });
});

describe('The faults', () => {
  const secrets = {
    PORT: 'secret-port',
    PUBLIC_URL: 'secret-url',
    DATABASE_URL: 'postgres://root:secret-password@db/relay',
    REDIS_URL: 'secret-redis',
    ROLE: 'secret-role',
    APP_KEY: 'secret-key',
    ADMIN_EMAIL: 'secret-mail',
    ADMIN_PASSWORD: 'secret',
    ADMIN_TOKEN: 'secret-token',
    SMARTBILL_API_URL: 'secret-api',
    HIBOUTIK_API_URL: 'secret-api',
    OBLIO_API_URL: 'secret-api',
    ALLOW_PRIVATE_NETWORK: 'secret-flag',
    TRUST_PROXY: 'secret-proxy',
    LOG_LEVEL: 'secret-level',
    SMTP_URL: 'secret-smtp',
    MAIL_FROM: 'secret-sender',
  };

  it('are listed all at once', () => {
    expect(namesAtFault(secrets).sort()).toEqual(Object.keys(secrets).sort());
  });

  it('never hold a value', () => {
    expect(faultsOf(secrets).join('\n')).not.toMatch(/secret/);
    expect(new BadSettings(faultsOf(secrets)).message).not.toMatch(/secret/);
  });

  it('between two settings are listed beside the faults of single ones', () => {
    expect(namesAtFault({ PORT: 'x', ROLE: 'web', ADMIN_EMAIL: 'owner@shop.example' }).sort()).toEqual([
      'ADMIN_EMAIL',
      'APP_KEY',
      'PORT',
      'ROLE',
    ]);
  });
});

describe('A setting in a file', () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    const at = path.join(folder, name);
    writeFileSync(at, text);
    return at;
  };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('counts as if it were given, without the line break at its end', () => {
    const settings = readSettings({ APP_KEY_FILE: file('key', `${APP_KEY}\n`), PORT_FILE: file('port', ' 81\n') });
    expect(settings.appKey).toEqual(Buffer.alloc(32, 1));
    expect(settings.port).toBe(81);
  });

  it('that cannot be read is a fault of its own, beside the others', () => {
    const faults = faultsOf({ APP_KEY_FILE: path.join(folder, 'none'), PORT: 'x' });
    expect(faults).toContain('APP_KEY_FILE cannot be read');
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain(folder);
  });

  it('and in the environment is one too many', () => {
    expect(faultsOf({ PORT: '80', PORT_FILE: file('twice', '81') })).toEqual(['PORT and PORT_FILE are both given']);
  });

  it('is judged like any other', () => {
    expect(faultsOf({ APP_KEY_FILE: file('bad', 'secret') })).toEqual(['APP_KEY must be 32 bytes in base64']);
  });
});
