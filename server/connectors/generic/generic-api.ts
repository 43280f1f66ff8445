import { setImmediate as nextTurn } from 'node:timers/promises';
import { FailureError } from '../../domain/failure';
import type { SourceCheck, StockSource } from '../../domain/ports/stock-source';
import { LINE_REFUSALS } from '../push-body/line-messages';
import type { LevelFile } from './level-file';
import type { PulledFiles } from './pulled-file';

const MOST_WAREHOUSES = 1_000;
const ROWS_A_TURN = 5_000;

const check = (
  { id, code }: Pick<SourceCheck, 'id' | 'code'>,
  severity: SourceCheck['severity'],
  params: SourceCheck['params'] = {},
): SourceCheck => ({ id, ok: severity !== 'error', severity, code, params });

/** What can be asked of a source whose levels lie in a file. */
export const createGenericApi = (files: PulledFiles): NonNullable<StockSource['api']> => ({
  test: async (settings, signal) => {
    if ((settings['fileUrl'] ?? '') === '') return [];
    try {
      return [await contentCheck((await files.get(settings, signal)).file)];
    } catch (thrown) {
      return [failedCheck(thrown)];
    }
  },
  warehouses: async (settings, signal) => {
    if ((settings['fileUrl'] ?? '') === '') return [];
    const { length, warehouseOf } = (await files.get(settings, signal)).file;
    const names = new Set<string>();
    for (let row = 0; warehouseOf !== null && row < length && names.size < MOST_WAREHOUSES; row++) {
      const name = warehouseOf(row).trim();
      if (name !== '') names.add(name);
    }
    return [...names];
  },
});

async function contentCheck(file: LevelFile): Promise<SourceCheck> {
  let refused = 0;
  let reason: string | null = null;
  for (let row = 0; row < file.length; row++) {
    if (row % ROWS_A_TURN === 0) await nextTurn();
    const line = file.line(row);
    if ('change' in line) continue;
    refused++;
    reason ??= `row ${row + 1}: ${LINE_REFUSALS[line.refused.refusal]}`;
  }
  if (file.length > refused) {
    const severity = refused === 0 ? 'info' : 'warning';
    return check({ id: 'vendor_address', code: 'file_read' }, severity, { rows: file.length, refused });
  }
  return check({ id: 'vendor_address', code: 'file_unreadable' }, 'error', { said: reason ?? 'it has no rows' });
}

function failedCheck(thrown: unknown): SourceCheck {
  if (!(thrown instanceof FailureError)) throw thrown;
  const { code, params } = thrown.failure;
  switch (code) {
    case 'source_login_refused':
      return check({ id: 'vendor_login', code: 'login_refused_file' }, 'error');
    case 'source_rate_limited':
      return check({ id: 'vendor_address', code: 'file_limited' }, 'error', params);
    case 'source_answer_unexpected':
      return check({ id: 'vendor_address', code: 'file_unreadable' }, 'error', { said: String(params['what'] ?? '') });
    default:
      return check({ id: 'vendor_address', code: 'file_unreachable' }, 'error', {
        reason: String(params['reason'] ?? code),
      });
  }
}
