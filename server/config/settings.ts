import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must lie between ${least} and ${most}`);
const webAddress = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http(s) address')
  .transform((text) => text.replace(/\/+$/, ''));

/** null for a stray "%", which would have to be written %25. */
const decoded = (part: string): string | null => {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
};

const databaseUrl = z.string().transform((text, context): DatabaseAddress => {
  if (text.startsWith('sqlite:')) {
    const file = text.slice('sqlite:'.length);
    if (file !== '') return { engine: 'sqlite', file };
  } else if (/^(mysql|mariadb):\/\//.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    const [database, user, password] = [url.pathname.slice(1), url.username, url.password].map(decoded);
    if (url.hostname !== '' && database && user != null && password != null) {
      return {
        engine: 'mysql',
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port === '' ? 3306 : Number(url.port),
        user,
        password,
        database,
      };
    }
  }
  context.addIssue({ code: 'custom', message: 'must be sqlite:/path/file.sqlite or mysql://user:pass@host:3306/db' });
  return z.NEVER;
});

const appKey = z
  .string()
  .refine(
    (text) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === 32,
    'must be 32 bytes in base64',
  )
  .transform((text) => Buffer.from(text, 'base64'));

const isSmtpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return /^smtps?:$/.test(protocol) && hostname !== '' && decoded(username) !== null && decoded(password) !== null;
};

/** The address of `Name <address>`. */
const bareAddress = (text: string): string => /^[^<>\r\n]*<([^<>]+)>$/.exec(text.trim())?.[1] ?? text.trim();

/** Whom e-mails are from, where nothing is said: the mail server's user, else us at our own host. */
function senderOf(smtpUrl: string, publicUrl: string | undefined): string {
  const user = decoded(new URL(smtpUrl).username) ?? '';
  if (z.email().safeParse(user).success) return user;
  return `stock-relay@${publicUrl === undefined ? 'localhost' : new URL(publicUrl).hostname}`;
}

/**
 * Express's "trust proxy": how many proxies stand in front, or their addresses. `true` is refused: it would let every
 * caller choose the address the login limits count by.
 */
const trustProxy = z.string().transform((text, context): number | string[] => {
  if (/^\d+$/.test(text)) return Number(text);
  const ranges = text.split(',').map((part) => part.trim());
  const isRange = (part: string) =>
    ['loopback', 'linklocal', 'uniquelocal'].includes(part) || isIP(part.replace(/\/\d+$/, '')) !== 0;
  if (text !== '' && ranges.every(isRange)) return ranges;
  context.addIssue({ code: 'custom', message: 'must be a number of proxies or a list of their addresses' });
  return z.NEVER;
});

const environment = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: wholeNumber(0, 65_535).default(4080),
    PUBLIC_URL: webAddress.optional(),
    DATA_DIR: z.string().min(1).default('./data'),
    DATABASE_URL: databaseUrl.optional(),
    REDIS_URL: z
      .string()
      .refine((text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol), 'must be a redis:// address')
      .optional(),
    ROLE: z.enum(['all', 'web', 'worker'], 'must be all, web or worker').default('all'),
    APP_KEY: appKey.optional(),
    ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
    ADMIN_TOKEN: z.string().min(32, 'must have at least 32 characters').optional(),
    SMARTBILL_API_URL: webAddress.default('https://ws.smartbill.ro/SBORO/api'),
    HIBOUTIK_API_URL: webAddress.optional(),
    OBLIO_API_URL: webAddress.optional(),
    ALLOW_PRIVATE_NETWORK: flag.default(false),
    TRUST_PROXY: trustProxy.optional(),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a level such as info or warn')
      .default('info'),
    SMTP_URL: z.string().refine(isSmtpUrl, 'must be an smtp:// or smtps:// address with a host').optional(),
    MAIL_FROM: z
      .string()
      .refine((text) => z.email().safeParse(bareAddress(text)).success, 'must be an e-mail address, or Name <address>')
      .optional(),
  })
  .refine((env) => (env.ADMIN_EMAIL === undefined) === (env.ADMIN_PASSWORD === undefined), {
    path: ['ADMIN_EMAIL'],
    message: 'and ADMIN_PASSWORD must be given together',
  })
  .refine((env) => env.ROLE === 'all' || env.DATABASE_URL?.engine === 'mysql', {
    path: ['ROLE'],
    message: 'web and worker need DATABASE_URL=mysql://…: an embedded database serves one process only',
  })
  .refine((env) => env.ROLE === 'all' || env.APP_KEY !== undefined, {
    path: ['APP_KEY'],
    message: 'must be given to web and worker: each would make a key of its own, and could not read the shops’ keys',
  });

export type DatabaseAddress =
  | { readonly engine: 'sqlite'; readonly file: string }
  | {
      readonly engine: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash; null = derived from each request or from host and port. */
  readonly publicUrl: string | null;
  readonly dataDir: string;
  readonly database: DatabaseAddress;
  readonly redisUrl: string | null;
  readonly role: 'all' | 'web' | 'worker';
  /** 32 bytes, or null: then kept in a file in dataDir. */
  readonly appKey: Buffer | null;
  readonly firstOwner: { readonly email: string; readonly password: string } | null;
  readonly adminToken: string | null;
  readonly smartbillApiUrl: string;
  /** Left out: each account's own address. */
  readonly hiboutikApiUrl?: string | undefined;
  /** Left out: Oblio's own. */
  readonly oblioApiUrl?: string | undefined;
  readonly allowPrivateNetwork: boolean;
  readonly trustProxy: number | string[] | null;
  readonly logLevel: string;
  /** null = no e-mail is sent. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
}

/** Every fault of the environment at once; never the values, which may be secrets. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';

  constructor(readonly faults: readonly string[]) {
    super(`The settings are not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

