import { failure } from '../../server/domain/failure';
import type { NotificationSubject } from '../../server/domain/notice';
import type { User } from '../../server/domain/ports/users';
import { pickText } from '../support/api-client';
import { headerOf, MailServer, partOf } from '../support/mail-server';
import { noticeBench, type NoticeBench, PANEL_URL, personIn, tellAll } from '../support/notice-bench';
import { isSignedBy, NoticeReceiver } from '../support/notice-receiver';
import { onEachEngine, shopIn } from '../support/test-stores';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

onEachEngine('Telling people', (stores, engine) => {
  let server: MailServer;
  let bench: NoticeBench;
  let ana: User;
  let shopId: number;
  let circuit: NotificationSubject;
  let silent: NotificationSubject;

  const now = () => stores().clock.now();
  const raise = (what: NotificationSubject, params: Record<string, number> = {}) =>
    bench.tell.raise({ ...what, failure: null, params }, now());
  const heal = (what: NotificationSubject) => bench.tell.heal(what, now());
  const subjects = () => server.received.map((mail) => headerOf(mail, 'Subject'));
  const inbox = (person: User) => server.received.filter(({ to }) => to.includes(person.email));
  const later = async (ms: number) => {
    stores().clock.advance(ms);
    await tellAll(bench);
  };

  beforeAll(async () => {
    server = await MailServer.start();
    bench = noticeBench(stores(), server.url);
  });
  afterAll(async () => {
    bench.close();
    await server.close();
  });
  beforeEach(async () => {
    // A new day at noon, with nobody and nothing of the day before.
    await stores().dataSource.query('DELETE FROM notice_deliveries');
    await stores().dataSource.query('DELETE FROM notice_webhooks');
    await stores().dataSource.query('DELETE FROM notifications');
    await stores().dataSource.query('DELETE FROM users');
    stores().clock.advance(DAY - (now() % DAY) + 12 * HOUR);
    server.received.splice(0);
    server.refusal = null;
    ana = await personIn(stores());
    shopId = (await shopIn(stores())).id;
    circuit = { kind: 'circuit_open', shopId };
    silent = { kind: 'source_silent', shopId: null, sourceId: null };
  });

  it('tells at once of what stops everything, and once more when it is whole again', async () => {
    await raise(circuit);
    await raise(circuit);
    await tellAll(bench);
    expect(subjects()).toEqual(['[Stock Relay] Shop: the shop is not called any more']);
    const [mail] = server.received;
    if (!mail) throw new Error('Nothing arrived');
    expect(mail.to).toEqual([ana.email]);
    expect(partOf(mail, 'text/plain')).toContain(`${PANEL_URL}/connections`);
    expect(partOf(mail, 'text/html')).toContain('<html lang="en">');
    await later(10 * MINUTE);
    await heal(circuit);
    await tellAll(bench);
    await later(DAY);
    expect(subjects()).toEqual([
      '[Stock Relay] Shop: the shop is not called any more',
      '[Stock Relay] Over: Shop: the shop is not called any more',
    ]);
  });

  it('puts the rest into one digest, in the language of its reader', async () => {
    const ion = await personIn(stores(), 'operator', 'ro');
    await raise(silent);
    await raise({ kind: 'products_unmatched', shopId, connectionId: 7 }, { n: 1284 });
    await later(19 * HOUR);
    expect(server.received).toEqual([]);
    await later(HOUR);
    expect(inbox(ana).map((mail) => headerOf(mail, 'Subject'))).toEqual(['[Stock Relay] Notices: 2']);
    const [mail] = inbox(ion);
    if (!mail) throw new Error('Nothing arrived');
    expect(headerOf(mail, 'Subject')).toBe('[Stock Relay] Înștiințări: 2');
    expect(partOf(mail, 'text/plain')).toContain('1.284');
    expect(partOf(mail, 'text/plain')).toContain(`${PANEL_URL}/match?connection=7`);
  });

  it('says nothing of what has passed before it was told, neither its begin nor its end', async () => {
    await raise(silent);
    await later(HOUR);
    await heal(silent);
    await later(3 * DAY);
    expect(server.received).toEqual([]);
    expect(await stores().deliveries.waitingFor({ channel: 'email', id: ana.id })).toEqual([]);
  });

  it('tells of what comes and goes once an hour, and then only if it lasts', async () => {
    for (let n = 0; n < 5; n++) {
      await raise(circuit);
      await later(MINUTE);
      await heal(circuit);
      await later(MINUTE);
    }
    expect(subjects().map((subject) => /Over/.test(subject))).toEqual([false, true]);
    await raise(circuit);
    await later(40 * MINUTE);
    expect(server.received).toHaveLength(2);
    await later(20 * MINUTE);
    expect(subjects().at(-1)).toBe('[Stock Relay] Shop: the shop is not called any more');
    expect(server.received).toHaveLength(3);
  });

  it('keeps quiet hours, at whose end it tells all at once; what stops everything passes if the person says so', async () => {
    const bea = await personIn(stores());
    const quiet = { fromMinute: 11 * 60, toMinute: 17 * 60 };
    await bench.settings.change(ana.id, { quiet, stopsPass: false, mail: { source_silent: 'at_once' } });
    await bench.settings.change(bea.id, { quiet });
    await raise(circuit);
    await raise(silent);
    await tellAll(bench);
    expect([inbox(ana), inbox(bea)].map((mails) => mails.length)).toEqual([0, 1]);
    await later(5 * HOUR);
    expect(inbox(ana).map((mail) => headerOf(mail, 'Subject'))).toEqual(['[Stock Relay] Notices: 2']);
  });

  it('tells nobody what they do not want, and nothing unasked to who may only look', async () => {
    const viewer = await personIn(stores(), 'viewer');
    await bench.settings.change(ana.id, { mail: { circuit_open: 'never' } });
    await raise(circuit);
    await later(DAY);
    expect(server.received).toEqual([]);
    await bench.settings.change(viewer.id, { mail: { mass_zero: 'at_once' } });
    await raise({ kind: 'mass_zero', shopId });
    await tellAll(bench);
    expect(server.received.flatMap(({ to }) => to).sort()).toEqual([ana.email, viewer.email].sort());
  });

  it('lets new wishes count for what waits', async () => {
    await raise(silent);
    await bench.settings.change(ana.id, { digest: { every: 'hour' } });
    await later(HOUR);
    expect(server.received).toHaveLength(1);
    await raise({ ...silent, sourceId: null, cause: 'other' });
    await bench.settings.change(ana.id, { mail: { source_silent: 'never' } });
    await later(2 * DAY);
    expect(server.received).toHaveLength(1);
  });

  it('tries again while the mail server refuses or is away, shows why, and then comes through', async () => {
    server.refusal = 'Not now';
    await raise(circuit);
    await tellAll(bench);
    const stateOf = async () => (await bench.settings.read(ana.id)).mailState;
    expect(await stateOf()).toMatchObject({ waiting: 1, failure: { code: 'mail_refused' }, failedAt: now() });
    server.refusal = null;
    await later(1_000);
    expect(server.received).toHaveLength(0);
    await later(1_000);
    expect(server.received).toHaveLength(1);
    expect(await stateOf()).toMatchObject({ waiting: 0, failure: null, lastSentAt: now() });
  });

  it('tells at once what was put off, or held, while our own clock was far ahead', async () => {
    stores().clock.advance(365 * DAY);
    server.refusal = '451 later';
    await raise(circuit);
    await tellAll(bench);
    await raise(silent);
    await stores().deliveries.take('email', now(), now() + MINUTE);
    stores().clock.advance(-365 * DAY);
    server.refusal = null;
    await tellAll(bench);
    expect(subjects()).toHaveLength(1);
    expect(await stores().deliveries.waitingFor({ channel: 'email', id: ana.id })).toEqual([]);
  });

  it('gives up after a day, and says so', async () => {
    server.refusal = 'Never';
    await raise(circuit);
    for (let n = 0; n < 30; n++) await later(HOUR);
    expect((await bench.settings.read(ana.id)).mailState).toMatchObject({
      waiting: 0,
      givenUp: 1,
      failure: { code: 'mail_refused' },
    });
    // Nobody was told that it began, so nobody is told that it ended.
    server.refusal = null;
    await heal(circuit);
    await later(DAY);
    expect(server.received).toEqual([]);
  });

  it('forgets what ended while it could not be told', async () => {
    await raise(circuit);
    const [taken] = await stores().deliveries.take('email', now(), now() + MINUTE);
    // Somebody is sending it just now: it counts as told.
    await heal(circuit);
    expect(await stores().deliveries.waitingFor({ channel: 'email', id: ana.id })).toHaveLength(2);
    if (!taken) throw new Error('Nothing was due');
    server.refusal = 'Not now';
    stores().clock.advance(MINUTE);
    await stores().deliveries.plan(taken.id + 1, now() + HOUR);
    await tellAll(bench);
    expect(await stores().deliveries.waitingFor({ channel: 'email', id: ana.id })).toEqual([]);
  });

  it('is done once, however many processes look', async () => {
    const another = noticeBench(stores(), server.url);
    for (let n = 0; n < 5; n++) await personIn(stores());
    await raise(circuit);
    await Promise.all([bench, another, bench, another].map((each) => tellAll(each)));
    another.close();
    expect(server.received.flatMap(({ to }) => to)).toHaveLength(6);
    expect(new Set(server.received.flatMap(({ to }) => to)).size).toBe(6);
  });

  it('is taken over from a process that is gone', async () => {
    await raise(circuit);
    expect(await stores().deliveries.take('email', now(), now() + 2 * MINUTE)).toHaveLength(1);
    await tellAll(bench);
    expect(server.received).toEqual([]);
    await later(2 * MINUTE);
    expect(server.received).toHaveLength(1);
  });

  it('keeps what is raised and whom it is told to together, or neither', async () => {
    await expect(
      stores().unit.run(async () => {
        await raise(circuit);
        throw new Error('the deed failed');
      }),
    ).rejects.toThrow('the deed failed');
    expect((await stores().notifications.list({ limit: 10, cursor: null })).data).toEqual([]);
    expect(await stores().deliveries.waitingFor({ channel: 'email', id: ana.id })).toEqual([]);
  });

  it('without a mail server is of nobody, until there is one', async () => {
    const mute = noticeBench(stores(), null);
    await mute.tell.raise({ ...circuit, failure: null }, now());
    mute.close();
    await tellAll(bench);
    expect(server.received).toEqual([]);
    await expect(mute.settings.testMail(ana.id)).rejects.toThrow(/SMTP_URL/);
    await bench.settings.testMail(ana.id);
    expect(subjects()).toEqual(['A test from Stock Relay']);
  });

  describe('by webhook', () => {
    let receiver: NoticeReceiver;
    const bodies = () => receiver.received.map(({ body }): unknown => JSON.parse(body));
    const callAll = async (ms = 0) => {
      stores().clock.advance(ms);
      await tellAll(bench, 'webhook');
    };

    beforeEach(async () => {
      receiver = await NoticeReceiver.start();
    });
    afterEach(() => receiver.close());

    it('is signed, has an id of its own for each notice, and says what it is about', async () => {
      const { secret } = await bench.settings.addWebhook(receiver.url);
      await bench.tell.raise({ ...circuit, failure: failure('shop_server_error', { status: 500 }, 'HTTP 500') }, now());
      await heal(silent);
      await callAll();
      await heal(circuit);
      await callAll();
      expect(receiver.received.map((call) => isSignedBy(secret, call))).toEqual([true, true]);
      expect(bodies()).toMatchObject([
        {
          type: 'notice.raised',
          notice: {
            kind: 'circuit_open',
            stopsWork: true,
            cause: 'The shop failed with status 500.',
            shop: { id: shopId, name: 'Shop' },
            url: `${PANEL_URL}/connections`,
            healedAt: null,
          },
        },
        { type: 'notice.healed', notice: { kind: 'circuit_open', healedAt: new Date(now()).toISOString() } },
      ]);
      expect(new Set(bodies().map((body) => pickText(body, 'id'))).size).toBe(2);
    });

    it('is tried again with the same id, in order, and given up after a day', async () => {
      const { id } = await bench.settings.addWebhook(receiver.url);
      receiver.status = 503;
      await raise(circuit);
      await callAll();
      await raise({ kind: 'mass_zero', shopId });
      await callAll();
      expect(new Set(bodies().map((body) => pickText(body, 'notice', 'kind')))).toEqual(new Set(['circuit_open']));
      receiver.status = 200;
      await callAll(10_000);
      const kinds = bodies().map((body) => pickText(body, 'notice', 'kind'));
      expect(kinds).toEqual(['circuit_open', 'circuit_open', 'mass_zero']);
      expect(pickText(bodies()[0], 'id')).toBe(pickText(bodies()[1], 'id'));

      receiver.status = 410;
      await raise({ kind: 'run_paused', shopId });
      for (let n = 0; n < 30; n++) await callAll(HOUR);
      const [listed] = (await bench.settings.listWebhooks()).filter((each) => each.id === id);
      expect(listed?.state).toMatchObject({ waiting: 0, givenUp: 1, failure: { code: 'webhook_refused' } });
    });

    it('can be tried by hand, and is removed with what waits for it', async () => {
      const { id, secret } = await bench.settings.addWebhook(receiver.url);
      await bench.settings.testWebhook(id);
      expect(bodies()).toMatchObject([{ type: 'notice.test', notice: null }]);
      expect(receiver.received.every((call) => isSignedBy(secret, call))).toBe(true);
      receiver.status = 500;
      await expect(bench.settings.testWebhook(id)).rejects.toMatchObject({ failure: { code: 'webhook_refused' } });
      await raise(circuit);
      await bench.settings.removeWebhook(id);
      await callAll();
      expect(receiver.received).toHaveLength(2);
      await expect(bench.settings.removeWebhook(id)).rejects.toThrow(/no such webhook/);
    });

    it('keeps its secret sealed', async () => {
      const { secret } = await bench.settings.addWebhook(receiver.url);
      const rows = await stores().dataSource.query<unknown[]>('SELECT * FROM notice_webhooks');
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(JSON.stringify(await bench.settings.listWebhooks())).not.toContain(secret);
    });
  });

  it(`leaves nothing open on ${engine} when a person goes`, async () => {
    await raise(circuit);
    await stores().dataSource.query('DELETE FROM users');
    await tellAll(bench);
    expect(server.received).toEqual([]);
  });
});
