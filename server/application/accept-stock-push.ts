import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { Clock } from '../domain/ports/clock';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { PushLine, PushStore, PushingSource, StockStore } from '../domain/ports/pushes';
import type { RawPush, ReadPush, StockSource, StockSources } from '../domain/ports/stock-source';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { Tokens } from '../domain/ports/users';
import { failure } from '../domain/failure';
import { couldBeMassZero } from '../domain/mass-zero';
import type { NotificationStore } from '../domain/ports/notifications';
import { Refusal } from '../domain/refusal';
import type { StockChange } from '../domain/stock-change';
import { itemsGoingToZero, massZeroAmong } from './mass-zero-brake';
import { priorityOfPush } from '../domain/sync-item';
import { bySaying, judgeLines, reportOf } from './judge-lines';

export interface AcceptStockPushPorts {
  readonly unit: UnitOfWork;
  readonly pushes: PushStore;
  readonly stock: StockStore;
  readonly connections: ConnectionStore;
  readonly items: SyncItemStore;
  readonly notifications: Pick<NotificationStore, 'raise'>;
  readonly sources: StockSources;
  readonly tokens: Tokens;
  readonly lanes: LaneSignal;
  readonly clock: Clock;
}

export interface PushCredentials {
  readonly sourceKey: string;
  /** Every token the call carried, in the order we look at them; empty = none. */
  readonly tokens: readonly string[];
}

export interface IncomingPush extends RawPush {
  readonly idempotencyKey: string | null;
}

export interface PushAnswer {
  readonly pushId: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly lines: readonly {
    readonly index: number;
    readonly outcome: PushLine['outcome'];
    readonly code?: string;
    readonly message?: string;
  }[];
}

/** The same body within this time is the sender trying again, unless it pushed something else in between. */
const SAME_BODY_MS = 60_000;
/** That a token is in use is worth a write now and then, not one for each push. */
const TOKEN_USE_NOTED_EVERY_MS = 60_000;

/** Takes a push in: it is on disk when this returns. Throws Refusal for what is no push. */
export class AcceptStockPush {
  constructor(private readonly ports: AcceptStockPushPorts) {}

  /** Who is calling; records a refused try, so that the owner can tell "refused" from "nothing came". */
  async authenticate(call: PushCredentials): Promise<PushingSource> {
    const { pushes, clock } = this.ports;
    const source = await pushes.findSource(call.sourceKey);
    if (!source) throw new Refusal('push_token_wrong', 'The address or the token is wrong.');
    const kind = this.ports.sources.of(source.kind);
    const token = this.validToken(source, kind, call.tokens);
    if (token === null) {
      const refusal = call.tokens.length === 0 ? 'token_missing' : 'token_wrong';
      await pushes.recordRefusal(source.id, refusal, clock.now());
      throw new Refusal(`push_${refusal}`, kind.push.refusals.wrongToken, { status: kind.push.wrongTokenStatus });
    }
    const now = clock.now();
    if (now - (token.lastUsedAt ?? 0) > TOKEN_USE_NOTED_EVERY_MS) await pushes.recordTokenUse(token.id, now);
    return source;
  }

  async accept(
    source: PushingSource,
    call: IncomingPush,
  ): Promise<{ readonly status: number; readonly answer: PushAnswer }> {
    const kind = this.ports.sources.of(source.kind);
    if (!source.enabled) {
      throw new Refusal('push_source_off', kind.push.refusals.sourceOff, { status: kind.push.sourceOffStatus });
    }
    const read = kind.push.read(call);
    const answer = await this.store(source, kind, call, read, {
      idempotencyKey: call.idempotencyKey,
      observedAt: null,
      replayOf: null,
    });
    return { status: kind.push.acceptedStatus, answer };
  }

