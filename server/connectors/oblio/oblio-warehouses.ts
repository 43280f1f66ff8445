import type { SourceSettings } from '../../domain/ports/sources';
import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import type { OblioCalls } from './oblio-calls';

/** Two places of work may each have a warehouse of one name, so a warehouse is told by both. */
export const warehouseName = (entry: LosslessObject): string =>
  [textOf(entry['workStation']), textOf(entry['management'])].filter((name) => name !== '').join(' / ');

export async function readWarehouses(
  calls: OblioCalls,
  settings: SourceSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const entries = await calls.list(settings, '/nomenclature/management', {}, signal);
  return [...new Set(entries.map(warehouseName))].filter((name) => name !== '');
}
