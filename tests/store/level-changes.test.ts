import { AcceptStockPush } from '../../server/application/accept-stock-push';
import { createSourceRegistry } from '../../server/connectors/registry';
import type { PushReading, SignatureVerdict, StockSource } from '../../server/domain/ports/stock-source';
import { quantity } from '../../server/domain/quantity';
import { randomTokens } from '../../server/security/random-tokens';
import { genericKind } from '../support/generic-kind';
import { stockChange } from '../support/builders';
import { type Feed, feedIn, levelsOf, onEachEngine, type Stores, pushesOf } from '../support/test-stores';

const MINUTE = 60_000;

interface Told {
  readonly code?: string;
  readonly by?: string;
  readonly level?: string;
  readonly at?: number;
  readonly warehouse?: string;
}

/** A kind of source whose calls are lists of what is told, and that may bear its secret elsewhere than in a header. */
class ToldSource {
  verdict: SignatureVerdict | null = null;
  isAddressed = false;

  readonly kind: StockSource = {
    ...genericKind(),
    push: {
      ...genericKind().push,
      read: ({ body }) => this.read(JSON.parse(new TextDecoder().decode(body))),
      secretInAddress: () => this.isAddressed,
      signature: { isSetUp: () => this.verdict !== null, verify: () => this.verdict ?? 'missing' },
    },
  };

  private read({ lines, eventId }: { lines: readonly Told[]; eventId?: string }): PushReading {
    return {
      says: 'levels',
      eventId: eventId ?? null,
      lines: lines.map(({ code = 'A', by, level, at, warehouse = 'Depozit' }, index) => ({
        change: stockChange({
          index,
          code,
          warehouse,
          quantity: quantity(by ?? level ?? '0'),
          isChange: by !== undefined,
          observedAt: at ?? null,
        }),
      })),
    };
  }
}

const begin = (stores: Stores, source: ToldSource): AcceptStockPush =>
  new AcceptStockPush({
    ...stores,
    sources: createSourceRegistry(['generic'], [source.kind]),
    tokens: randomTokens,
    lanes: { announce: () => undefined },
    onAsked: () => undefined,
    clock: stores.clock,
  });

onEachEngine('A source that tells by how much a level changed', (stores) => {
  let feed: Feed;
  let accept: AcceptStockPush;
  const now = () => stores().clock.now();

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    accept = begin(stores(), new ToldSource());
  });

  const tell = async (lines: readonly Told[], eventId?: string) => {
    stores().clock.advance(1_000);
    const source = await stores().pushes.findSource(feed.sourceKey);
    if (!source) throw new Error('The source is gone');
    const body = new TextEncoder().encode(JSON.stringify({ lines, ...(eventId && { eventId }) }));
    const call = {
      contentType: 'application/json',
      body,
      headers: {},
      url: 'https://relay.example/',
      idempotencyKey: null,
    };
    const { answer } = await accept.accept(call, { source, proof: 'token' });
    if (!answer) throw new Error('The sender was answered in its own protocol');
    return answer;
  };
  const levels = () => levelsOf(stores(), feed);

  it('has it added exactly, decimals too', async () => {
    await tell([{ level: '0.3' }]);
    await tell([{ by: '0.1' }]);
    await tell([{ by: '0.2' }, { by: '-0.15' }]);
    expect(await levels()).toEqual(['A@Depozit=0.45']);
    await tell([{ by: '-1' }]);
    expect(await levels()).toEqual(['A@Depozit=-0.55']);
  });

  it('is refused, with the reason, where the level was never told; the other lines count', async () => {
    await tell([{ level: '5' }]);
    const answer = await tell([{ by: '-1' }, { code: 'B', by: '-1' }, { by: '-1', warehouse: 'Gol' }]);
    expect(answer).toMatchObject({ accepted: 1, rejected: 2 });
    expect(answer.lines.map(({ code }) => code)).toEqual([undefined, 'level_unknown', 'level_unknown']);
    expect(await levels()).toEqual(['A@Depozit=4']);
  });

  it('from before the level was last told as a whole is in that level already', async () => {
    await tell([{ level: '5' }]);
    const answer = await tell([{ by: '-2', at: now() - MINUTE }]);
    expect(answer.lines).toMatchObject([{ outcome: 'superseded' }]);
    expect(await levels()).toEqual(['A@Depozit=5']);
  });

  it('counts each change, in whatever order they come', async () => {
    await tell([{ level: '10', at: now() }]);
    stores().clock.advance(10 * MINUTE);
    await tell([{ by: '-3', at: now() - MINUTE }]);
    await tell([{ by: '-4', at: now() - 5 * MINUTE }]);
    expect(await levels()).toEqual(['A@Depozit=3']);
    // A whole level from between the two is older than what is known, and changes nothing.
    await tell([{ level: '9', at: now() - 3 * MINUTE }]);
    expect(await levels()).toEqual(['A@Depozit=3']);
  });

  it('counts a dated change to a level that came while our own clock was ahead, each once', async () => {
    stores().clock.advance(24 * 60 * MINUTE);
    await tell([{ level: '10' }]);
    stores().clock.advance(-24 * 60 * MINUTE);
    await tell([{ by: '-3', at: now() - MINUTE }]);
    await tell([{ by: '-4', at: now() - 5 * MINUTE }]);
    expect(await levels()).toEqual(['A@Depozit=3']);
    await tell([{ level: '9', at: now() - 3 * MINUTE }]);
    expect(await levels()).toEqual(['A@Depozit=3']);
  });

  it('is not added twice by a repeated event, however it is worded', async () => {
    await tell([{ level: '10' }]);
    const first = await tell([{ by: '-3' }], 'sale 1');
    stores().clock.advance(24 * 60 * MINUTE);
    const again = await tell([{ by: '-3', code: 'A' }], 'sale 1');
    expect(again.pushId).toBe(first.pushId);
    await tell([{ by: '-1' }], 'sale 2');
    expect(await levels()).toEqual(['A@Depozit=6']);
  });

  it('is not taken in anew: adding it twice would be wrong; levels are', async () => {
    const whole = await tell([{ level: '10' }]);
    const { pushId } = await tell([{ by: '-3' }]);
    await expect(accept.replay(pushId)).rejects.toMatchObject({ code: 'conflict' });
    await expect(accept.replay(whole.pushId)).resolves.toMatchObject({ accepted: 1 });
    expect(await levels()).toEqual(['A@Depozit=7']);
  });

  it('is added once, however often a person takes in once more what could not be used when it came', async () => {
    const early = now();
    await expect(tell([{ code: 'B', by: '-1' }])).rejects.toMatchObject({ code: 'push_no_line_usable' });
    const [kept] = (await stores().pushes.list(pushesOf(feed), { limit: 1, cursor: null })).data;
    await tell([{ code: 'B', level: '5', at: early }]);
    for (let time = 0; time < 2; time++) await accept.replay(kept?.id ?? 0);
    expect(await levels()).toEqual(['B@Depozit=4']);
  });
});

