import net, { type Socket } from 'node:net';

/** Stands between a client and a server, to cut what is between them. */
export class TcpGate {
  private readonly sockets = new Set<Socket>();
  private isOpen = true;
  private isHolding = false;
  private readonly held: (() => void)[] = [];

  private constructor(
    private readonly server: net.Server,
    private readonly to: { readonly host: string; readonly port: number },
  ) {
    server.on('connection', (client) => this.connect(client));
  }

  static async open(to: { readonly host: string; readonly port: number }): Promise<TcpGate> {
    const server = net.createServer();
    const gate = new TcpGate(server, to);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return gate;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The gate has no port');
    return address.port;
  }

  /** Ends every connection, in the middle of whatever is on its way. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Ends every connection and takes no new one. */
  shut(): void {
    this.isOpen = false;
    this.cut();
  }

  reopen(): void {
    this.isOpen = true;
    this.isHolding = false;
    for (const send of this.held.splice(0)) send();
  }

  /** Keeps back what the server answers: what was asked is done, and nobody learns of it. */
  hold(): void {
    this.isHolding = true;
  }

  async close(): Promise<void> {
    this.shut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private connect(client: Socket): void {
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = net.connect(this.to);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (this.isHolding) this.held.push(() => client.write(data));
      else client.write(data);
    });
  }
}
