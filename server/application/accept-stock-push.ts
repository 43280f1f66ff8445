import type { ConnectionStore } from '../domain/ports/connections';
import type { Clock } from '../domain/ports/clock';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { LevelRequestStore } from '../domain/ports/level-requests';
import type { Notices } from '../domain/ports/notifications';
import type { PushingSource, PushLine, PushSays, PushStore, StockStore } from '../domain/ports/pushes';
import type { TokenIssuer } from '../domain/ports/sources';
import type {
  PushCall,
  PushReading,
  PushReply,
  RawPush,
  StockSource,
  StockSources,
} from '../domain/ports/stock-source';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { Tokens } from '../domain/ports/users';
import { Refusal, type RefusalCode } from '../domain/refusal';
import { applyLevels } from './apply-levels';
import { judgeLines, reportOf } from './judge-lines';
import type { ReleaseOrdersPorts } from './release-orders';

export interface AcceptStockPushPorts {
  readonly unit: UnitOfWork;
  readonly pushes: PushStore;
  readonly stock: StockStore;
  readonly connections: ConnectionStore;
  readonly items: SyncItemStore;
  readonly notifications: Pick<Notices, 'raise'>;
  readonly sources: StockSources;
  readonly tokens: Tokens;
  readonly ledger: ReleaseOrdersPorts['ledger'];
  readonly requests: Pick<LevelRequestStore, 'add'>;
  readonly lanes: LaneSignal;
  /** Levels wait to be read by a source's API. */
  readonly onAsked: () => void;
  readonly clock: Clock;
}

export interface PushCredentials {
  readonly sourceKey: string;
  /** Every token the call's headers carried, in the order we look at them; empty = none. */
  readonly tokens: readonly string[];
  /** The secret in the address; null = none. */
  readonly addressSecret: string | null;
}

/** A source that may be calling; one without proof by now has to prove itself by its signature. */
export interface AdmittedSource {
  readonly source: PushingSource;
  readonly proof: 'token' | 'address' | null;
}

export interface ArrivedPush extends PushCall {
  readonly idempotencyKey: string | null;
}

export interface AcceptedPush {
  readonly answer: PushAnswer | null;
  readonly status: number;
  /** In the sender's own protocol; null = the answer as it is. */
  readonly reply: PushReply | null;
}

/** By what a call is known to repeat another. */
interface Repetition {
  readonly key: string;
  /** An event sent once more may be worded anew; a key of ours used for another body is a mistake. */
  readonly alsoWithOtherBody: boolean;
}

export interface PushAnswer {
  readonly pushId: number;
  readonly accepted: number;
  readonly rejected: number;
  /** What the call only named: so many levels are read by the source's API. */
  readonly toRead?: number;
  readonly lines: readonly {
    readonly index: number;
    readonly outcome: PushLine['outcome'];
    readonly code?: string;
    readonly message?: string;
  }[];
}

/** What a body that could not be read as a whole is refused for. */
const UNREADABLE: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'push_unreadable',
  'push_media_unsupported',
  'push_too_large',
]);
/** The same body within this time is the sender trying again, unless it pushed something else in between. */
const SAME_BODY_MS = 60_000;
/** That a token is in use is worth a write now and then, not one for each push. */
const TOKEN_USE_NOTED_EVERY_MS = 60_000;

/** Takes a push in: it is on disk when this returns. Throws Refusal for what is no push. */
export class AcceptStockPush {
  constructor(private readonly ports: AcceptStockPushPorts) {}

  /** Whether the source of this key would let the call in by its token; nothing is recorded. */
  async bears({ sourceKey, tokens }: PushCredentials): Promise<boolean> {
    const source = await this.ports.pushes.findSource(sourceKey);
    if (!source) return false;
    return this.validToken(source, this.ports.sources.of(source.kind), tokens, ['own', 'vendor']) !== null;
  }

