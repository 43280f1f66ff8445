import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { answerOf, ApiClient } from '../support/api-client';
import { ServiceProcess, runToExit } from '../support/service-process';

describe('starting the service', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-start-'));

  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('with bad settings lists every fault, never the values, and exits', async () => {
    const { code, said } = await runToExit({
      PORT: 'eighty',
      DATABASE_URL: 'postgres://user:hunter2@host/db',
      APP_KEY: 'c2hvcnQ=',
      ADMIN_TOKEN: 'hunter2',
      ROLE: 'boss',
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'DATABASE_URL', 'APP_KEY', 'ADMIN_TOKEN', 'ROLE']) expect(said).toContain(name);
    expect(said).not.toContain('hunter2');
  });

  it('prints the address and a one-time set-up link that makes the first owner, and works once', async () => {
    const service = await ServiceProcess.start({ DATA_DIR: dataDir });
    expect(statSync(path.join(dataDir, 'app.key')).mode & 0o777).toBe(0o600);
    const token = await service.setUpToken();
    const setUp = (body: object) =>
      fetch(`${service.url}/api/v1/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const owner = { email: 'first@example.com', password: 'a long enough password' };
    expect((await setUp({ ...owner, token: 'guess' })).status).toBe(403);
    const made = await answerOf(await setUp({ ...owner, token }));
    expect(made).toMatchObject({ status: 201, body: { user: { email: owner.email, role: 'owner' } } });
    expect((await setUp({ ...owner, token })).status).toBe(403);
    expect(await service.stop()).toBe(0);

    const again = await ServiceProcess.start({ DATA_DIR: dataDir });
    expect(await (await fetch(`${again.url}/api/v1/setup`)).json()).toEqual({ needed: false });
    await again.stop();
  }, 60_000);

  it('refuses a second process on the same embedded database', async () => {
    const service = await ServiceProcess.start({ DATA_DIR: dataDir });
    const { code, said } = await runToExit({ DATA_DIR: dataDir, PORT: '0' });
    expect(code).toBe(1);
    expect(said).toContain('another process uses this database');
    await service.stop();
  }, 60_000);

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'whose server does not answer',
      { DATABASE_URL: 'mysql://u:top-secret@127.0.0.1:1/x' },
      'DATABASE_URL: the server does not answer',
    ],
    ['whose folder is a file', { DATA_DIR: __filename }, `DATA_DIR: ${__filename} is no folder`],
    ['whose folder cannot be made', { DATA_DIR: '/proc/stock-relay' }, 'DATA_DIR: /proc/stock-relay is no folder'],
    ['that is no database', { DATABASE_URL: `sqlite:${__filename}` }, 'DATABASE_URL: the file is no SQLite database'],
    ['on an address of another machine', { HOST: '192.0.2.1' }, 'HOST: is no address of this machine'],
  ])('names the setting at fault for one %s', async (_what, settings, words) => {
    const { code, said } = await runToExit({ DATA_DIR: path.join(dataDir, 'other'), PORT: '0', ...settings });
    expect(code).toBe(1);
    expect(said).toContain(words);
    expect(said).not.toContain('top-secret');
    expect(said).not.toMatch(/^\s+at /m);
  });

  it('names PORT where somebody listens there already', async () => {
    const service = await ServiceProcess.start({ DATA_DIR: dataDir });
    const { said } = await runToExit({ DATA_DIR: path.join(dataDir, 'second'), PORT: new URL(service.url).port });
    expect(said).toContain('PORT: another program listens there already');
    await service.stop();
  }, 60_000);

  it('with another key than the one the secrets were kept by stops, and loses none of them', async () => {
    const ADMIN_TOKEN = 'a-token-of-the-owner-of-at-least-32-chars';
    const keyed = (byte: number) => ({
      DATA_DIR: path.join(dataDir, 'keyed'),
      ADMIN_TOKEN,
      APP_KEY: Buffer.alloc(32, byte).toString('base64'),
    });
    const service = await ServiceProcess.start(keyed(1));
    const shop = { name: 'A', url: 'https://a.example', consumerKey: 'ck_1', consumerSecret: 'cs_1' };
    await new ApiClient(service.url, ADMIN_TOKEN).expect(201, 'POST', '/shops', shop);
    await service.stop();
    const { code, said } = await runToExit(keyed(2));
    expect(code).toBe(1);
    expect(said).toContain('APP_KEY: The stored keys cannot be decrypted');
    await (await ServiceProcess.start(keyed(1))).stop();
  }, 60_000);

  it('takes secrets from files', async () => {
    const file = path.join(dataDir, 'admin-token');
    writeFileSync(file, 'a-token-from-a-file-of-at-least-32-chars\n');
    const service = await ServiceProcess.start({ DATA_DIR: dataDir, ADMIN_TOKEN_FILE: file });
    const answer = await fetch(`${service.url}/api/v1/shops`, {
      headers: { authorization: 'Bearer a-token-from-a-file-of-at-least-32-chars' },
    });
    expect(answer.status).toBe(200);
    await service.stop();
  }, 60_000);
});
