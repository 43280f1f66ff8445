import type { SourceSettings } from '../../domain/ports/sources';
import type { RawPush, ReadPush } from '../../domain/ports/stock-source';
import { Refusal } from '../../domain/refusal';
import { FileFault } from './file-fault';
import { textOfFile } from './file-text';
import { fileColumnsOf } from './generic-settings';
import { type LevelFile, readLevelFileAtOnce } from './level-file';

const MOST_ROWS = 100_000;

/** A file as a person uploads it, with the columns the source's settings name. */
export function readUploadedFile(settings: SourceSettings, { body, contentType }: RawPush): ReadPush {
  const file = soundFile(settings, textOfFile(body), contentType);
  if (file.length > MOST_ROWS) {
    throw new Refusal('push_too_large', `A file may have at most ${MOST_ROWS} rows; this one has ${file.length}.`);
  }
  return Array.from({ length: file.length }, (_, row) => file.line(row));
}

function soundFile(settings: SourceSettings, text: string, contentType: string | null): LevelFile {
  try {
    return readLevelFileAtOnce(text, { format: undefined, contentType, columns: fileColumnsOf(settings) });
  } catch (thrown) {
    if (!(thrown instanceof FileFault)) throw thrown;
    throw new Refusal('push_unreadable', `The file cannot be read: ${thrown.message}.`, {
      errors: [{ path: 'file', message: thrown.message }],
    });
  }
}