  /** Who is calling; records a refused try, so that the owner can tell "refused" from "nothing came". */
  async authenticate(call: PushCredentials): Promise<AdmittedSource> {
    const { pushes, clock } = this.ports;
    const source = await pushes.findSource(call.sourceKey);
    if (!source) throw new Refusal('push_token_wrong', 'The address or the token is wrong.');
    const kind = this.ports.sources.of(source.kind);
    const byHeader = this.validToken(source, kind, call.tokens, ['own', 'vendor']);
    const byAddress =
      byHeader === null && call.addressSecret !== null && kind.push.secretInAddress?.(source.settings()) === true
        ? this.validToken(source, kind, [call.addressSecret], ['address'])
        : null;
    const token = byHeader ?? byAddress;
    if (token === null) {
      if (kind.push.signature?.isSetUp(source.settings()) === true && call.addressSecret === null) {
        return { source, proof: null };
      }
      const refusal = call.tokens.length === 0 && call.addressSecret === null ? 'token_missing' : 'token_wrong';
      await pushes.recordRefusal(source.id, refusal, clock.now());
      const { wrongToken, missingToken = wrongToken } = kind.push.refusals;
      const words = refusal === 'token_missing' ? missingToken : wrongToken;
      throw new Refusal(`push_${refusal}`, words, { status: kind.push.wrongTokenStatus });
    }
    const now = clock.now();
    if (now - (token.lastUsedAt ?? 0) > TOKEN_USE_NOTED_EVERY_MS) await pushes.recordTokenUse(token.id, now);
    return { source, proof: byHeader ? 'token' : 'address' };
  }

