import { Secret, TOTP } from 'otpauth';
import type { OneTimeCodes } from '../domain/ports/second-factors';

const ISSUER = 'Stock Relay';
const PERIOD_S = 30;
/** Codes of the step before and after count as well: phones are not always on time. */
const WINDOW = 1;

const totp = (secret: string, label = ''): TOTP =>
  new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD_S, digits: 6 });

export const totpCodes: OneTimeCodes = {
  newSecret: () => new Secret({ size: 20 }).base32,
  uri: (secret, account) => totp(secret, account).toString(),
  stepOf: (secret, code, at) => {
    if (!/^\d{6}$/.test(code)) return null;
    const delta = totp(secret).validate({ token: code, timestamp: at, window: WINDOW });
    return delta === null ? null : TOTP.counter({ period: PERIOD_S, timestamp: at }) + delta;
  },
};
