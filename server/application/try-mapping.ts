import type { Push, PushStore } from '../domain/ports/pushes';
import type { SourceSettings, SourceStore } from '../domain/ports/sources';
import type {
  PushReading,
  RawPush,
  ReadPush,
  SampleFields,
  StockSource,
  StockSources,
} from '../domain/ports/stock-source';
import { notFound, Refusal } from '../domain/refusal';

export interface TryMappingPorts {
  readonly sourceStore: Pick<SourceStore, 'find' | 'settings'>;
  readonly sources: StockSources;
  readonly pushes: Pick<PushStore, 'list' | 'find'>;
}

/** A call that came in, and what is in it to build a mapping from. */
export interface Sample {
  readonly push: Push;
  readonly contentType: string | null;
  /** Cut off where it is very long. */
  readonly body: string;
  /** null = it is nothing a mapping could read. */
  readonly fields: SampleFields | null;
}

/** What a call would mean by settings that are not saved yet. */
export interface TriedMapping {
  readonly says: PushReading['says'];
  readonly total: number;
  /** The first ones. */
  readonly lines: ReadPush;
}

const SAMPLES = 5;
const LINES = 50;
const MOST_CHARACTERS = 20_000;

/** Builds a source's mapping from what its sender really sends. */
export class TryMapping {
  constructor(private readonly ports: TryMappingPorts) {}

  /** The latest calls of the source, readable or not. */
  async samples(sourceId: number): Promise<readonly Sample[]> {
    const { kind } = await this.load(sourceId);
    const { data } = await this.ports.pushes.list(
      { sourceId, outcome: null, from: null, before: null },
      { limit: SAMPLES, cursor: null },
    );
    const found = await Promise.all(data.map(({ id }) => this.ports.pushes.find(id)));
    return found.flatMap((push) => {
      if (!push || push.rawBody === null || push.rawBody === '') return [];
      const raw = rawOf(push.contentType, push.rawBody);
      const body = [...push.rawBody].slice(0, MOST_CHARACTERS).join('');
      return [{ push, contentType: push.contentType, body, fields: fieldsOf(kind, raw) }];
    });
  }

  /** Nothing is stored: the call is read as these settings would have it read. */
  async read(sourceId: number, pushId: number, settings: Readonly<Record<string, unknown>>): Promise<TriedMapping> {
    const { kind, known } = await this.load(sourceId);
    const judged = kind.readSettings({ ...known, ...settings });
    if (!judged.ok) {
      throw new Refusal('invalid_input', 'The settings of the source are not usable.', { errors: judged.errors });
    }
    const push = await this.ports.pushes.find(pushId);
    if (push?.sourceId !== sourceId || push.rawBody === null) throw notFound('push');
    const reading = kind.push.read(rawOf(push.contentType, push.rawBody), judged.settings);
    const lines = reading.says === 'levels' ? reading.lines : [];
    return { says: reading.says, total: lines.length, lines: lines.slice(0, LINES) };
  }

  private async load(sourceId: number): Promise<{ readonly kind: StockSource; readonly known: SourceSettings }> {
    const source = await this.ports.sourceStore.find(sourceId);
    const known = await this.ports.sourceStore.settings(sourceId);
    if (!source || !known) throw notFound('source');
    return { kind: this.ports.sources.of(source.kind), known };
  }
}

const rawOf = (contentType: string | null, body: string): RawPush => ({
  contentType,
  body: new TextEncoder().encode(body),
});

function fieldsOf(kind: StockSource, raw: RawPush): SampleFields | null {
  try {
    return kind.sample?.fields(raw) ?? null;
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}
