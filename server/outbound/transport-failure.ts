import { type Failure, failure } from '../domain/failure';
import { FORBIDDEN_ADDRESS } from './address-guard';

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known (DNS)',
  EAI_AGAIN: 'its name could not be looked up (DNS)',
  EAI_FAIL: 'its name could not be looked up (DNS)',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut while it was being set up',
  EPIPE: 'the connection was cut while it was being set up',
  ETIMEDOUT: 'no connection came about in time',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  EPROTO: 'it does not speak TLS there',
};

const TLS_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the shop does not send the certificates between its own and a known authority',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it was issued for another name',
};

/** A broken call in the words of the closed list, made from its code alone: messages may carry addresses and headers. */
export function transportFailure(code: string, host: string, connected: boolean): Failure {
  if (code === FORBIDDEN_ADDRESS) return failure('shop_address_forbidden', { host });
  const tls = TLS_REASONS[code];
  if (tls !== undefined) return failure('shop_tls_invalid', { reason: tls }, code);
  if (code.startsWith('HPE_')) return failure('shop_answer_unexpected', { what: 'no valid HTTP' }, code);
  if (connected) return failure('shop_answer_lost', { reason: code }, code);
  const reason = CONNECT_REASONS[code] ?? (code.startsWith('ERR_SSL') ? 'it does not speak TLS there' : code);
  return failure('shop_unreachable', { reason, host }, code);
}

const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

/** The system's name for what went wrong, found on the error itself or on the first of several attempts. */
export function errorCode(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return 'UNKNOWN';
  if ('code' in thrown && typeof thrown.code === 'string' && CODE.test(thrown.code)) return thrown.code;
  if ('errors' in thrown && Array.isArray(thrown.errors) && thrown.errors.length > 0)
    return errorCode(thrown.errors[0]);
  return 'cause' in thrown && thrown.cause !== thrown ? errorCode(thrown.cause) : 'UNKNOWN';
}
