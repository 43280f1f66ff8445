import type { StockSource, StockSources } from '../domain/ports/stock-source';

/** Kind → connector. A kind without a connector, or with two, stops the boot. */
export function createSourceRegistry(kinds: readonly string[], sources: readonly StockSource[]): StockSources {
  const byKind = new Map<string, StockSource>();
  for (const source of sources) {
    if (byKind.has(source.kind)) throw new Error(`Two connectors claim the kind ${source.kind}`);
    byKind.set(source.kind, source);
  }
  const missing = kinds.filter((kind) => !byKind.has(kind));
  if (missing.length > 0) throw new Error(`No connector for the kind ${missing.join(', ')}`);
  return {
    all: kinds.flatMap((kind) => byKind.get(kind) ?? []),
    of: (kind) => {
      const source = byKind.get(kind);
      if (!source) throw new Error(`No connector for the kind ${kind}`);
      return source;
    },
  };
}
