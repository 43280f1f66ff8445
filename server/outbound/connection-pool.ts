import http from 'node:http';
import https from 'node:https';
import { publicLookup } from './address-guard';

/**
 * Apache closes an idle connection after 5 s. A request that goes out in that moment is reset without an answer, so
 * ours are dropped first.
 */
export const IDLE_SOCKET_MS = 3_500;

/** Keep-alive connections, kept apart by host and by whether the certificate is checked. */
export class ConnectionPool {
  readonly #agents = new Map<string, http.Agent>();
  readonly #allowPrivateNetwork: boolean;
  readonly #idleSocketMs: number;

  constructor(options: { readonly allowPrivateNetwork: boolean; readonly idleSocketMs?: number }) {
    this.#allowPrivateNetwork = options.allowPrivateNetwork;
    this.#idleSocketMs = options.idleSocketMs ?? IDLE_SOCKET_MS;
  }

  agentFor(url: URL, verifyTls: boolean): http.Agent {
    const key = `${url.protocol}//${url.host} ${verifyTls}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const agent = this.#newAgent(url, verifyTls, true);
    this.#agents.set(key, agent);
    return agent;
  }

  /** An agent of its own for one call, whose connection cannot have been closed by the other side meanwhile. */
  freshAgentFor(url: URL, verifyTls: boolean): http.Agent {
    return this.#newAgent(url, verifyTls, false);
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #newAgent(url: URL, verifyTls: boolean, keepAlive: boolean): http.Agent {
    const options = {
      keepAlive,
      timeout: this.#idleSocketMs,
      ...(this.#allowPrivateNetwork ? {} : { lookup: publicLookup }),
    };
    return url.protocol === 'https:'
      ? new https.Agent({ ...options, rejectUnauthorized: verifyTls })
      : new http.Agent(options);
  }
}
