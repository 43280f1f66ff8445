import { FailureError } from '../../../server/domain/failure';
import { createSmtpMail } from '../../../server/notifications/smtp-mail';
import { headerOf, MailServer, partOf } from '../../support/mail-server';

const FROM = 'Stock Relay <stock-relay@shop.example>';
const mail = { to: 'ana@shop.example', subject: 'Cană ☕ – stoc', text: 'Bună ziua', html: '<p>Bună <b>ziua</b></p>' };

describe('E-mail by SMTP', () => {
  let server: MailServer;

  beforeAll(async () => {
    server = await MailServer.start();
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.refusal = null;
    server.received.splice(0);
  });

  const failureOf = async (smtpUrl: string) => {
    const out = createSmtpMail({ smtpUrl, from: FROM });
    try {
      await out.send(mail);
    } catch (thrown) {
      if (thrown instanceof FailureError) return thrown.failure;
      throw thrown;
    } finally {
      out.close();
    }
    throw new Error('It was sent');
  };

  it('arrives as plain text and HTML, from whom the settings say, marked as written by a machine', async () => {
    const out = createSmtpMail({ smtpUrl: server.url, from: FROM });
    expect(out.isConfigured()).toBe(true);
    await out.send(mail);
    out.close();
    const [arrived] = server.received;
    if (!arrived) throw new Error('Nothing arrived');
    expect(arrived).toMatchObject({ from: 'stock-relay@shop.example', to: ['ana@shop.example'] });
    expect(headerOf(arrived, 'From')).toBe(FROM);
    expect(headerOf(arrived, 'Subject')).toBe(mail.subject);
    expect(headerOf(arrived, 'Auto-Submitted')).toBe('auto-generated');
    expect(partOf(arrived, 'text/plain')).toContain('Bună ziua');
    expect(partOf(arrived, 'text/html')).toContain('<b>ziua</b>');
  });

  it('cannot be given another recipient by a line break', async () => {
    const out = createSmtpMail({ smtpUrl: server.url, from: FROM });
    await out.send({ to: 'ana@shop.example', subject: 'Hi\r\nBcc: eve@evil.example', text: 'Hi' });
    out.close();
    expect(server.received.map(({ to }) => to)).toEqual([['ana@shop.example']]);
    expect(server.received[0]?.raw).not.toMatch(/^Bcc:/m);
  });

  it('that is refused says so, with the server’s own words', async () => {
    server.refusal = 'Mailbox unavailable';
    expect(await failureOf(server.url)).toMatchObject({
      code: 'mail_refused',
      proof: expect.stringContaining('Mailbox unavailable'),
    });
  });

  it('says when the server is away', async () => {
    const gone = await MailServer.start();
    const { url } = gone;
    await gone.close();
    expect(await failureOf(url)).toMatchObject({ code: 'mail_unreachable', params: { what: 'ECONNREFUSED' } });
  });

  it('logs in, and a wrong password is named without being shown', async () => {
    const strict = await MailServer.start({ user: 'post@shop.example', password: 'right' });
    const at = (password: string) => `smtp://post%40shop.example:${password}@127.0.0.1:${strict.port}`;
    const out = createSmtpMail({ smtpUrl: at('right'), from: FROM });
    await out.send(mail);
    out.close();
    expect(strict.received).toHaveLength(1);
    const why = await failureOf(at('wr0ng-secret'));
    expect(why.code).toBe('mail_login_refused');
    expect(JSON.stringify(why)).not.toContain('wr0ng-secret');
    await strict.close();
  });

  it('is not sent where no server is set', async () => {
    const out = createSmtpMail(null);
    expect(out.isConfigured()).toBe(false);
    await expect(out.send(mail)).rejects.toBeInstanceOf(FailureError);
  });
});
