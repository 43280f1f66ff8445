import { Secret, TOTP } from 'otpauth';
import { type ApiAnswer, ApiClient, answerOf, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { CookieBrowser } from '../support/cookie-browser';
import { ADMIN_TOKEN, type RunningService, runService } from '../support/running-service';
import { ServedContract } from '../support/served-contract';
import { SettableClock } from '../support/settable-clock';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };
const PASSWORD = 'another long password';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe('people and what lets them in', () => {
  const clock = new SettableClock();
  let running: RunningService;
  let contract: ServedContract;
  let owner: CookieBrowser;

  beforeAll(async () => {
    const first = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password };
    running = await runService({ ...first, TRUST_PROXY: '1' }, { clock });
    contract = await ServedContract.of(running.url);
    owner = await loggedIn(OWNER.email, OWNER.password);
  });

  afterAll(async () => {
    await running.stop();
  });

  /** Calls as somebody, and holds the answer against the served document. */
  async function call(
    by: CookieBrowser,
    method: string,
    template: string,
    values: Record<string, number> = {},
    body?: unknown,
    query = '',
  ): Promise<ApiAnswer> {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
    const answer = await by.call(method.toUpperCase(), path + query, body);
    contract.check(method, `/api/v1${template}`, answer);
    return answer;
  }

  async function loggedIn(email: string, password: string, userAgent?: string): Promise<CookieBrowser> {
    const browser = new CookieBrowser(running.url, userAgent);
    const answer = await call(browser, 'post', '/session', {}, { email, password });
    expect(answer).toMatchObject({ status: 200, body: { state: 'open' } });
    browser.adopt(answer);
    return browser;
  }

  const tokenIn = (answer: ApiAnswer): string => pickText(answer.body, 'link').split('#token=')[1] ?? '';

  /** Invited, joined and logged in. */
  async function somebody(role: 'owner' | 'operator' | 'viewer', email: string): Promise<CookieBrowser> {
    const invited = await call(owner, 'post', '/invitations', {}, { email, role });
    expect(invited.status).toBe(201);
    const browser = new CookieBrowser(running.url);
    const joined = await call(
      browser,
      'post',
      '/join',
      {},
      {
        token: tokenIn(invited),
        password: PASSWORD,
        language: 'ro',
      },
    );
    expect(joined.status).toBe(200);
    browser.adopt(joined);
    return browser;
  }

  const idOf = async (browser: CookieBrowser): Promise<number> =>
    pickNumber((await browser.call('GET', '/session')).body, 'user', 'id');

  const code = (secret: string): string =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });

  const audit = async (query = ''): Promise<readonly unknown[]> =>
    pickList((await call(owner, 'get', '/audit', {}, undefined, query)).body, 'data');

  describe('an invitation', () => {
    it('says what it is for, makes the account and logs in, and works once', async () => {
      const invited = await call(owner, 'post', '/invitations', {}, { email: 'Ana@Example.com', role: 'operator' });
      expect(invited).toMatchObject({ status: 201, body: { email: 'Ana@Example.com', mail: 'not_configured' } });
      expect(pickText(invited.body, 'link')).toMatch(new RegExp(`^${running.url}/join#token=[0-9a-f]{64}$`));
      const token = tokenIn(invited);
      const ana = new CookieBrowser(running.url);
      const seen = await call(ana, 'post', '/join/look', {}, { token });
      expect(seen).toMatchObject({ status: 200, body: { kind: 'join', email: 'Ana@Example.com', role: 'operator' } });
      const short = await call(ana, 'post', '/join', {}, { token, password: 'short' });
      expect(short).toMatchObject({ status: 422, body: { errors: [{ path: 'password' }] } });
      const joined = await call(ana, 'post', '/join', {}, { token, password: PASSWORD, language: 'ro' });
      expect(joined).toMatchObject({
        status: 200,
        body: { state: 'open', user: { role: 'operator', language: 'ro' } },
      });
      expect((await ana.call('GET', '/session')).status).toBe(200);
      expect(await call(ana, 'post', '/join', {}, { token, password: PASSWORD })).toMatchObject({ status: 403 });
      const again = await call(owner, 'post', '/invitations', {}, { email: 'ana@example.com', role: 'viewer' });
      expect(again).toMatchObject({ status: 409 });
    });

    it('can be issued anew and taken back, and every other link is void then', async () => {
      const first = await call(owner, 'post', '/invitations', {}, { email: 'bo@example.com', role: 'viewer' });
      const id = pickNumber(first.body, 'id');
      const second = await call(owner, 'post', '/invitations/{id}/reissue', { id });
      expect(second.status).toBe(201);
      const listed = pickList((await call(owner, 'get', '/invitations')).body, 'data');
      expect(listed).toMatchObject([{ email: 'bo@example.com', role: 'viewer', issuedBy: OWNER.email }]);
      expect(JSON.stringify(listed)).not.toContain(tokenIn(second));
      const bo = new CookieBrowser(running.url);
      expect((await call(bo, 'post', '/join/look', {}, { token: tokenIn(first) })).status).toBe(403);
      expect((await call(bo, 'post', '/join/look', {}, { token: tokenIn(second) })).status).toBe(200);
      const secondId = pickNumber(second.body, 'id');
      expect((await call(owner, 'delete', '/invitations/{id}', { id: secondId })).status).toBe(204);
      expect((await call(bo, 'post', '/join/look', {}, { token: tokenIn(second) })).status).toBe(403);
      expect((await call(owner, 'delete', '/invitations/{id}', { id: secondId })).status).toBe(404);
    });

    it('runs out after seven days', async () => {
      const late = await call(owner, 'post', '/invitations', {}, { email: 'late@example.com', role: 'viewer' });
      clock.advance(7 * DAY_MS);
      const answer = await call(new CookieBrowser(running.url), 'post', '/join/look', {}, { token: tokenIn(late) });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      await call(owner, 'delete', '/invitations/{id}', { id: pickNumber(late.body, 'id') });
    });
  });

  describe('people', () => {
    it('are listed with role, second factor and when they were last seen', async () => {
      const people = pickList((await call(owner, 'get', '/users')).body, 'data');
      expect(people[0]).toMatchObject({ email: OWNER.email, role: 'owner', secondFactor: false });
      expect(pickText(people[0], 'lastSeenAt')).toBe(new Date(clock.now()).toISOString());
    });

    it('are managed by owners alone, never by an API token, and by ADMIN_TOKEN for the case of need', async () => {
      const viewer = await somebody('viewer', 'looker@example.com');
      expect(await call(viewer, 'get', '/users')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      const made = await call(owner, 'post', '/tokens', {}, { name: 'All', scope: 'admin' });
      const program = new ApiClient(running.url, pickText(made.body, 'token'));
      for (const path of ['/users', '/invitations', '/tokens', '/account', '/access-rules']) {
        expect([path, (await program.call('GET', path)).status]).toEqual([path, 403]);
      }
      expect((await program.call('GET', '/audit')).status).toBe(200);
      expect((await running.api.call('GET', '/users')).status).toBe(200);
      expect((await running.api.call('GET', '/account')).status).toBe(403);
    });

    it('change roles of others at once, never their own, and one owner always remains', async () => {
      const other = await somebody('owner', 'second@example.com');
      const [mine, theirs] = [await idOf(owner), await idOf(other)];
      expect((await call(owner, 'patch', '/users/{id}', { id: mine }, { role: 'viewer' })).status).toBe(409);
      expect((await call(owner, 'delete', '/users/{id}', { id: mine })).status).toBe(409);
      const changed = await call(owner, 'patch', '/users/{id}', { id: theirs }, { role: 'viewer' });
      expect(changed).toMatchObject({ status: 200, body: { role: 'viewer' } });
      expect((await other.call('GET', '/users')).status).toBe(403);
      const last = await running.api.call('PATCH', `/users/${mine}`, { role: 'operator' });
      expect(last).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/last owner/) } });
      expect((await running.api.call('DELETE', `/users/${mine}`)).status).toBe(409);
      expect((await call(owner, 'patch', '/users/{id}', { id: 999 }, { role: 'viewer' })).status).toBe(404);
    });

    it('who are removed are out at once, with their sessions and tokens', async () => {
      const gone = await somebody('operator', 'gone@example.com');
      const made = await call(gone, 'post', '/tokens', {}, { name: 'Mine', scope: 'write' });
      const program = new ApiClient(running.url, pickText(made.body, 'token'));
      expect((await program.call('GET', '/shops')).status).toBe(200);
      const id = await idOf(gone);
      expect((await call(owner, 'delete', '/users/{id}', { id })).status).toBe(204);
      expect((await gone.call('GET', '/session')).status).toBe(401);
      expect((await program.call('GET', '/shops')).status).toBe(401);
      expect((await call(owner, 'delete', '/users/{id}', { id })).status).toBe(404);
    });

    it('who lost the password set a new one by a link of an owner, and everybody else is out', async () => {
      const lost = await somebody('viewer', 'lost@example.com');
      const issued = await call(owner, 'post', '/users/{id}/reset-link', { id: await idOf(lost) });
      expect(issued.status).toBe(201);
      const browser = new CookieBrowser(running.url);
      const seen = await call(browser, 'post', '/join/look', {}, { token: tokenIn(issued) });
      expect(seen.body).toMatchObject({ kind: 'reset', email: 'lost@example.com' });
      const reset = { token: tokenIn(issued), password: 'yet another password' };
      expect((await call(browser, 'post', '/join', {}, reset)).status).toBe(200);
      expect((await lost.call('GET', '/session')).status).toBe(401);
      await loggedIn('lost@example.com', 'yet another password');
      expect((await audit('?action=session.reset&limit=1'))[0]).toMatchObject({ actor: 'lost@example.com' });
    });
  });

  describe('my account', () => {
    it('is shown, and keeps another language', async () => {
      expect((await call(owner, 'get', '/account')).body).toMatchObject({
        email: OWNER.email,
        secondFactor: { on: false, recoveryCodesLeft: 0, required: false },
      });
      const changed = await call(owner, 'patch', '/account', {}, { language: 'fr' });
      expect(changed.body).toMatchObject({ language: 'fr' });
      expect((await call(owner, 'patch', '/account', {}, { language: 'de' })).status).toBe(422);
    });

    it('names the devices of my sessions, and ends one or all others', async () => {
      const mine = await somebody('viewer', 'many@example.com');
      const phone = await loggedIn(
        'many@example.com',
        PASSWORD,
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1',
      );
      await loggedIn('many@example.com', PASSWORD, 'curl/8.0');
      const sessions = pickList((await call(mine, 'get', '/account/sessions')).body, 'data');
      expect(sessions).toHaveLength(3);
      const byPhone = sessions.find((session) => pick(session, 'system') === 'iPhone');
      expect(byPhone).toMatchObject({ browser: 'Safari', current: false });
      expect(sessions.filter((session) => pick(session, 'current') === true)).toMatchObject([
        { browser: 'Firefox', system: 'Linux' },
      ]);
      const id = pickNumber(byPhone, 'id');
      expect((await call(owner, 'delete', '/account/sessions/{id}', { id })).status).toBe(404);
      expect((await call(mine, 'delete', '/account/sessions/{id}', { id })).status).toBe(204);
      expect((await phone.call('GET', '/session')).status).toBe(401);
      expect((await call(mine, 'delete', '/account/sessions')).status).toBe(204);
      expect(pickList((await call(mine, 'get', '/account/sessions')).body, 'data')).toHaveLength(1);
    });

    it('takes a new password only with the old one, and ends the other sessions', async () => {
      const mine = await somebody('viewer', 'careful@example.com');
      const other = await loggedIn('careful@example.com', PASSWORD);
      const wrong = { currentPassword: 'wrong', newPassword: 'a brand new password' };
      const refused = await call(mine, 'post', '/account/password', {}, wrong);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'currentPassword' }] } });
      const right = { ...wrong, currentPassword: PASSWORD };
      expect((await call(mine, 'post', '/account/password', {}, right)).status).toBe(204);
      expect((await mine.call('GET', '/session')).status).toBe(200);
      expect((await other.call('GET', '/session')).status).toBe(401);
      await loggedIn('careful@example.com', 'a brand new password');
    });
  });

  describe('a second factor', () => {
    let secret = '';
    let codes: string[] = [];
    let dora: CookieBrowser;
    const email = 'dora@example.com';

    const firstStep = async (): Promise<string> => {
      const answer = await call(new CookieBrowser(running.url), 'post', '/session', {}, { email, password: PASSWORD });
      expect(answer).toMatchObject({ status: 200, body: { state: 'second_factor_needed' } });
      expect(answer.headers.getSetCookie()).toEqual([]);
      return pickText(answer.body, 'challenge');
    };
    const secondStep = (challenge: string, proof: Record<string, string>, by = new CookieBrowser(running.url)) =>
      call(by, 'post', '/session/second-factor', {}, { challenge, ...proof });

    it('counts only once a code has confirmed it, and shows ten recovery codes', async () => {
      dora = await somebody('viewer', email);
      const begun = await call(dora, 'post', '/account/second-factor');
      secret = pickText(begun.body, 'secret');
      expect(pickText(begun.body, 'uri')).toMatch(/^otpauth:\/\/totp\/Stock%20Relay:dora%40example\.com\?/);
      await loggedIn(email, PASSWORD);
      const wrong = await call(dora, 'post', '/account/second-factor/confirm', {}, { code: '000000' });
      expect(wrong).toMatchObject({ status: 422, body: { errors: [{ path: 'code' }] } });
      const on = await call(dora, 'post', '/account/second-factor/confirm', {}, { code: code(secret) });
      codes = pickList(on.body, 'recoveryCodes').map(String);
      expect(new Set(codes).size).toBe(10);
      expect(codes[0]).toMatch(/^[0-9a-f]{5}(-[0-9a-f]{5}){3}$/);
      expect((await call(dora, 'get', '/account')).body).toMatchObject({
        secondFactor: { on: true, recoveryCodesLeft: 10 },
      });
      expect((await call(dora, 'post', '/account/second-factor')).status).toBe(409);
    });

    it('is asked for at log-in; a code is taken once, and a challenge opens one session', async () => {
      const used = code(secret);
      expect((await secondStep(await firstStep(), { code: used })).status).toBe(401);
      clock.advance(30_000);
      const challenge = await firstStep();
      expect(await secondStep(challenge, { code: '000000' })).toMatchObject({
        status: 401,
        body: { code: 'wrong_code' },
      });
      const browser = new CookieBrowser(running.url);
      const opened = await secondStep(challenge, { code: code(secret) }, browser);
      expect(opened).toMatchObject({ status: 200, body: { state: 'open', user: { email } } });
      expect((await browser.call('GET', '/session')).status).toBe(200);
      clock.advance(30_000);
      const again = await secondStep(challenge, { code: code(secret) });
      expect(again).toMatchObject({ status: 401, body: { code: 'challenge_over' } });
      expect((await secondStep(await firstStep(), {})).status).toBe(422);
    });

    it('lets in by a recovery code, once each, however it is typed', async () => {
      const [first = ''] = codes;
      expect((await secondStep(await firstStep(), { recoveryCode: ` ${first.toUpperCase()} ` })).status).toBe(200);
      expect((await secondStep(await firstStep(), { recoveryCode: first })).status).toBe(401);
      expect((await call(dora, 'get', '/account')).body).toMatchObject({ secondFactor: { recoveryCodesLeft: 9 } });
      expect((await call(dora, 'post', '/account/second-factor/recovery-codes', {}, { password: 'no' })).status).toBe(
        422,
      );
      const renewed = await call(dora, 'post', '/account/second-factor/recovery-codes', {}, { password: PASSWORD });
      expect((await secondStep(await firstStep(), { recoveryCode: codes[1] ?? '' })).status).toBe(401);
      codes = pickList(renewed.body, 'recoveryCodes').map(String);
    });

    it('is not asked for ever: a challenge has five tries and five minutes', async () => {
      clock.advance(16 * MINUTE_MS);
      const challenge = await firstStep();
      for (let n = 0; n < 5; n++) expect((await secondStep(challenge, { code: '000000' })).status).toBe(401);
      const sixth = await secondStep(challenge, { code: code(secret) });
      expect(sixth).toMatchObject({ status: 401, body: { code: 'challenge_over' } });
      const slow = await firstStep();
      clock.advance(5 * MINUTE_MS);
      expect((await secondStep(slow, { code: code(secret) })).body).toMatchObject({ code: 'challenge_over' });
    });

    it('cannot be guessed by opening challenge after challenge', async () => {
      clock.advance(16 * MINUTE_MS);
      for (let round = 0; round < 2; round++) {
        const challenge = await firstStep();
        for (let n = 0; n < 5; n++) await secondStep(challenge, { code: '000000' });
      }
      const refused = await call(new CookieBrowser(running.url), 'post', '/session', {}, { email, password: PASSWORD });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      clock.advance(16 * MINUTE_MS);
      expect((await secondStep(await firstStep(), { code: code(secret) })).status).toBe(200);
    });

    it('is asked for after a new password was set by a link, too', async () => {
      const issued = await call(owner, 'post', '/users/{id}/reset-link', { id: await idOf(dora) });
      const reset = { token: tokenIn(issued), password: PASSWORD };
      const answer = await call(new CookieBrowser(running.url), 'post', '/join', {}, reset);
      expect(answer.body).toMatchObject({ state: 'second_factor_needed' });
      clock.advance(30_000);
      dora = new CookieBrowser(running.url);
      dora.adopt(await secondStep(pickText(answer.body, 'challenge'), { code: code(secret) }, dora));
    });

    it('is switched off with password and code, or by an owner', async () => {
      clock.advance(30_000);
      const off = (body: object) => call(dora, 'post', '/account/second-factor/switch-off', {}, body);
      expect(await off({ password: 'no', code: code(secret) })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'password' }] },
      });
      expect(await off({ password: PASSWORD, code: '000000' })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'code' }] },
      });
      expect((await off({ password: PASSWORD, code: code(secret) })).status).toBe(204);
      await loggedIn(email, PASSWORD);

      const begun = await call(dora, 'post', '/account/second-factor');
      secret = pickText(begun.body, 'secret');
      await call(dora, 'post', '/account/second-factor/confirm', {}, { code: code(secret) });
      const id = await idOf(dora);
      const switched = await call(owner, 'post', '/users/{id}/second-factor/switch-off', { id });
      expect(switched).toMatchObject({ status: 200, body: { secondFactor: false } });
      expect((await call(owner, 'post', '/users/{id}/second-factor/switch-off', { id })).status).toBe(409);
      await loggedIn(email, PASSWORD);
      expect((await audit('?action=users.second-factor'))[0]).toMatchObject({ actor: OWNER.email, objectName: email });
    });

    it('that everybody must have leads whoever has none to setting it up, and lets them do nothing else', async () => {
      expect((await call(owner, 'get', '/access-rules')).body).toEqual({ secondFactorRequired: false });
      const early = await call(owner, 'patch', '/access-rules', {}, { secondFactorRequired: true });
      expect(early.status).toBe(409);
      const begun = await call(owner, 'post', '/account/second-factor');
      const mine = pickText(begun.body, 'secret');
      await call(owner, 'post', '/account/second-factor/confirm', {}, { code: code(mine) });
      expect((await call(owner, 'patch', '/access-rules', {}, { secondFactorRequired: true })).status).toBe(200);

      const late = await loggedIn(email, PASSWORD);
      expect((await late.call('GET', '/session')).body).toMatchObject({ mustEnrol: true });
      expect(await late.call('GET', '/shops')).toMatchObject({
        status: 403,
        body: { code: 'second_factor_required' },
      });
      expect((await late.call('PATCH', '/account', { language: 'en' })).status).toBe(403);
      const theirs = pickText((await late.call('POST', '/account/second-factor')).body, 'secret');
      await late.call('POST', '/account/second-factor/confirm', { code: code(theirs) });
      expect((await late.call('GET', '/shops')).status).toBe(200);
      expect((await call(owner, 'patch', '/access-rules', {}, { secondFactorRequired: false })).status).toBe(200);
    });
  });

  describe('API tokens', () => {
    it('are shown once, do what their scope says, and are listed by their beginning', async () => {
      const made = await call(owner, 'post', '/tokens', {}, { name: 'Reports', scope: 'read' });
      const token = pickText(made.body, 'token');
      expect(token).toMatch(/^sr_[0-9a-f]{64}$/);
      const program = new ApiClient(running.url, token);
      expect((await program.call('GET', '/shops')).status).toBe(200);
      expect((await program.call('POST', '/items/actions', { action: 'sync-now', ids: [1] })).status).toBe(403);
      const listed = await call(owner, 'get', '/tokens');
      expect(JSON.stringify(listed.body)).not.toContain(token);
      const row = pickList(listed.body, 'data').find((each) => pick(each, 'name') === 'Reports');
      expect(row).toMatchObject({ prefix: token.slice(0, 9), madeBy: OWNER.email, expiresAt: null });
      expect(pickText(row, 'lastUsedAt')).toBe(new Date(clock.now()).toISOString());
      expect((await call(owner, 'delete', '/tokens/{id}', { id: pickNumber(made.body, 'id') })).status).toBe(204);
      expect((await program.call('GET', '/shops')).status).toBe(401);
    });

    it('do not touch what their maker chose for themselves', async () => {
      const made = await call(owner, 'post', '/tokens', {}, { name: 'Everything', scope: 'admin' });
      const program = new ApiClient(running.url, pickText(made.body, 'token'));
      const calls = [
        ['GET', '/notice-settings', undefined],
        ['PATCH', '/notice-settings', { timeZone: 'Europe/Bucharest' }],
        ['POST', '/notice-settings/test-mail', undefined],
        ['POST', '/notifications/read', { until: new Date(clock.now()).toISOString() }],
      ] as const;
      for (const [method, path, body] of calls) {
        expect([path, (await program.call(method, path, body)).status]).toEqual([path, 403]);
      }
      await call(owner, 'delete', '/tokens/{id}', { id: pickNumber(made.body, 'id') });
    });

    it('never do more than who made them may today, and run out', async () => {
      const maker = await somebody('operator', 'maker@example.com');
      expect((await call(maker, 'post', '/tokens', {}, { name: 'Too much', scope: 'admin' })).status).toBe(403);
      const made = await call(maker, 'post', '/tokens', {}, { name: 'Sync', scope: 'write', expiresInDays: 2 });
      const program = new ApiClient(running.url, pickText(made.body, 'token'));
      const act = () => program.call('POST', '/items/actions', { action: 'sync-now', ids: [1] });
      expect((await act()).status).toBe(200);
      await call(owner, 'patch', '/users/{id}', { id: await idOf(maker) }, { role: 'viewer' });
      expect((await act()).status).toBe(403);
      expect((await program.call('GET', '/shops')).status).toBe(200);
      clock.advance(2 * DAY_MS);
      expect((await program.call('GET', '/shops')).status).toBe(401);
    });

    it('of others are neither seen nor revoked by an operator', async () => {
      const mine = await call(owner, 'post', '/tokens', {}, { name: 'Not yours', scope: 'read' });
      const nosy = await somebody('operator', 'nosy@example.com');
      expect(pickList((await call(nosy, 'get', '/tokens')).body, 'data')).toEqual([]);
      expect((await call(nosy, 'delete', '/tokens/{id}', { id: pickNumber(mine.body, 'id') })).status).toBe(404);
    });
  });

  describe('the audit log', () => {
    it('tells who changed what, by names and never by values', async () => {
      const shop = { name: 'Ceramics', url: 'https://shop.example', consumerKey: 'ck_1', consumerSecret: 'top-secret' };
      const made = await owner.call('POST', '/shops', shop);
      const id = pickNumber(made.body, 'id');
      await owner.call('PATCH', `/shops/${id}`, { consumerSecret: 'another-secret', limits: { callsPerMinute: 5 } });
      await running.api.call('DELETE', `/shops/${id}`);
      const [removed, changed, added] = await audit('?action=shops&limit=3');
      expect(added).toMatchObject({ action: 'shops.add', actorKind: 'person', actor: OWNER.email, objectId: id });
      expect(changed).toMatchObject({ action: 'shops.change', objectName: 'Ceramics', address: owner.address });
      expect(pickList(changed, 'fields')).toEqual(expect.arrayContaining(['consumerSecret', 'limits.callsPerMinute']));
      expect(removed).toMatchObject({ action: 'shops.remove', actorKind: 'admin_token', objectName: 'Ceramics' });
      expect(JSON.stringify([removed, changed, added])).not.toMatch(/top-secret|another-secret/);
    });

    it('tells of log-ins, of those that failed and by which address, and of tokens', async () => {
      const wrong = await call(
        new CookieBrowser(running.url),
        'post',
        '/session',
        {},
        {
          email: 'mallory@example.com',
          password: 'guess guess guess',
        },
      );
      expect(wrong.status).toBe(401);
      expect(await audit('?who=MALLORY')).toMatchObject([
        { action: 'session.open', outcome: 'refused', reason: 'wrong_credentials', actorKind: 'nobody' },
      ]);
      const steps = (await audit('?who=dora&action=session')).map((entry) => pick(entry, 'action'));
      expect(steps).toEqual(expect.arrayContaining(['session.password', 'session.open', 'session.join']));
      const made = await call(owner, 'post', '/tokens', {}, { name: 'Robot', scope: 'write' });
      await new ApiClient(running.url, pickText(made.body, 'token')).call('POST', '/items/actions', {
        action: 'sync-now',
        ids: [1],
      });
      expect((await audit('?limit=2')).toReversed()).toMatchObject([
        { action: 'tokens.add', objectName: 'Robot' },
        { action: 'items.sync-now', actorKind: 'token', tokenName: 'Robot', actor: OWNER.email },
      ]);
    });

    it('is read page by page and between two times', async () => {
      const first = await call(owner, 'get', '/audit', {}, undefined, '?limit=5');
      const next = await call(
        owner,
        'get',
        '/audit',
        {},
        undefined,
        `?limit=5&cursor=${pickText(first.body, 'nextCursor')}`,
      );
      const ids = [first, next].flatMap((page) => pickList(page.body, 'data').map((entry) => pickNumber(entry, 'id')));
      expect(ids).toEqual(ids.toSorted((a, b) => b - a));
      expect(new Set(ids).size).toBe(10);
      const now = new Date(clock.now()).toISOString();
      expect(await audit(`?to=${now}&from=${now}`)).toEqual([]);
      expect((await audit(`?from=${now}`)).length).toBeGreaterThan(0);
    });

    it('is exported as the list is narrowed, with nothing a spreadsheet would run', async () => {
      const shop = { name: '=1+1', url: 'https://shop.example', consumerKey: 'ck_1', consumerSecret: 'top-secret' };
      await owner.call('POST', '/shops', shop);
      const text = await (await running.api.file('/audit.csv?action=shops')).text();
      const [heads, newest, ...others] = text.trim().split('\r\n');
      expect(heads).toBe(
        '"id","at","who","who_kind","token","address","action","outcome","reason","object_kind","object_id","object","fields"',
      );
      expect(newest).toContain(`"${OWNER.email}","person",,"${owner.address}","shops.add","done",,"shops",`);
      expect(newest).toContain(`,"'=1+1",`);
      expect(others.every((line) => line.includes('"shops.'))).toBe(true);
      expect(text).not.toContain('top-secret');
      expect((await owner.call('GET', '/audit.csv?from=yesterday')).status).toBe(422);
    });

    it('is not for operators, nor as a file', async () => {
      const nosy = await loggedIn('nosy@example.com', PASSWORD);
      expect((await call(nosy, 'get', '/audit')).status).toBe(403);
      expect((await call(nosy, 'get', '/audit.csv')).status).toBe(403);
    });
  });

  it('ends the session that logs out', async () => {
    expect((await call(owner, 'get', '/session')).status).toBe(200);
    expect((await call(owner, 'delete', '/session')).status).toBe(204);
    expect((await owner.call('GET', '/session')).status).toBe(401);
    contract.check('get', '/api/v1/setup', await answerOf(await fetch(`${running.url}/api/v1/setup`)));
    const setUp = { token: 'x', email: 'a@example.com', password: PASSWORD };
    expect((await call(owner, 'post', '/setup', {}, setUp)).status).toBe(403);
  });

  it('keeps no secret in its log', () => {
    expect(running.logText()).not.toMatch(new RegExp(`${PASSWORD}|#token=|sr_[0-9a-f]{20}|${ADMIN_TOKEN}`));
  });

  it('has had every operation of its document checked', () => {
    const mine = contract.operations(['Account', 'People', 'API tokens', 'Audit log', 'Session']);
    expect(contract.unchecked().filter((operation) => mine.includes(operation))).toEqual([]);
  });
});