  /** Takes a stored push in once more. It counts as observed when it first came, so it never undoes a newer level. */
  async replay(pushId: number): Promise<PushAnswer> {
    const stored = await this.ports.pushes.find(pushId);
    if (!stored) throw new Refusal('not_found', 'There is no such push.');
    if (stored.rawBody === null) throw new Refusal('conflict', 'The body of this push is no longer kept.');
    const source = await this.ports.pushes.findSource(await this.sourceKeyOf(stored.sourceId));
    if (!source) throw new Refusal('not_found', 'The source of this push is gone.');
    const kind = this.ports.sources.of(source.kind);
    const raw = { contentType: stored.contentType, body: new TextEncoder().encode(stored.rawBody) };
    return this.store(source, kind, raw, kind.push.read(raw), {
      idempotencyKey: null,
      observedAt: stored.receivedAt,
      replayOf: stored.replayOf ?? stored.id,
    });
  }

  private async store(
    source: PushingSource,
    kind: StockSource,
    raw: RawPush,
    read: ReadPush,
    how: {
      readonly idempotencyKey: string | null;
      readonly observedAt: number | null;
      readonly replayOf: number | null;
    },
  ): Promise<PushAnswer> {
    const { unit, pushes, connections, items, tokens, clock, lanes } = this.ports;
    const rawBody = new TextDecoder().decode(raw.body);
    const bodyHash = tokens.digest(rawBody);
    const idempotencyHash = how.idempotencyKey === null ? null : tokens.digest(how.idempotencyKey);
    const awake = new Set<number>();

    const answer = await unit.run(async () => {
      awake.clear();
      await pushes.lockSource(source.id, read.length === 0, clock.now());
      // Read behind the lock: two pushes of one source are stored in the order of their receipt.
      const receivedAt = clock.now();
      const first =
        how.replayOf === null ? await this.firstOfSame(source.id, bodyHash, idempotencyHash, receivedAt) : null;
      if (first !== null) return this.answerOf(first, await pushes.lines(first));

      const feeds = await connections.forSource(source.id);
      const { lines, due } = await judgeLines(
        this.ports.stock,
        source.id,
        kind,
        read,
        feeds,
        how.observedAt ?? receivedAt,
        receivedAt,
      );
      const pushId = await pushes.add(
        {
          sourceId: source.id,
          receivedAt,
          bodyHash,
          idempotencyHash,
          contentType: raw.contentType?.slice(0, 200) ?? null,
          rawBody,
          bytes: raw.body.byteLength,
          isTest: read.length === 0,
          replayOf: how.replayOf,
        },
        lines.map((line) => line.kept),
      );
      const braked = await this.brake(read, lines, due.products, receivedAt);
      await this.ports.stock.saveLevels(due.levels, pushId, receivedAt);
      for (const [connection, going] of due.products) {
        const products = new Set([...going].filter((id) => !(braked.get(connection)?.has(id) ?? false)));
        const priority = priorityOfPush(products.size);
        for (const [saysNew, some] of bySaying(products, due.changed)) {
          await items.markDue(connection, some, priority, receivedAt, saysNew);
        }
        if (products.size > 0) awake.add(connection.shopId);
      }
      for (const [connection, held] of braked) await this.holdBack(connection, held, receivedAt);
      return this.answerOf(
        pushId,
        lines.map((line) => line.kept),
      );
    });

    lanes.announce(awake);
    if (read.length > 0 && answer.accepted === 0) {
      throw new Refusal('push_no_line_usable', 'No line of the push is usable; the reason stands with each line.', {
        errors: read.flatMap((line) =>
          'refused' in line
            ? [
                {
                  path: line.refused.path,
                  message: kind.push.messageFor(reportOf(line, 'rejected', '')) ?? line.refused.refusal,
                },
              ]
            : [],
        ),
        members: { ...answer },
      });
    }
    return answer;
  }

