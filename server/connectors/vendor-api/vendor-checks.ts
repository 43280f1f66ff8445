import { FailureError } from '../../domain/failure';
import type { SourceCheck } from '../../domain/ports/stock-source';

type CheckName = Pick<SourceCheck, 'id' | 'code'>;

const check = ({ id, code }: CheckName, ok: boolean, params: SourceCheck['params'] = {}): SourceCheck => ({
  id,
  ok,
  severity: ok ? 'info' : 'error',
  code,
  params,
});

/** Address, login and company in one: they were asked for the warehouses, and told them. */
export const passedChecks = (warehouses: number): readonly SourceCheck[] => [
  check({ id: 'vendor_address', code: 'reachable' }, true),
  check({ id: 'vendor_login', code: 'login_accepted' }, true),
  check({ id: 'vendor_company', code: 'company_found' }, true, { warehouses }),
];

/** What a failed call says of address, login or company; how a vendor's own refusals are worded is up to its kind. */
export function failedCheck(
  thrown: unknown,
  words: { readonly login: CheckName; readonly refused: CheckName; readonly limited: CheckName },
): SourceCheck {
  if (!(thrown instanceof FailureError)) throw thrown;
  const { code, params } = thrown.failure;
  switch (code) {
    case 'source_login_refused':
      return check(words.login, false);
    case 'source_refused':
      return check(words.refused, false, { said: params['said'] ?? '' });
    case 'source_rate_limited':
      return check(words.limited, false, params);
    case 'source_answer_unexpected': {
      const status = String(params['what'] ?? '').replace(/^status /, '');
      return check({ id: 'vendor_address', code: 'answer_unexpected' }, false, { status });
    }
    default:
      return check({ id: 'vendor_address', code: 'unreachable' }, false, { reason: params['reason'] ?? code });
  }
}