function withFiles(env: Environment, faults: string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(environment.shape)) {
    const direct = env[name];
    const file = env[`${name}_FILE`];
    if (direct !== undefined && direct !== '' && file !== undefined && file !== '') {
      faults.push(`${name} and ${name}_FILE are both given`);
    } else if (direct !== undefined && direct !== '') {
      values[name] = direct;
    } else if (file !== undefined && file !== '') {
      try {
        values[name] = readFileSync(file, 'utf8').trim();
      } catch {
        faults.push(`${name}_FILE cannot be read`);
      }
    }
  }
  return values;
}

/** Reads the settings, or throws BadSettings with every fault. */
export function readSettings(env: Environment): Settings {
  const faults: string[] = [];
  const parsed = environment.safeParse(withFiles(env, faults));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(`${issue.path.join('.')} ${issue.message}`);
  }
  if (!parsed.success || faults.length > 0) throw new BadSettings(faults);
  const values = parsed.data;
  const dataDir = path.resolve(values.DATA_DIR);
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    dataDir,
    database: values.DATABASE_URL ?? { engine: 'sqlite', file: path.join(dataDir, 'stock-relay.sqlite') },
    redisUrl: values.REDIS_URL ?? null,
    role: values.ROLE,
    appKey: values.APP_KEY ?? null,
    firstOwner:
      values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : null,
    adminToken: values.ADMIN_TOKEN ?? null,
    smartbillApiUrl: values.SMARTBILL_API_URL,
    hiboutikApiUrl: values.HIBOUTIK_API_URL,
    oblioApiUrl: values.OBLIO_API_URL,
    allowPrivateNetwork: values.ALLOW_PRIVATE_NETWORK,
    trustProxy: values.TRUST_PROXY ?? null,
    logLevel: values.LOG_LEVEL,
    mail:
      values.SMTP_URL === undefined
        ? null
        : { smtpUrl: values.SMTP_URL, from: values.MAIL_FROM ?? senderOf(values.SMTP_URL, values.PUBLIC_URL) },
  };
}

/** The settings of this process: the only place that looks at the environment. */
export const settingsOfThisProcess = (): Settings => readSettings(process.env);