onEachEngine('A call that proves itself otherwise than by a header', (stores) => {
  let feed: Feed;
  let source: ToldSource;
  let accept: AcceptStockPush;

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    source = new ToldSource();
    accept = begin(stores(), source);
  });

  const secretOfAddress = async (): Promise<string> => {
    const secret = randomTokens.random();
    const hash = randomTokens.digest(secret);
    await stores().sources.addToken(feed.sourceId, { hash, issuer: 'address' }, stores().clock.now());
    return secret;
  };
  const authenticate = (tokens: readonly string[], addressSecret: string | null = null) =>
    accept.authenticate({ sourceKey: feed.sourceKey, tokens, addressSecret });
  const lastRefusal = async () => (await stores().sources.find(feed.sourceId))?.lastRefusal;
  const call = {
    contentType: 'application/json',
    body: new TextEncoder().encode('{"lines":[{"level":"1"}]}'),
    headers: {},
    url: 'https://relay.example/',
    idempotencyKey: null,
  };

  it('is let in by the secret of its address where it is, and by that of the header where that is', async () => {
    source.isAddressed = true;
    const secret = await secretOfAddress();
    expect((await authenticate([], secret)).proof).toBe('address');
    expect((await authenticate([feed.token])).proof).toBe('token');
  });

  it('is refused with the one secret in the other’s place', async () => {
    source.isAddressed = true;
    const secret = await secretOfAddress();
    await expect(authenticate([secret])).rejects.toMatchObject({ code: 'push_token_wrong' });
    await expect(authenticate([], feed.token)).rejects.toMatchObject({ code: 'push_token_wrong' });
    expect(await lastRefusal()).toBe('token_wrong');
  });

  it('is refused with a secret in its address where the kind bears none there', async () => {
    const secret = await secretOfAddress();
    await expect(authenticate([], secret)).rejects.toMatchObject({ code: 'push_token_wrong' });
  });

  it.each([
    ['missing', 'signature_missing'],
    ['wrong', 'signature_wrong'],
  ] as const)(
    'is refused where its signature is %s, which is recorded, and nothing of it is stored',
    async (verdict, refusal) => {
      source.verdict = verdict;
      const admitted = await authenticate([]);
      expect(admitted.proof).toBeNull();
      await expect(accept.accept(call, admitted)).rejects.toMatchObject({ code: 'push_signature_wrong' });
      expect(await lastRefusal()).toBe(refusal);
      expect(await levelsOf(stores(), feed)).toEqual([]);
    },
  );

  it('is taken in where its signature is right', async () => {
    source.verdict = 'valid';
    await accept.accept(call, await authenticate([]));
    expect(await levelsOf(stores(), feed)).toEqual(['A@Depozit=1']);
    expect(await lastRefusal()).toBeNull();
  });

  it('needs its signature besides the secret of its address where both are set up', async () => {
    source.verdict = 'wrong';
    source.isAddressed = true;
    const admitted = await authenticate([], await secretOfAddress());
    await expect(accept.accept(call, admitted)).rejects.toMatchObject({ code: 'push_signature_wrong' });
  });

  it('never passes without any proof', async () => {
    await expect(authenticate([])).rejects.toMatchObject({ code: 'push_token_missing' });
    expect(await lastRefusal()).toBe('token_missing');
  });
});
