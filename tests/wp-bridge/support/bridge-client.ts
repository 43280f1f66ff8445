import { createHash, createHmac, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- Tests look into whatever came.
}

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | undefined;
}

/** One HTTP call; the shops of tests have certificates of their own making. */
export function call(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = send(
      url,
      {
        method,
        rejectUnauthorized: false,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: jsonOf(text) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Twist {
  pairing?: string;
  secret?: string;
  timestamp?: number;
  nonce?: string;
  signature?: string;
  headers?: Record<string, string>;
  signedBody?: string;
}

/** Calls the plugin as the service does; a twist makes one part of a call wrong. */
export class BridgeClient {
  constructor(
    readonly url: string,
    readonly pairingId: string,
    public secret: string,
  ) {}

  signed(method: string, route: string, body = '', query: Record<string, string> = {}, twist: Twist = {}) {
    const path = `/stock-relay/v1${route}`;
    const asked = Object.keys(query)
      .sort()
      .map((name) => `${name}=${encodeURIComponent(query[name] ?? '')}`)
      .join('&');
    const timestamp = String(twist.timestamp ?? Math.floor(Date.now() / 1000));
    const nonce = twist.nonce ?? randomBytes(16).toString('hex');
    const digest = createHash('sha256')
      .update(twist.signedBody ?? body)
      .digest('hex');
    const text = ['to-shop', method, asked ? `${path}?${asked}` : path, timestamp, nonce, digest].join('\n');
    const key = Buffer.from(twist.secret ?? this.secret, 'base64url');
    return call(`${this.url}/?rest_route=${path}${asked ? `&${asked}` : ''}`, {
      method,
      ...(body === '' ? {} : { body }),
      headers: {
        ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
        'X-Stock-Relay-Pairing': twist.pairing ?? this.pairingId,
        'X-Stock-Relay-Timestamp': timestamp,
        'X-Stock-Relay-Nonce': nonce,
        'X-Stock-Relay-Signature': twist.signature ?? `v1=${createHmac('sha256', key).update(text).digest('hex')}`,
        ...twist.headers,
      },
    });
  }

  async stock(items: unknown[], more: Record<string, unknown> = {}): Promise<Answer> {
    return this.signed('POST', '/stock', JSON.stringify({ items, ...more }));
  }
}

export const newSecret = (): string => randomBytes(32).toString('base64url');
