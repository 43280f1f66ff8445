import { z } from 'zod';
import { asFailure, type Failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type {
  ShopAccess,
  ShopAuthentication,
  ShopCheck,
  ShopExamination,
  ShopRouteStyle,
} from '../../domain/ports/shop-target';
import { isHttps, SIGNATURE_WINDOW_MS, type WooApi, WooCallError } from './woo-api';
import { ping } from './write-stock';

const CHECKS = [
  'address',
  'reachable',
  'tls',
  'rest_route',
  'keys_valid',
  'keys_may_write',
  'stock_management',
  'version',
  'clock',
] as const satisfies readonly ShopCheck['id'][];

const OLDEST_TESTED_MAJOR = 8;
const CLOCK_WARNING_MS = 5 * 60_000;

/** The checks made so far; what is never found stays "not checked". */
class Findings {
  readonly #checks = new Map<ShopCheck['id'], ShopCheck>();

  good(id: ShopCheck['id'], code: string, params: ShopCheck['params'] = {}): void {
    this.#checks.set(id, { id, ok: true, severity: 'info', code, params });
  }

  warning(id: ShopCheck['id'], code: string, params: ShopCheck['params'] = {}): void {
    this.#checks.set(id, { id, ok: true, severity: 'warning', code, params });
  }

  bad(id: ShopCheck['id'], code: string, params: ShopCheck['params'] = {}): void {
    this.#checks.set(id, { id, ok: false, severity: 'error', code, params });
  }

  failed(id: ShopCheck['id'], { code, params }: Failure): void {
    this.bad(id, code, params);
  }

  all(): ShopCheck[] {
    return CHECKS.map(
      (id) => this.#checks.get(id) ?? { id, ok: false, severity: 'error', code: 'not_checked', params: {} },
    );
  }
}

interface Examination {
  readonly api: WooApi;
  readonly clock: Clock;
  readonly access: ShopAccess;
  readonly signal: AbortSignal;
  readonly findings: Findings;
}

/** Looks at the way to a shop from the outside in; the first thing that fails leaves the rest unchecked. */
export async function examineShop(
  api: WooApi,
  clock: Clock,
  access: ShopAccess,
  signal: AbortSignal,
): Promise<ShopExamination> {
  const findings = new Findings();
  const examination = { api, clock, access, signal, findings };
  let routeStyle: ShopRouteStyle | null = null;
  let authentication: ShopAuthentication | null = null;
  let version: string | null = null;

  const route = URL.canParse(access.url) ? await checkRoute(examination) : null;
  if (route === null && !URL.canParse(access.url)) findings.bad('address', 'invalid');
  if (route !== null) {
    routeStyle = route.style;
    const routed = { ...examination, access: { ...access, routeStyle } };
    authentication = await checkKeys(routed);
    checkClock(findings, clock, route.shopTime, authentication ?? (isHttps(access) ? 'basic' : 'oauth1'));
    if (authentication !== null) {
      const authenticated = { ...routed, access: { ...routed.access, authentication } };
      await checkWriting(authenticated);
      await checkStockManagement(authenticated);
      version = await checkVersion(authenticated);
    }
  }
  const checks = findings.all();
  return { ok: checks.every((check) => check.ok), checks, authentication, routeStyle, version };
}

const restIndex = z.object({ namespaces: z.array(z.string()), home: z.string().optional() });

interface FoundRoute {
  readonly style: ShopRouteStyle;
  readonly shopTime: number | null;
}

const STYLES: readonly ShopRouteStyle[] = ['pretty', 'index-php', 'rest-route'];

/** Another spelling of the route can help only where WordPress or its web server did not know this one. */
const STYLE_UNKNOWN: ReadonlySet<string> = new Set(['shop_rest_missing', 'shop_not_json', 'shop_answer_unexpected']);

async function checkRoute(examination: Examination): Promise<FoundRoute | null> {
  const { access, findings } = examination;
  let firstFailure: Failure | null = null;
  for (const style of STYLES) {
    try {
      const index = await readIndex(examination, style);
      reached(examination);
      checkAddress(examination, index.data.home);
      if (!index.data.namespaces.includes('wc/v3')) {
        findings.bad('rest_route', 'woocommerce_missing');
        return null;
      }
      if (style === 'rest-route') findings.warning('rest_route', 'plain_permalinks');
      else findings.good('rest_route', 'found');
      return { style, shopTime: index.shopTime };
    } catch (thrown) {
      const failure = asFailure(thrown);
      firstFailure ??= failure;
      const elsewhere = failure.code === 'shop_redirects' && leadsElsewhere(access.url, failure);
      if (elsewhere || !(STYLE_UNKNOWN.has(failure.code) || failure.code === 'shop_redirects')) {
        if (failure.code === 'shop_blocked') break;
        notReached(examination, failure);
        return null;
      }
    }
  }
  return (await findHiddenRoute(examination)) ?? reportMissing(examination, firstFailure);
}

const readIndex = ({ api, access, signal }: Examination, style: ShopRouteStyle) =>
  api.callWithoutKeys({
    access: { ...access, routeStyle: style },
    method: 'GET',
    route: '/',
    query: { _fields: 'name,url,home,namespaces' },
    shape: restIndex,
    signal,
  });

/** Plugins hide the index from visitors; what counts is whether WooCommerce answers where it should be. */
async function findHiddenRoute(examination: Examination): Promise<FoundRoute | null> {
  const { api, access, findings, signal } = examination;
  for (const style of STYLES) {
    let shopTime: number | null;
    try {
      shopTime = (await api.call({ ...probe, access: { ...access, routeStyle: style }, signal })).shopTime;
    } catch (thrown) {
      const isWoo = thrown instanceof WooCallError && thrown.answer.wooCode?.startsWith('woocommerce_rest_');
      if (!isWoo) continue;
      shopTime = thrown.answer.shopTime;
    }
    reached(examination);
    checkAddress(examination, undefined);
    findings.good('rest_route', 'hidden_index');
    return { style, shopTime };
  }
  return null;
}

function reportMissing(examination: Examination, failure: Failure | null): null {
  reached(examination);
  checkAddress(examination, undefined);
  if (failure !== null) examination.findings.failed('rest_route', failure);
  return null;
}

function reached({ access, findings }: Examination): void {
  findings.good('reachable', 'reachable');
  if (!isHttps(access)) findings.good('tls', 'not_used');
  else if (access.verifyTls) findings.good('tls', 'valid');
  else findings.warning('tls', 'unverified');
}

/** Names the first thing on the way that failed. */
function notReached(examination: Examination, failure: Failure): void {
  const { access, findings } = examination;
  switch (failure.code) {
    case 'shop_unreachable':
    case 'shop_timeout':
    case 'shop_answer_lost':
    case 'shop_address_forbidden':
      checkAddress(examination, undefined);
      findings.failed('reachable', failure);
      return;
    case 'shop_tls_invalid':
      checkAddress(examination, undefined);
      findings.good('reachable', 'reachable');
      findings.failed('tls', failure);
      return;
    case 'shop_redirects': {
      reached(examination);
      const location = redirectLocation(access.url, failure);
      findings.bad('address', 'redirects', { location, proposed: proposedAddress(location) });
      return;
    }
    default:
      reached(examination);
      checkAddress(examination, undefined);
      findings.failed('rest_route', failure);
  }
}

const redirectLocation = (base: string, failure: Failure): string => {
  const location = String(failure.params['location'] ?? '');
  return URL.canParse(location, base) ? new URL(location, base).href : location;
};

/** A redirect within the shop is a web server that knows no REST routes; one to another host or scheme moves the shop. */
const leadsElsewhere = (base: string, failure: Failure): boolean => {
  const location = redirectLocation(base, failure);
  return URL.canParse(location) && new URL(location).origin !== new URL(base).origin;
};

const proposedAddress = (location: string): string =>
  location.replace(/\/(index\.php\/)?(wp-json(\/.*)?)?$/, '').replace(/\/+$/, '');

function checkAddress({ access, findings }: Examination, home: string | undefined): void {
  if (home !== undefined && URL.canParse(home) && new URL(home).host !== new URL(access.url).host) {
    findings.warning('address', 'other_home', { home });
  } else if (isHttps(access)) findings.good('address', 'https');
  else findings.warning('address', 'plain_http');
}

const probe = {
  method: 'GET',
  route: '/wc/v3/products',
  query: { per_page: '1', _fields: 'id' },
  shape: z.array(z.object({ id: z.number() })),
} as const;

/** Tries what keeps the secret safest first; keys in the address only with the owner's consent. */
async function checkKeys(examination: Examination): Promise<ShopAuthentication | null> {
  const { api, access, signal, findings } = examination;
  const ways: ShopAuthentication[] = isHttps(access)
    ? ['basic', 'oauth1', ...(access.allowQueryKeys ? (['query'] as const) : [])]
    : ['oauth1'];
  const refusals: unknown[] = [];
  for (const authentication of ways) {
    try {
      await api.call({ ...probe, access: { ...access, authentication }, signal });
      reportAccepted(findings, authentication, refusals.length > 0);
      return authentication;
    } catch (thrown) {
      refusals.push(thrown);
      if (!isUnseenKey(thrown) && !(authentication === 'oauth1' && isRefusedKey(thrown))) break;
    }
  }
  // A signature is refused alike for an unknown key and for a shop that knows itself under another address.
  const telling = refusals.find((refusal) => !isRefusedKey(refusal)) ?? refusals[0];
  if (isUnseenKey(telling)) findings.bad('keys_valid', 'not_seen');
  else findings.failed('keys_valid', asFailure(telling));
  return null;
}

function reportAccepted(findings: Findings, authentication: ShopAuthentication, headerFailed: boolean): void {
  if (authentication === 'query') findings.warning('keys_valid', 'sent_in_address');
  else if (authentication === 'oauth1' && headerFailed) findings.warning('keys_valid', 'signed_instead');
  else findings.good('keys_valid', authentication === 'oauth1' ? 'signed' : 'accepted');
}

/** The shop treated us as a stranger: the key is unknown there, or never arrived. */
const isUnseenKey = (thrown: unknown): boolean =>
  thrown instanceof WooCallError &&
  thrown.answer.status === 401 &&
  (thrown.answer.wooCode?.startsWith('woocommerce_rest_cannot_') ?? false);

const isRefusedKey = (thrown: unknown): boolean => thrown instanceof WooCallError && thrown.answer.status === 401;

async function checkWriting({ api, access, signal, findings }: Examination): Promise<void> {
  try {
    await ping(api, access, signal);
    findings.good('keys_may_write', 'may_write');
  } catch (thrown) {
    findings.failed('keys_may_write', asFailure(thrown));
  }
}

async function checkStockManagement({ api, access, signal, findings }: Examination): Promise<void> {
  try {
    const setting = await api.call({
      access,
      method: 'GET',
      route: '/wc/v3/settings/products/woocommerce_manage_stock',
      query: { _fields: 'id,value' },
      shape: z.object({ value: z.string() }),
      signal,
    });
    if (setting.data.value === 'no') findings.bad('stock_management', 'off');
    else findings.good('stock_management', 'on');
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    findings.warning('stock_management', 'unknown');
  }
}

async function checkVersion({ api, access, signal, findings }: Examination): Promise<string | null> {
  try {
    const status = await api.call({
      access,
      method: 'GET',
      route: '/wc/v3/system_status',
      query: { _fields: 'environment.version' },
      shape: z.object({ environment: z.object({ version: z.string().min(1).max(50) }) }),
      signal,
    });
    const { version } = status.data.environment;
    if (Number.parseInt(version, 10) >= OLDEST_TESTED_MAJOR) findings.good('version', 'supported', { version });
    else findings.warning('version', 'old', { version });
    return version;
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    findings.warning('version', 'unknown');
    return null;
  }
}

function checkClock(
  findings: Findings,
  clock: Clock,
  shopTime: number | null,
  authentication: ShopAuthentication,
): void {
  if (shopTime === null) return findings.good('clock', 'unknown');
  const difference = Math.abs(shopTime - clock.now());
  const minutes = Math.round(difference / 60_000);
  if (difference <= CLOCK_WARNING_MS) findings.good('clock', 'right');
  else if (difference <= SIGNATURE_WINDOW_MS || authentication !== 'oauth1') {
    findings.warning('clock', 'off', { minutes });
  } else findings.bad('clock', 'breaks_signatures', { minutes });
}
