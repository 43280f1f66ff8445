import { createHash } from 'node:crypto';
import type { Clock } from '../../domain/ports/clock';
import type { SourceSettings } from '../../domain/ports/sources';
import type { HttpClient } from '../../outbound/http-client';
import { unexpectedAnswer } from '../vendor-api/vendor-failures';
import { FileDownload } from './file-download';
import { FileFault } from './file-fault';
import { textOfFile } from './file-text';
import { fileColumnsOf } from './generic-settings';
import { type LevelFile, readLevelFile } from './level-file';

/** A file as it lay at its address at one moment. */
export interface PulledFile {
  readonly digest: string;
  readonly file: LevelFile;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Gets files of levels and reads them. A file that is not whole is the FailureError that says why. */
export class PulledFiles {
  private readonly download: FileDownload;

  constructor(http: HttpClient, clock: Clock) {
    this.download = new FileDownload(http, clock);
  }

  async get(settings: SourceSettings, signal: AbortSignal): Promise<PulledFile> {
    const { bytes, contentType } = await this.download.get(settings, signal);
    const text = textOfFile(bytes);
    const { fileFormat } = settings;
    const format = fileFormat === 'csv' || fileFormat === 'json' ? fileFormat : undefined;
    try {
      const file = await readLevelFile(text, { format, contentType, columns: fileColumnsOf(settings) });
      return { digest: digestOf(text), file };
    } catch (thrown) {
      if (!(thrown instanceof FileFault)) throw thrown;
      throw unexpectedAnswer(`the file: ${thrown.message}`, text.slice(0, 300));
    }
  }
}
