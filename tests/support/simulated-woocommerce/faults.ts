/** What can be made to go wrong. Each is something a real shop, its host or its plugins have been seen to do. */
export type Fault =
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'rate-limit'; readonly status?: 429 | 503; readonly retryAfter?: string | number }
  | { readonly kind: 'server-error'; readonly status?: number; readonly as?: 'html' | 'json' }
  | { readonly kind: 'maintenance' }
  | { readonly kind: 'html-page'; readonly html?: string }
  | { readonly kind: 'firewall'; readonly by?: 'cloudflare' | 'wordfence' | 'modsecurity' }
  | { readonly kind: 'notice-before-json' }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  | { readonly kind: 'reset-before-write' }
  | { readonly kind: 'reset-after-write' }
  /** The write is done, and no answer ever comes. */
  | { readonly kind: 'no-answer' }
  /** The write is done and the answer is a 500. */
  | { readonly kind: 'fail-after-write' }
  /** The first `items` of a batch are written, then PHP dies. */
  | { readonly kind: 'die-in-batch'; readonly items: number }
  /** Others act while the shop takes the call in: before it is carried out. */
  | { readonly kind: 'meanwhile'; readonly happens: () => void }
  | { readonly kind: 'cut-json' }
  /** The answer to a batch leaves its last item out, repeats it, or turns the order round. */
  | { readonly kind: 'wrong-answer'; readonly how: 'short' | 'long' | 'reversed' }
  /** 200, nothing stored, and the answer shows the old value. */
  | { readonly kind: 'ignore-writes'; readonly skus?: readonly string[] }
  /** A plugin stores something else than was sent. */
  | { readonly kind: 'store-other'; readonly change: (quantity: number) => number; readonly skus?: readonly string[] }
  | { readonly kind: 'strip-header' }
  /** The user behind the key may not see what is listed there; for orders. */
  | { readonly kind: 'may-not-view' }
  /** WordPress knows itself under another address, so that no signature is right. */
  | { readonly kind: 'other-home'; readonly home: string }
  /** Any batch with one of these in it dies before anything is written. */
  | { readonly kind: 'poison'; readonly skus: readonly string[] };

export interface FaultScope {
  /** Only calls whose route ("/wc/v3/products/batch") matches. */
  readonly route?: RegExp;
  readonly method?: string;
}

interface Planned {
  readonly fault: Fault;
  readonly scope: FaultScope;
  left: number;
}

/** The faults that are switched on: for ever, or for the next calls they apply to. */
export class Faults {
  #planned: Planned[] = [];

  always(fault: Fault, scope: FaultScope = {}): void {
    this.#planned.push({ fault, scope, left: Infinity });
  }

  next(fault: Fault, calls = 1, scope: FaultScope = {}): void {
    this.#planned.push({ fault, scope, left: calls });
  }

  clear(): void {
    this.#planned = [];
  }

  /** The faults of one call; each one met is one less to come. */
  take(method: string, route: string): Fault[] {
    const met = this.#planned.filter(
      ({ scope, left }) =>
        left > 0 && (scope.method ?? method) === method && (scope.route === undefined || scope.route.test(route)),
    );
    for (const planned of met) planned.left -= 1;
    this.#planned = this.#planned.filter(({ left }) => left > 0);
    return met.map(({ fault }) => fault);
  }
}

export const faultOf = <Kind extends Fault['kind']>(
  faults: readonly Fault[],
  kind: Kind,
): Extract<Fault, { kind: Kind }> | undefined =>
  faults.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
