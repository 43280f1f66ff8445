import { kindsOf } from './failure-kind';

/** What telling people can fail by. */
export const noticeFailures = kindsOf('notice', {
  mail_unreachable: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The mail server cannot be reached ({what}).',
    cure: 'Check SMTP_URL: host, port, and smtps:// where the server wants encryption from the first byte.',
  },
  mail_login_refused: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The mail server does not accept user and password.',
    cure: 'Check the user and the password in SMTP_URL; special characters are written as %40 and the like.',
  },
  mail_refused: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The mail server does not take the e-mail.',
    cure: 'Check the recipient’s address, and that the server lets MAIL_FROM send.',
  },
  webhook_unreachable: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The webhook’s address cannot be reached ({what}).',
    cure: 'Check the address, and that its certificate is valid.',
  },
  webhook_address_forbidden: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The webhook’s address lies in a private network ({host}), and this service may not call those.',
    cure: 'Use a public address, or start the service with ALLOW_PRIVATE_NETWORK=true.',
  },
  webhook_refused: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The webhook’s receiver answered with status {status}.',
    cure: 'It must answer with a status from 200 to 299. Its own log says why it did not.',
  },
});
