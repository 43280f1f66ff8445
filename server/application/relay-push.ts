import type { ConnectionStore } from '../domain/ports/connections';
import type { SourceStore } from '../domain/ports/sources';
import { notFound } from '../domain/refusal';
import type { AcceptedPush, AcceptStockPush, ArrivedPush } from './accept-stock-push';

export interface RelayPushPorts {
  readonly acceptPush: AcceptStockPush;
  readonly connections: Pick<ConnectionStore, 'forShop'>;
  readonly sources: Pick<SourceStore, 'find'>;
}

/** A push that came to the shop's address, and that its plugin has passed on: answered as at our own door. */
export class RelayPush {
  constructor(private readonly ports: RelayPushPorts) {}

  async relay(
    shopId: number,
    kind: string,
    call: Omit<ArrivedPush, 'url'> & {
      readonly tokens: readonly string[];
      readonly urlOf: (sourceKey: string) => string;
    },
  ): Promise<AcceptedPush> {
    const { acceptPush } = this.ports;
    const { tokens, urlOf, ...arrived } = call;
    const keys = await this.sourcesOf(shopId, kind);
    const credentials = keys.map((sourceKey) => ({ sourceKey, tokens, addressSecret: null }));
    const borne = await Promise.all(credentials.map((each) => acceptPush.bears(each)));
    // One that fits none is refused, and recorded, by the first of them.
    const chosen = credentials[Math.max(0, borne.indexOf(true))];
    if (!chosen) throw notFound('source that feeds this shop');
    const admitted = await acceptPush.authenticate(chosen);
    return acceptPush.accept({ ...arrived, url: urlOf(chosen.sourceKey) }, admitted);
  }

  private async sourcesOf(shopId: number, kind: string): Promise<readonly string[]> {
    const { connections, sources } = this.ports;
    const ids = new Set((await connections.forShop(shopId)).map(({ sourceId }) => sourceId));
    const found = await Promise.all([...ids].map((id) => sources.find(id)));
    return found.flatMap((source) => (source?.kind === kind ? [source.sourceKey] : []));
  }
}
