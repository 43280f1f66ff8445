import { createTransport } from 'nodemailer';
import { type Failure, failure, FailureError } from '../domain/failure';
import type { OutgoingMail } from '../domain/ports/outgoing-mail';

const CONNECT_MS = 10_000;
const SILENT_MS = 30_000;
const LONGEST_PROOF = 300;

/** E-mail by SMTP. Without a server nothing is configured, and nothing may be sent. */
export function createSmtpMail(
  settings: { readonly smtpUrl: string; readonly from: string } | null,
): OutgoingMail & { readonly from: string | null; close(): void } {
  if (settings === null) {
    return {
      from: null,
      isConfigured: () => false,
      send: () => Promise.reject(new FailureError(failure('mail_unreachable', { what: 'SMTP_URL' }))),
      close: () => undefined,
    };
  }
  const { smtpUrl, from } = settings;
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    // Nothing an e-mail names is read from our disk or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    from,
    isConfigured: () => true,
    send: async ({ to, subject, text, html }) => {
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          ...(html === undefined ? {} : { html }),
          // No holiday replies, please.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
      } catch (thrown) {
        throw new FailureError(failureOf(thrown));
      }
    },
    close: () => transport.close(),
  };
}

const textOf = (thrown: unknown, key: string): string => {
  const value: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, key) : undefined;
  return typeof value === 'string' ? value : '';
};

/** By the library's code alone; the server's own words are the proof. Its message may hold addresses and names. */
function failureOf(thrown: unknown): Failure {
  const code = textOf(thrown, 'code');
  const said = textOf(thrown, 'response').slice(0, LONGEST_PROOF) || null;
  if (code === 'EAUTH') return failure('mail_login_refused', {}, said);
  if (code === 'EENVELOPE' || code === 'EMESSAGE' || said !== null) return failure('mail_refused', {}, said);
  // The library says ESOCKET for all that a socket may say; the system's own name stands in its message.
  const systems = /\bE[A-Z]{4,}\b/.exec(textOf(thrown, 'message'))?.[0];
  return failure('mail_unreachable', { what: systems ?? (code === '' ? 'unknown' : code) });
}