  /** The push this one repeats, if any. */
  private async firstOfSame(
    sourceId: number,
    bodyHash: string,
    idempotencyHash: string | null,
    now: number,
  ): Promise<number | null> {
    const { pushes } = this.ports;
    if (idempotencyHash !== null) {
      const first = await pushes.findByIdempotency(sourceId, idempotencyHash);
      if (first === null) return null;
      if (first.bodyHash === bodyHash) return first.id;
      throw new Refusal('conflict', 'This Idempotency-Key was used for another body. Nothing was changed.');
    }
    // Only the newest push counts: A, B, A within a minute is three changes, and losing the last would be silent.
    const latest = await pushes.latest(sourceId);
    return latest !== null && latest.bodyHash === bodyHash && now - latest.receivedAt < SAME_BODY_MS ? latest.id : null;
  }

  /**
   * A push that would take very much of what is in stock to 0 looks like a mistake: those products are held back until a
   * person has looked. Asked only of pushes that could do so; judged before the levels are stored.
   */
  private async brake(
    read: ReadPush,
    lines: readonly { readonly kept: PushLine }[],
    due: ReadonlyMap<Connection, ReadonlySet<number>>,
    at: number,
  ): Promise<ReadonlyMap<Connection, ReadonlySet<number>>> {
    const braked = new Map<Connection, ReadonlySet<number>>();
    const { items, notifications } = this.ports;
    const products = new Map(lines.map(({ kept }) => [kept.index, kept]));
    const told = new Map<number, StockChange[]>();
    for (const line of read) {
      const kept = 'change' in line ? products.get(line.change.index) : undefined;
      if (!('change' in line) || kept?.outcome !== 'accepted' || kept.sourceProductId === null) continue;
      told.set(kept.sourceProductId, [...(told.get(kept.sourceProductId) ?? []), line.change]);
    }
    for (const [connection, products] of due) {
      if (connection.mode !== 'live' || !couldBeMassZero(products.size)) continue;
      const zeros = await itemsGoingToZero(items, connection, told);
      const brake = couldBeMassZero(zeros.length) ? await massZeroAmong(items, connection, zeros.length) : null;
      if (!brake) continue;
      const views = await items.views(zeros);
      braked.set(connection, new Set(views.map(({ sourceProductId }) => sourceProductId)));
      const what = failure('mass_zero', brake);
      await notifications.raise({ kind: 'mass_zero', shopId: connection.shopId, failure: what }, at);
    }
    return braked;
  }

  private async holdBack(connection: Connection, products: ReadonlySet<number>, at: number): Promise<void> {
    const { items } = this.ports;
    const found = await items.ofProducts(connection.id, [...products]);
    await items.holdBack(
      found.map(({ id }) => id),
      failure('mass_zero_held'),
      at,
    );
  }

  private answerOf(pushId: number, lines: readonly PushLine[]): PushAnswer {
    const rejected = lines.filter((line) => line.outcome === 'rejected').length;
    return {
      pushId,
      accepted: lines.length - rejected,
      rejected,
      lines: lines.map((line) => ({
        index: line.index,
        outcome: line.outcome,
        ...(line.reason === null ? {} : { code: line.reason }),
        ...(line.message === null ? {} : { message: line.message }),
      })),
    };
  }

  private validToken(source: PushingSource, kind: StockSource, presented: readonly string[]) {
    const { tokens, clock } = this.ports;
    const now = clock.now();
    const live = source.tokens.filter((token) => token.expiresAt === null || token.expiresAt > now);
    for (const each of presented) {
      const digest = tokens.digest(kind.push.tokenIgnoresCase ? each.toLowerCase() : each);
      // Digests of random tokens: comparing them in the open gives away nothing that helps to guess a token.
      const match = live.find((token) => token.hash === digest);
      if (match) return match;
    }
    return null;
  }

  private async sourceKeyOf(sourceId: number): Promise<string> {
    const key = await this.ports.pushes.sourceKey(sourceId);
    if (key === null) throw new Refusal('not_found', 'The source of this push is gone.');
    return key;
  }
}
