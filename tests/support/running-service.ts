import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { type ComposeOptions, type Service, startService } from '../../server/compose';
import { readSettings } from '../../server/config/settings';
import { ApiClient, pickNumber, pickText } from './api-client';

export const ADMIN_TOKEN = 'a-token-for-tests-of-at-least-32-characters';

export interface RunningService {
  readonly service: Service;
  readonly url: string;
  readonly api: ApiClient;
  readonly dataDir: string;
  /** Every log line so far, as written. */
  readonly logText: () => string;
  stop(): Promise<void>;
}

/** The whole service in this process, on a port of its own and with a data folder of its own. */
export async function runService(
  environment: Readonly<Record<string, string>> = {},
  options: ComposeOptions = {},
): Promise<RunningService> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-'));
  let logged = '';
  const logTo = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const settings = readSettings({
    PORT: '0',
    DATA_DIR: dataDir,
    ADMIN_TOKEN,
    ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'info',
    ...environment,
  });
  const service = await startService(settings, { logTo, checkAnswers: true, ...options });
  return {
    service,
    url: service.url,
    api: new ApiClient(service.url, ADMIN_TOKEN),
    dataDir,
    logText: () => logged,
    stop: async () => {
      await service.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface ShopKeys {
  readonly url: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly verifyTls?: boolean;
}

export interface Connected {
  readonly shopId: number;
  readonly sourceId: number;
  readonly connectionId: number;
  readonly pushUrl: string;
  readonly token: string;
}

/** For tests of something else than web orders: nothing is asked of the shop for them. */
export const NOT_COUNTED = { knownBy: 'not_counted' } as const;

/** Shop, source and connection, made over the API as a script would; web orders are not counted unless asked for. */
export async function connect(
  api: ApiClient,
  shop: ShopKeys,
  more: {
    readonly source?: Readonly<Record<string, unknown>>;
    readonly connection?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<Connected> {
  const added = await api.call('POST', '/shops', { name: 'Shop', ...shop });
  // A second source of a shop that is here already.
  const shopId = pickNumber(added.body, added.status === 409 ? 'shopId' : 'id');
  const source = await api.expect(201, 'POST', '/sources', { name: 'Accounting', kind: 'generic', ...more.source });
  const sourceId = pickNumber(source, 'id');
  const connection = await api.expect(201, 'POST', '/connections', {
    sourceId,
    shopId,
    mode: 'live',
    orders: NOT_COUNTED,
    ...more.connection,
  });
  return {
    shopId,
    sourceId,
    connectionId: pickNumber(connection, 'id'),
    pushUrl: pickText(source, 'pushUrl'),
    token: pickText(source, 'token'),
  };
}
