import type { SourceSettings } from '../../domain/ports/sources';
import type { PushEnd, PushReply } from '../../domain/ports/stock-source';
import { senderOf } from './generic-settings';

const ANSWERS: Readonly<Record<string, (counts: { accepted: number; rejected: number }) => PushReply>> = {
  json: (counts) => ({ status: 200, contentType: 'application/json', body: JSON.stringify(counts) }),
  text: () => ({ status: 200, contentType: 'text/plain', body: 'OK' }),
  nothing: () => ({ status: 204, contentType: 'text/plain', body: '' }),
};

/**
 * What a sender is told that does not speak our own contract: mostly it looks at the status alone. Lines none of which is
 * usable are taken all the same: these senders would repeat the call for days and then end their subscription.
 */
export function replyOf(end: PushEnd, settings: SourceSettings): PushReply | null {
  const isForeign = senderOf(settings) !== null;
  const answer = ANSWERS[settings['replyWith'] ?? (isForeign ? 'json' : '')];
  if (!answer) return null;
  if (!('refusal' in end)) return answer({ accepted: end.accepted, rejected: end.rejected });
  const { code, facts } = end.refusal;
  if (!isForeign || code !== 'push_no_line_usable') return null;
  const { rejected } = facts.members ?? {};
  return answer({ accepted: 0, rejected: typeof rejected === 'number' ? rejected : (facts.errors?.length ?? 0) });
}
