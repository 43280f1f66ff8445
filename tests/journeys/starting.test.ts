import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { answerOf } from '../support/api-client';
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
    const { code } = await runToExit({ DATA_DIR: dataDir, PORT: '0' });
    expect(code).toBe(1);
    await service.stop();
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
