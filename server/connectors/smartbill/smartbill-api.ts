import { z } from 'zod';
import { asFailure } from '../../domain/failure';
import type { SourceCheck } from '../../domain/ports/stock-source';
import type { SourceSettings } from '../../domain/ports/sources';
import type { HttpAnswer } from '../../outbound/http-client';
import type { SmartbillCalls } from './smartbill-calls';

/** Business errors come with status 200 too, so errorText is always looked at. */
const answer = z.object({ errorText: z.string().nullish(), warehouses: z.array(z.string()).nullish() });

const check = (id: SourceCheck['id'], ok: boolean, code: string, params: SourceCheck['params'] = {}): SourceCheck => ({
  id,
  ok,
  severity: ok ? 'info' : 'error',
  code,
  params,
});

/** What SmartBill's answer to "which warehouses are there?" says of address, login and company. */
type Reading =
  { readonly ok: true; readonly warehouses: readonly string[] } | { readonly ok: false; readonly check: SourceCheck };

function readAnswer(response: HttpAnswer): Reading {
  const refused = (id: SourceCheck['id'], code: string, params: SourceCheck['params'] = {}): Reading => ({
    ok: false,
    check: check(id, false, code, params),
  });
  if (response.status === 401) return refused('vendor_login', 'login_refused');
  const body = parseJson(response.text);
  const text = body?.errorText ?? '';
  if (/autentificare/i.test(text)) return refused('vendor_login', 'login_refused', { said: text });
  if (text !== '') return refused('vendor_company', 'company_refused', { said: text });
  if (response.status < 200 || response.status > 299 || !body?.warehouses) {
    return refused('vendor_address', 'answer_unexpected', { status: response.status });
  }
  return { ok: true, warehouses: body.warehouses };
}

function parseJson(text: string): z.infer<typeof answer> | null {
  try {
    const parsed = answer.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export class SmartbillApi {
  constructor(private readonly calls: SmartbillCalls) {}

  async test(settings: SourceSettings, signal: AbortSignal): Promise<readonly SourceCheck[]> {
    let reading: Reading;
    try {
      reading = await this.askWarehouses(settings, signal);
    } catch (error) {
      // The failures of a call are worded for shops; what went wrong on the way is the same.
      const { code, params } = asFailure(error);
      if (code === 'source_rate_limited') return [check('vendor_address', false, 'rate_limited')];
      return [check('vendor_address', false, 'unreachable', { reason: params['reason'] ?? code })];
    }
    if (!reading.ok) return [reading.check];
    return [
      check('vendor_address', true, 'reachable'),
      check('vendor_login', true, 'login_accepted'),
      check('vendor_company', true, 'company_found', { warehouses: reading.warehouses.length }),
    ];
  }

  /** Empty when SmartBill does not tell: names seen in pushes and typed ones stand in. */
  async warehouses(settings: SourceSettings, signal: AbortSignal): Promise<readonly string[]> {
    const reading = await this.askWarehouses(settings, signal);
    return reading.ok ? reading.warehouses : [];
  }

  private async askWarehouses(settings: SourceSettings, signal: AbortSignal): Promise<Reading> {
    return readAnswer(
      await this.calls.get(settings, '/company/warehouses', { cif: settings['vatCode'] ?? '' }, signal),
    );
  }
}