  /** Takes the call in and words the answer as its sender understands it. */
  async accept(call: ArrivedPush, admitted: AdmittedSource): Promise<AcceptedPush> {
    const { source, proof } = admitted;
    const kind = this.ports.sources.of(source.kind);
    if (proof !== 'token') await this.proveBySignature(source, kind, call, proof);
    if (!source.enabled) {
      throw new Refusal('push_source_off', kind.push.refusals.sourceOff, { status: kind.push.sourceOffStatus });
    }
    const repliesItself = kind.push.reply?.bind(kind.push);
    try {
      const answer = await this.takeIn(source, kind, call);
      const end = { accepted: answer.accepted, rejected: answer.rejected, toRead: answer.toRead ?? 0 };
      return { answer, status: kind.push.acceptedStatus, reply: repliesItself?.(call, end, source.settings()) ?? null };
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || repliesItself === undefined) throw thrown;
      const reply = repliesItself(call, { refusal: thrown }, source.settings());
      if (reply === null) throw thrown;
      return { answer: null, status: reply.status, reply };
    }
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
    const reading = kind.push.read(raw, source.settings());
    const addsUp = reading.says === 'levels' && reading.lines.some((line) => 'change' in line && line.change.isChange);
    // What nothing was used of was never added; what was added once must not be added again.
    if (addsUp && stored.accepted > 0) {
      throw new Refusal('conflict', 'This push told by how much levels changed; adding it twice would be wrong.');
    }
    const replayOf = stored.replayOf ?? stored.id;
    return this.store(source, kind, raw, reading, {
      repeats: addsUp ? { key: `replay ${replayOf}`, alsoWithOtherBody: true } : null,
      observedAt: stored.receivedAt,
      replayOf,
    });
  }

  /** For senders that cannot bear a token, or whose signature is asked for besides the secret in the address. */
  private async proveBySignature(
    source: PushingSource,
    kind: StockSource,
    call: PushCall,
    proof: 'address' | null,
  ): Promise<void> {
    const { signature, refusals, wrongTokenStatus } = kind.push;
    const settings = source.settings();
    if (signature?.isSetUp(settings) !== true) {
      if (proof === 'address') return;
      throw new Error('A call was admitted without any proof');
    }
    const verdict = signature.verify(call, settings);
    if (verdict === 'valid') return;
    await this.ports.pushes.recordRefusal(source.id, `signature_${verdict}`, this.ports.clock.now());
    throw new Refusal('push_signature_wrong', refusals.wrongSignature ?? refusals.wrongToken, {
      status: wrongTokenStatus,
    });
  }

  private async takeIn(source: PushingSource, kind: StockSource, call: ArrivedPush): Promise<PushAnswer> {
    let reading: PushReading;
    try {
      reading = kind.push.read(call, source.settings());
    } catch (thrown) {
      if (thrown instanceof Refusal && UNREADABLE.has(thrown.code)) await this.keepUnreadable(source, call);
      throw thrown;
    }
    const eventId = 'eventId' in reading ? (reading.eventId ?? null) : null;
    const { idempotencyKey } = call;
    return this.store(source, kind, call, reading, {
      repeats:
        idempotencyKey !== null
          ? { key: idempotencyKey, alsoWithOtherBody: false }
          : eventId !== null
            ? { key: `event ${eventId}`, alsoWithOtherBody: true }
            : null,
      observedAt: null,
      replayOf: null,
    });
  }

  /** Nothing is lost: a person can look at it, build the source's mapping from it, and have it read once more. */
  private async keepUnreadable(source: PushingSource, raw: RawPush): Promise<void> {
    const { unit, pushes, clock } = this.ports;
    await unit.run(async () => {
      await pushes.lockSource(source.id, false, clock.now());
      const receivedAt = clock.now();
      const receipt = this.receiptOf(source, raw, 'unreadable', receivedAt);
      if ((await this.firstOfSame(source.id, receipt.bodyHash, null, receivedAt)) === null) {
        await pushes.add({ ...receipt, idempotencyHash: null, replayOf: null }, []);
      }
    });
  }

  private receiptOf(source: PushingSource, raw: RawPush, says: PushSays, receivedAt: number) {
    const rawBody = new TextDecoder().decode(raw.body);
    return {
      sourceId: source.id,
      receivedAt,
      bodyHash: this.ports.tokens.digest(rawBody),
      contentType: raw.contentType?.slice(0, 200) ?? null,
      rawBody,
      bytes: raw.body.byteLength,
      says,
    };
  }

  private async store(
    source: PushingSource,
    kind: StockSource,
    raw: RawPush,
    reading: PushReading,
    how: {
      readonly repeats: Repetition | null;
      readonly observedAt: number | null;
      readonly replayOf: number | null;
    },
  ): Promise<PushAnswer> {
    const { unit, pushes, stock, connections, requests, tokens, clock, lanes } = this.ports;
    const read = reading.says === 'levels' ? reading.lines : [];
    const references = reading.says === 'asks' ? [...new Set(reading.references)] : [];
    // An empty list of levels is how most senders test.
    const says: PushSays = reading.says === 'levels' && read.length === 0 ? 'test' : reading.says;
    const repeats = how.repeats && { ...how.repeats, hash: tokens.digest(how.repeats.key) };
    let awake: ReadonlySet<number> = new Set();

    const answer = await unit.run(async () => {
      awake = new Set();
      await pushes.lockSource(source.id, says === 'test', clock.now());
      // Read behind the lock: two pushes of one source are stored in the order of their receipt.
      const receivedAt = clock.now();
      const receipt = this.receiptOf(source, raw, says, receivedAt);
      const first =
        how.replayOf === null || repeats !== null
          ? await this.firstOfSame(source.id, receipt.bodyHash, repeats, receivedAt)
          : null;
      if (first !== null) return this.answerOf(first, await pushes.lines(first), references.length);

      const feeds = await connections.forSource(source.id);
      const judged = await judgeLines(stock, source.id, kind, read, feeds, how.observedAt ?? receivedAt, receivedAt);
      const kept = judged.lines.map((line) => line.kept);
      const pushId = await pushes.add(
        { ...receipt, idempotencyHash: repeats?.hash ?? null, replayOf: how.replayOf },
        kept,
      );
      awake = await applyLevels(this.ports, read, judged, pushId, receivedAt);
      if (references.length > 0) await requests.add(source.id, references, receivedAt);
      return this.answerOf(pushId, kept, references.length);
    });

    lanes.announce(awake);
    if (references.length > 0) this.ports.onAsked();
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
    repeats: (Repetition & { readonly hash: string }) | null,
    now: number,
  ): Promise<number | null> {
    const { pushes } = this.ports;
    if (repeats !== null) {
      const first = await pushes.findByIdempotency(sourceId, repeats.hash);
      if (first === null) return null;
      if (first.bodyHash === bodyHash || repeats.alsoWithOtherBody) return first.id;
      throw new Refusal('conflict', 'This Idempotency-Key was used for another body. Nothing was changed.');
    }
    // Only the newest push counts: A, B, A within a minute is three changes, and losing the last would be silent.
    const latest = await pushes.latest(sourceId);
    return latest !== null && latest.bodyHash === bodyHash && now - latest.receivedAt < SAME_BODY_MS ? latest.id : null;
  }

  private answerOf(pushId: number, lines: readonly PushLine[], toRead: number): PushAnswer {
    const rejected = lines.filter((line) => line.outcome === 'rejected').length;
    return {
      pushId,
      accepted: lines.length - rejected,
      rejected,
      ...(toRead === 0 ? {} : { toRead }),
      lines: lines.map((line) => ({
        index: line.index,
        outcome: line.outcome,
        ...(line.reason === null ? {} : { code: line.reason }),
        ...(line.message === null ? {} : { message: line.message }),
      })),
    };
  }

  private validToken(
    source: PushingSource,
    kind: StockSource,
    presented: readonly string[],
    issuers: readonly TokenIssuer[],
  ) {
    const { tokens, clock } = this.ports;
    const now = clock.now();
    const live = source.tokens.filter(
      (token) => issuers.includes(token.issuer) && (token.expiresAt === null || token.expiresAt > now),
    );
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
