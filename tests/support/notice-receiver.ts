import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedNotice {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver does with the signature, as the README shows it. */
export function isSignedBy(secret: string, { headers, body }: ReceivedNotice): boolean {
  const { t = '', v1 = '' } = Object.fromEntries(
    String(headers['x-stock-relay-signature'])
      .split(',')
      .map((part) => part.split('=') as [string, string]),
  );
  const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest();
  const given = Buffer.from(v1, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A program that wants to hear of notices. */
export class NoticeReceiver {
  readonly received: ReceivedNotice[] = [];
  status = 204;
  says = '';

  private constructor(private readonly server: http.Server) {}

  static async start(): Promise<NoticeReceiver> {
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(receiver.status).end(receiver.says);
      });
    });
    const receiver = new NoticeReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
