import type { SourceSettings } from '../../domain/ports/sources';
import type { PushReading, RawPush } from '../../domain/ports/stock-source';
import { readContractPush } from './contract-push';
import { senderOf } from './generic-settings';
import { readMappedPush } from './read-mapped-push';

export function readGenericPush(push: RawPush, settings: SourceSettings): PushReading {
  const sender = senderOf(settings);
  return sender ? readMappedPush(push, sender) : { says: 'levels', lines: readContractPush(push) };
}
