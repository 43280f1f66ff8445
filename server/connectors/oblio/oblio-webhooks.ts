import { FailureError } from '../../domain/failure';
import type { SourceSettings } from '../../domain/ports/sources';
import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import { leadToSameSource, requireHttps } from '../vendor-api/call-address';
import type { OblioCalls } from './oblio-calls';

const TOPIC = 'stock';

/**
 * Has Oblio call this address, which it tries at once. The new webhook stands before the old are removed: no change
 * falls in between.
 */
export async function subscribeToOblio(
  calls: OblioCalls,
  settings: SourceSettings,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  requireHttps(address, 'Oblio');
  const before = await listed(calls, settings, signal);
  await calls.create(settings, '/webhooks', { topic: TOPIC, endpoint: address }, signal);
  for (const webhook of before) {
    const id = textOf(webhook['id']);
    const isOurs = leadToSameSource(textOf(webhook['endpoint']), address);
    if (isOurs && /^\d+$/.test(id)) await calls.remove(settings, `/webhooks/${id}`, signal);
  }
}

/** An Oblio that lists no webhooks can still be given one; what was there before then goes on calling. */
async function listed(
  calls: OblioCalls,
  settings: SourceSettings,
  signal: AbortSignal,
): Promise<readonly LosslessObject[]> {
  try {
    return await calls.list(settings, '/webhooks', { topic: TOPIC }, signal);
  } catch (thrown) {
    const code = thrown instanceof FailureError ? thrown.failure.code : null;
    if (code === 'source_refused' || code === 'source_answer_unexpected') return [];
    throw thrown;
  }
}
