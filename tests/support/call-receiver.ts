import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PushReading, StockSource } from '../../server/domain/ports/stock-source';
import type { SourceSettings } from '../../server/domain/ports/sources';
import { Refusal } from '../../server/domain/refusal';

/** The door of a source by itself, without the house: reads what it is called with, and answers in the kind's words. */
export class CallReceiver {
  readonly readings: PushReading[] = [];
  readonly verdicts: string[] = [];

  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {}

  static async start({ push }: StockSource, settings: SourceSettings): Promise<CallReceiver> {
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const call = { contentType: headers['content-type'] ?? null, body: Buffer.concat(chunks), headers, url: '' };
        receiver.verdicts.push(push.signature?.verify(call, settings) ?? 'none');
        const end = receiver.take(() => push.read(call, settings));
        const reply = push.reply?.(call, end, settings);
        if (!reply) response.writeHead(500).end();
        else response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new CallReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return receiver;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private take(read: () => PushReading) {
    try {
      const reading = read();
      this.readings.push(reading);
      const toRead = reading.says === 'asks' ? reading.references.length : 0;
      return { accepted: 0, rejected: 0, toRead };
    } catch (thrown) {
      if (thrown instanceof Refusal) return { refusal: thrown };
      throw thrown;
    }
  }
}
