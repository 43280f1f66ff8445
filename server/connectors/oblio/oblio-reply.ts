import type { PushCall, PushEnd, PushReply } from '../../domain/ports/stock-source';
import { isAboutContent } from '../vendor-api/content-refusal';

const REQUEST_ID = 'x-oblio-request-id';

/**
 * Oblio believes that it was understood only when it gets the id of its call back, in base64 and nothing else; without
 * it, no webhook can be registered. A call nobody can use gets it too, or it would come again and again.
 */
export function oblioReply({ headers }: PushCall, end: PushEnd): PushReply | null {
  if ('refusal' in end && !isAboutContent(end.refusal)) return null;
  const id = headers[REQUEST_ID]?.trim() ?? '';
  return {
    status: 200,
    contentType: 'text/plain',
    body: id === '' ? 'OK' : Buffer.from(id, 'utf8').toString('base64'),
  };
}
