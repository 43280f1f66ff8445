import type { PushAnswer } from '../../server/application/accept-stock-push';

import { CLOCK_TOLERANCE_MS } from '../../server/domain/stock-level';
import { Refusal } from '../../server/domain/refusal';
import {
  feedIn,
  type Feed,
  itemOf,
  itemsOf,
  type Line,
  levelsOf,
  onEachEngine,
  push,
  pushesOf,
  pushBody,
  draftOf,
  pushingSource,
  shopIn,
  SMARTBILL_SETTINGS,
} from '../support/test-stores';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const outcomes = (answer: PushAnswer) => answer.lines.map(({ outcome }) => outcome);
const refusalOf = async (work: Promise<unknown>): Promise<Refusal> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
};

onEachEngine('Taking a push in', (stores) => {
  let feed: Feed;
  const A = (quantity: number | string, more: Line = {}): Line => ({ code: 'A', quantity, ...more });
  const send = (...lines: readonly Line[]) => push(stores(), feed, lines);
  const levels = () => levelsOf(stores(), feed);
  const pushes = async (ofFeed = feed) =>
    (await stores().pushes.list(pushesOf(ofFeed), { limit: 100, cursor: null })).data;
  const iso = (at: number) => new Date(at).toISOString();

  beforeEach(async () => {
    feed = await feedIn(stores());
  });

  describe('keeps it', () => {
    it('with its levels, its lines and what is due, once the answer is out', async () => {
      const { announced, clock } = stores();
      announced.length = 0;
      const answer = await send(A(7, { name: 'Cană ☕️', warehouse: 'Depozit' }), { barcode: '594', quantity: '2,5' });
      expect(answer).toEqual({
        pushId: answer.pushId,
        accepted: 2,
        rejected: 0,
        lines: [
          { index: 0, outcome: 'accepted' },
          { index: 1, outcome: 'accepted' },
        ],
      });
      expect(await levels()).toEqual(['A@Depozit=7', '594@=2.5']);
      expect(await itemOf(stores(), feed, 'A')).toMatchObject({
        status: 'due',
        dueAt: clock.now(),
        subject: { code: 'A', barcode: null, name: 'Cană ☕️' },
      });
      expect(announced).toEqual([feed.shop.id]);
      expect(await stores().pushes.lines(answer.pushId)).toMatchObject([
        { index: 0, outcome: 'accepted', quantity: '7', before: null, name: 'Cană ☕️' },
        { index: 1, outcome: 'accepted', quantity: '2.5', barcode: '594' },
      ]);
      const kept = await stores().pushes.find(answer.pushId);
      expect(JSON.parse(kept?.rawBody ?? '')).toMatchObject({ items: [{ name: 'Cană ☕️' }, {}] });
      expect((await stores().sources.find(feed.sourceId))?.lastPushAt).toBe(clock.now());
    });

    it('and a second level of the same product in its place, with the one before', async () => {
      await send(A(7));
      stores().clock.advance(1);
      const { pushId } = await send(A(0));
      expect(await levels()).toEqual(['A@=0']);
      expect(await stores().pushes.lines(pushId)).toMatchObject([{ quantity: '0', before: '7' }]);
    });

    it('and levels of several warehouses side by side, however they are spelt', async () => {
      await send(A(7, { warehouse: 'Depozit' }), A(2, { warehouse: 'Magazin' }));
      stores().clock.advance(1);
      await send(A(8, { warehouse: ' DEPOZIT ' }));
      expect((await levels()).sort()).toEqual(['A@Depozit=8', 'A@Magazin=2']);
    });

    it('and learns a new name of a known product, and forgets nothing it is not told', async () => {
      await send(A(7, { name: 'Cana', barcode: '594' }));
      stores().clock.advance(1);
      await send(A(8, { name: 'Cana mare' }));
      expect((await itemOf(stores(), feed, 'A')).subject).toMatchObject({
        code: 'A',
        barcode: '594',
        name: 'Cana mare',
      });
    });

    it('and every line of it, the bad ones with their reason, and a bad one never rejects its neighbours', async () => {
      const answer = await send(A(1), { code: 'B', quantity: null }, { quantity: 1 }, { code: 'C', quantity: 3 });
      expect(answer).toMatchObject({ accepted: 2, rejected: 2 });
      expect(answer.lines[1]).toEqual({
        index: 1,
        outcome: 'rejected',
        code: 'quantity_missing',
        message: 'The quantity is missing. A missing quantity is not 0, so nothing was changed.',
      });
      expect(outcomes(answer)).toEqual(['accepted', 'rejected', 'rejected', 'accepted']);
      expect((await levels()).sort()).toEqual(['A@=1', 'C@=3']);
    });

    it('and refuses it afterwards when no line is usable, with each line’s reason', async () => {
      const refusal = await refusalOf(send({ code: 'A' }, { quantity: 1 }));
      expect(refusal.code).toBe('push_no_line_usable');
      expect(refusal.facts.errors?.map(({ path }) => path)).toEqual(['[0].quantity', '[1].code']);
      expect(refusal.facts.members).toMatchObject({ accepted: 0, rejected: 2 });
      expect(await pushes()).toMatchObject([{ accepted: 0, rejected: 2 }]);
      expect(await itemsOf(stores(), feed)).toEqual([]);
    });

    it('when it is empty, as a test of the connection: nothing changes, the moment is remembered', async () => {
      await send(A(7));
      stores().clock.advance(MINUTE);
      const answer = await send();
      expect(answer).toMatchObject({ accepted: 0, rejected: 0, lines: [] });
      const source = await stores().sources.find(feed.sourceId);
      expect(source?.lastTestAt).toBe(stores().clock.now());
      expect(source?.lastPushAt).toBe(stores().clock.now() - MINUTE);
      expect(await levels()).toEqual(['A@=7']);
      expect((await pushes())[0]).toMatchObject({ says: 'test' });
    });

    it('of the longest texts that are allowed, in every field and with every message', async () => {
      const long = await feedIn(stores(), { warehouses: ['w'.repeat(200), 'v'.repeat(200)] });
      const texts = { code: 'c'.repeat(100), barcode: 'b'.repeat(100), id: 'i'.repeat(100), name: '😀'.repeat(500) };
      const answer = await push(stores(), long, [
        { ...texts, warehouse: 'x'.repeat(200), quantity: '-999999999999.999999' },
      ]);
      expect(outcomes(answer)).toEqual(['not_chosen']);
    });

    it('of 10,000 lines whole', async () => {
      const lines = Array.from({ length: 10_000 }, (_, n) => ({ code: `L-${n}`, quantity: n, warehouse: 'Depozit' }));
      const answer = await send(...lines);
      expect(answer).toMatchObject({ accepted: 10_000, rejected: 0 });
      const items = await itemsOf(stores(), feed);
      expect(items).toHaveLength(10_000);
      expect(items.every((item) => `L-${item.levels[0]?.quantity}` === item.subject.code)).toBe(true);
    });
  });

  describe('takes the same body for the same push', () => {
    it('within a minute: the first answer, nothing stored twice', async () => {
      const first = await send(A(7), { code: 'B' });
      stores().clock.advance(MINUTE - 1);
      expect(await send(A(7), { code: 'B' })).toEqual(first);
      expect(await pushes()).toHaveLength(1);
    });

    it('but not after a minute', async () => {
      const first = await send(A(7));
      stores().clock.advance(MINUTE);
      expect((await send(A(7))).pushId).not.toBe(first.pushId);
    });

    it('but not when another came in between: A, B, A are three changes', async () => {
      await send(A(7));
      stores().clock.advance(1);
      await send(A(5));
      stores().clock.advance(1);
      await send(A(7));
      expect(await levels()).toEqual(['A@=7']);
      expect(await pushes()).toHaveLength(3);
    });

    it('but not because a person replayed that body in between: the sender’s change still counts', async () => {
      const first = await send(A(7));
      stores().clock.advance(1);
      await send(A(5));
      stores().clock.advance(1);
      await stores().acceptPush.replay(first.pushId);
      stores().clock.advance(1);
      await send(A(7));
      expect(await levels()).toEqual(['A@=7']);
    });

    it('but not from another source', async () => {
      const other = await feedIn(stores());
      const first = await send(A(7));
      expect((await push(stores(), other, [A(7)])).pushId).not.toBe(first.pushId);
      expect(await levelsOf(stores(), other)).toEqual(['A@=7']);
    });

    it('and refuses it the same way when it was refused', async () => {
      const first = await refusalOf(send({ code: 'A' }));
      const second = await refusalOf(send({ code: 'A' }));
      expect(second.facts.members).toEqual(first.facts.members);
      expect(await pushes()).toHaveLength(1);
    });

    it('sent ten times at once: stored once, answered ten times', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => send(A(7))));
      expect(new Set(answers.map(({ pushId }) => pushId)).size).toBe(1);
      expect(await pushes()).toHaveLength(1);
    });
  });

  describe('holds to an Idempotency-Key', () => {
    const keyed = (idempotencyKey: string, ...lines: readonly Line[]) =>
      push(stores(), feed, lines, { idempotencyKey });

    it('for ever: the same body gets the first answer, and changes nothing', async () => {
      const first = await keyed('k-1', A(7));
      stores().clock.advance(1);
      await send(A(5));
      stores().clock.advance(90 * MINUTE);
      expect(await keyed('k-1', A(7))).toEqual(first);
      expect(await levels()).toEqual(['A@=5']);
    });

    it('and refuses another body under it', async () => {
      await keyed('k-2', A(7));
      expect((await refusalOf(keyed('k-2', A(8)))).code).toBe('conflict');
      expect(await levels()).toEqual(['A@=7']);
      expect(await pushes()).toHaveLength(1);
    });

    it('so that the same body under another key is another push', async () => {
      const first = await keyed('k-3', A(7));
      expect((await keyed('k-4', A(7))).pushId).not.toBe(first.pushId);
    });

    it('of its own source only', async () => {
      const other = await feedIn(stores());
      await keyed('k-5', A(7));
      await push(stores(), other, [A(8)], { idempotencyKey: 'k-5' });
      expect(await levelsOf(stores(), other)).toEqual(['A@=8']);
    });

    it('when it comes ten times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => keyed('k-6', A(7))));
      expect(new Set(answers.map(({ pushId }) => pushId)).size).toBe(1);
    });
  });

  describe('minds when a level was observed', () => {
    it('an older observation never overwrites a newer one', async () => {
      const now = stores().clock.now();
      await send(A(7, { observedAt: iso(now - 1_000) }));
      stores().clock.advance(1);
      const before = await itemOf(stores(), feed, 'A');
      const late = await send(A(9, { observedAt: iso(now - 2_000) }), { code: 'B', quantity: 1 });
      expect(late.lines).toMatchObject([{ outcome: 'superseded', code: 'older_observation' }, { outcome: 'accepted' }]);
      expect(await itemOf(stores(), feed, 'A')).toEqual(before);
      expect((await levels()).sort()).toEqual(['A@=7', 'B@=1']);
    });

    it('of two equally old ones the later to arrive wins', async () => {
      const observedAt = iso(stores().clock.now() - 1_000);
      await send(A(7, { observedAt }));
      await send(A(8, { observedAt }));
      expect(await levels()).toEqual(['A@=8']);
    });

    it('a clock that runs far ahead does not shut out what comes after', async () => {
      await send(A(7, { observedAt: iso(stores().clock.now() + CLOCK_TOLERANCE_MS + 1) }));
      stores().clock.advance(1);
      await send(A(8));
      expect(await levels()).toEqual(['A@=8']);
    });

    it('what came while our own clock was ahead does not shut out what is dated after it was set back', async () => {
      stores().clock.advance(365 * DAY);
      await send(A(7));
      stores().clock.advance(-365 * DAY);
      await send(A(8, { observedAt: iso(stores().clock.now() - MINUTE) }));
      expect(await levels()).toEqual(['A@=8']);
      // From now on times are what they are again.
      await send(A(9, { observedAt: iso(stores().clock.now() - 2 * MINUTE) }));
      expect(await levels()).toEqual(['A@=8']);
    });

    it('the same of each warehouse by itself', async () => {
      const now = stores().clock.now();
      await send(A(7, { warehouse: 'D', observedAt: iso(now) }));
      stores().clock.advance(1);
      await send(A(3, { warehouse: 'M', observedAt: iso(now - 5_000) }));
      expect((await levels()).sort()).toEqual(['A@D=7', 'A@M=3']);
    });

    it('a replay counts as observed when it first came, so it never undoes a newer level', async () => {
      const first = await send(A(7), { code: 'B', quantity: 1 });
      stores().clock.advance(1_000);
      await send(A(5));
      stores().clock.advance(1_000);
      const replayed = await stores().acceptPush.replay(first.pushId);
      expect(outcomes(replayed)).toEqual(['superseded', 'accepted']);
      expect((await levels()).sort()).toEqual(['A@=5', 'B@=1']);
      expect((await stores().pushes.find(replayed.pushId))?.replayOf).toBe(first.pushId);
    });

    it('of two lines about one product and warehouse the later one counts, and the earlier says so', async () => {
      const answer = await send(A(1, { warehouse: 'D' }), A(2, { warehouse: 'd ' }), A(3, { warehouse: 'M' }));
      expect(answer.lines).toMatchObject([
        { outcome: 'superseded', code: 'repeated_in_push' },
        { outcome: 'accepted' },
        { outcome: 'accepted' },
      ]);
      expect((await levels()).map((each) => each.toLowerCase()).sort()).toEqual(['a@d=2', 'a@m=3']);
    });

    it('of two lines about one product the newer observation counts, wherever it stands', async () => {
      const now = stores().clock.now();
      const answer = await send(A(1, { observedAt: iso(now) }), A(2, { observedAt: iso(now - 1) }));
      expect(outcomes(answer)).toEqual(['accepted', 'superseded']);
      expect(await levels()).toEqual(['A@=1']);
    });
  });

  describe('minds the chosen warehouses', () => {
    it('records what does not feed the shop, and makes nothing due for it', async () => {
      feed = await feedIn(stores(), { warehouses: ['Depozit'] });
      const answer = await send(A(7, { warehouse: ' DEPOZIT' }), { code: 'B', warehouse: 'Magazin', quantity: 3 });
      expect(answer.lines).toMatchObject([
        { outcome: 'accepted' },
        { outcome: 'not_chosen', code: 'warehouse_not_chosen', message: expect.stringContaining('"Magazin"') },
      ]);
      expect(answer).toMatchObject({ accepted: 2, rejected: 0 });
      expect(await levels()).toEqual(['A@DEPOZIT=7']);
      expect((await pushes())[0]).toMatchObject({ accepted: 2, notChosen: 1 });
    });

    it('and knows the level when the warehouse is chosen later', async () => {
      feed = await feedIn(stores(), { warehouses: ['Depozit'] });
      await send({ code: 'B', warehouse: 'Magazin', quantity: 3 });
      await stores().keepConnection.change(feed.connection.id, { warehouses: '*' });
      expect(await levels()).toEqual(['B@Magazin=3']);
      expect((await itemOf(stores(), feed, 'B')).status).toBe('due');
    });

    it('records levels while the source feeds no shop, and hands them on to the first', async () => {
      await stores().connections.remove(feed.connection.id);
      expect(outcomes(await send(A(7)))).toEqual(['accepted']);
      const shop = await shopIn(stores());
      const made = await stores().keepConnection.create({ ...draftOf(feed.connection), ...{ shopId: shop.id } });
      expect(await levelsOf(stores(), { ...feed, connection: made })).toEqual(['A@=7']);
    });

    it('makes a product due for every shop its source feeds', async () => {
      const shop = await shopIn(stores());
      const second = await stores().keepConnection.create({
        ...draftOf(feed.connection),
        ...{ shopId: shop.id, warehouses: ['D'] },
      });
      stores().announced.length = 0;
      await send(A(7, { warehouse: 'D' }), { code: 'B', warehouse: 'M', quantity: 1 });
      expect((await levels()).sort()).toEqual(['A@D=7', 'B@M=1']);
      expect(await levelsOf(stores(), { ...feed, connection: second })).toEqual(['A@D=7']);
      expect([...stores().announced].sort()).toEqual([feed.shop.id, shop.id].sort());
    });
  });

  describe('of one source', () => {
    it('in parallel loses nothing: the last received is what stands', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) => send(A(n + 1), { code: `P-${n}`, quantity: n })),
      );
      const last = answers.reduce((a, b) => (a.pushId > b.pushId ? a : b));
      const stood = (await stores().pushes.lines(last.pushId))[0]?.quantity;
      const found = await levels();
      expect(found).toContain(`A@=${stood}`);
      expect(found).toHaveLength(41);
      expect(await pushes()).toHaveLength(40);
    });

    it('stands beside those of other sources at the same time', async () => {
      const feeds = await Promise.all(Array.from({ length: 8 }, () => feedIn(stores())));
      await Promise.all(
        feeds.flatMap((each, n) => [
          push(stores(), each, [A(n)]),
          push(stores(), each, [{ code: 'B', quantity: n + 100 }]),
        ]),
      );
      for (const [n, each] of feeds.entries()) {
        expect((await levelsOf(stores(), each)).sort()).toEqual([`A@=${n}`, `B@=${n + 100}`]);
      }
    });
  });

  it('leaves nothing behind when its storing fails in the middle', async () => {
    const { stock } = stores();
    const save = jest.spyOn(stock, 'saveLevels').mockRejectedValueOnce(new Error('disk full'));
    await expect(send(A(7))).rejects.toThrow('disk full');
    save.mockRestore();
    expect(await pushes()).toEqual([]);
    expect(await itemsOf(stores(), feed)).toEqual([]);
    expect(outcomes(await send(A(7)))).toEqual(['accepted']);
  });

  it('is refused while the source is off, with the status its protocol asks for', async () => {
    const smartbill = await feedIn(stores(), { kind: 'smartbill' });
    for (const [each, status] of [
      [feed, 409],
      [smartbill, 400],
    ] as const) {
      await stores().keepSource.change(each.sourceId, { enabled: false });
      const refusal = await refusalOf(push(stores(), each, [A(1)]));
      expect([refusal.code, refusal.facts.status]).toEqual(['push_source_off', status]);
      expect(await pushes(each)).toEqual([]);
    }
  });

  it('of a body that cannot be read changes nothing, and keeps what came for a person to look at, once', async () => {
    for (let time = 0; time < 2; time++) {
      expect((await refusalOf(pushBody(stores(), feed, '{"items":['))).code).toBe('push_unreadable');
    }
    expect(await pushes()).toMatchObject([{ says: 'unreadable', accepted: 0, rejected: 0 }]);
    expect(await levels()).toEqual([]);
  });

  it('speaks SmartBill’s protocol to SmartBill', async () => {
    const smartbill = await feedIn(stores(), { kind: 'smartbill', warehouses: ['Depozit'] });
    const body = JSON.stringify({
      products: [
        { productCode: 'IT001', productName: 'Revista IT', quantity: 12, warehouse: 'depozit' },
        { productCode: '', productName: 'Cana', quantity: '2.5', warehouse: 'Magazin' },
      ],
    });
    const answer = await pushBody(stores(), smartbill, body);
    expect(answer.lines[1]).toMatchObject({
      outcome: 'not_chosen',
      message: 'Eroare actualizare stoc. Gestiune configurata in modul: Depozit. Gestiunea produsului Cana: Magazin',
    });
    expect(await levelsOf(stores(), smartbill)).toEqual(['IT001@depozit=12']);
  });

  describe('pages through what came in', () => {
    it('newest first, each once', async () => {
      for (let n = 0; n < 5; n++) {
        await send(A(n));
        stores().clock.advance(1);
      }
      const seen: number[] = [];
      for (let cursor: string | null = null; ;) {
        const page = await stores().pushes.list(pushesOf(feed), { limit: 2, cursor });
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
        if (cursor === null) break;
      }
      expect(seen).toHaveLength(5);
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
    });

    it('and forgets what is older than asked, but not the levels', async () => {
      const { pushId } = await send(A(7));
      const before = stores().clock.now();
      while ((await stores().pushes.removeBefore(before, 1_000)) > 0);
      expect(await stores().pushes.find(pushId)).not.toBeNull();
      expect(await stores().pushes.removeBefore(before + 1, 1)).toBe(1);
      expect(await stores().pushes.find(pushId)).toBeNull();
      expect(await levels()).toEqual(['A@=7']);
    });
  });
});

onEachEngine('The token of a push', (stores) => {
  const authenticate = (sourceKey: string, ...tokens: string[]) =>
    stores().acceptPush.authenticate({ sourceKey, tokens, addressSecret: null });
  const source = async (feed: Feed) => {
    const found = await stores().sources.find(feed.sourceId);
    if (!found) throw new Error('The source is gone');
    return found;
  };

  it('lets its source in, whichever of the tokens that were sent it is', async () => {
    const feed = await feedIn(stores());
    expect(await authenticate(feed.sourceKey, feed.token)).toMatchObject({
      source: { id: feed.sourceId, kind: 'generic' },
      proof: 'token',
    });
    expect(await authenticate(feed.sourceKey, 'stripped', feed.token)).toMatchObject({
      source: { id: feed.sourceId },
    });
    expect((await source(feed)).lastRefusal).toBeNull();
  });

  it('that is wrong or missing is refused and recorded, so that it can be told from silence', async () => {
    const feed = await feedIn(stores());
    expect(await refusalOf(authenticate(feed.sourceKey, 'wrong'))).toMatchObject({
      code: 'push_token_wrong',
      facts: { status: 401 },
    });
    expect(await source(feed)).toMatchObject({ lastRefusal: 'token_wrong', lastRefusedAt: stores().clock.now() });
    stores().clock.advance(1);
    expect((await refusalOf(authenticate(feed.sourceKey))).code).toBe('push_token_missing');
    expect(await source(feed)).toMatchObject({ lastRefusal: 'token_missing', lastRefusedAt: stores().clock.now() });
  });

  it('of another source is wrong', async () => {
    const [one, other] = [await feedIn(stores()), await feedIn(stores())];
    expect((await refusalOf(authenticate(one.sourceKey, other.token))).code).toBe('push_token_wrong');
  });

  it('at an unknown address is wrong in the same words', async () => {
    const feed = await feedIn(stores());
    const known = await refusalOf(authenticate(feed.sourceKey, 'wrong'));
    const unknown = await refusalOf(authenticate('nowhere', feed.token));
    expect(unknown.code).toBe(known.code);
    expect((await refusalOf(authenticate('nowhere'))).code).toBe('push_token_wrong');
  });

  it('that was replaced lives on for the grace time, and not a moment longer', async () => {
    const feed = await feedIn(stores());
    const { token, previousExpiresAt } = await stores().keepSource.rotateToken(feed.sourceId, 60_000);
    expect(previousExpiresAt).toBe(stores().clock.now() + 60_000);
    stores().clock.advance(59_999);
    await authenticate(feed.sourceKey, feed.token);
    await authenticate(feed.sourceKey, token);
    stores().clock.advance(1);
    expect((await refusalOf(authenticate(feed.sourceKey, feed.token))).code).toBe('push_token_wrong');
    await authenticate(feed.sourceKey, token);
  });

  it('that was replaced without grace is wrong at once, and a second change never lengthens a grace', async () => {
    const feed = await feedIn(stores());
    const second = await stores().keepSource.rotateToken(feed.sourceId, 0);
    expect((await refusalOf(authenticate(feed.sourceKey, feed.token))).code).toBe('push_token_wrong');
    await stores().keepSource.rotateToken(feed.sourceId, 1_000);
    await stores().keepSource.rotateToken(feed.sourceId, 3_600_000);
    stores().clock.advance(1_000);
    expect((await refusalOf(authenticate(feed.sourceKey, second.token))).code).toBe('push_token_wrong');
  });

  it('minds the case for a generic source, and not for SmartBill, which lower-cases it', async () => {
    const [generic, smartbill] = [await feedIn(stores()), await feedIn(stores(), { kind: 'smartbill' })];
    await authenticate(smartbill.sourceKey, smartbill.token.toUpperCase());
    expect((await refusalOf(authenticate(generic.sourceKey, generic.token.toUpperCase()))).code).toBe(
      'push_token_wrong',
    );
    expect((await refusalOf(authenticate(smartbill.sourceKey, 'wrong'))).facts.status).toBe(403);
  });

  it('may be the account’s own for SmartBill, in any case, until it is changed', async () => {
    const feed = await feedIn(stores(), { kind: 'smartbill' });
    const { apiToken } = SMARTBILL_SETTINGS;
    for (const sent of [apiToken, apiToken.toLowerCase()]) await authenticate(feed.sourceKey, sent);
    await stores().keepSource.change(feed.sourceId, { settings: { apiToken: '003|New' } });
    await authenticate(feed.sourceKey, '003|new');
    expect((await refusalOf(authenticate(feed.sourceKey, apiToken))).code).toBe('push_token_wrong');
    await authenticate(feed.sourceKey, feed.token);
  });

  it('is noted as used, once a minute', async () => {
    const feed = await feedIn(stores());
    const usedAt = async () => (await source(feed)).tokens[0]?.lastUsedAt;
    await authenticate(feed.sourceKey, feed.token);
    const first = stores().clock.now();
    expect(await usedAt()).toBe(first);
    stores().clock.advance(60_000);
    await authenticate(feed.sourceKey, feed.token);
    expect(await usedAt()).toBe(first);
    stores().clock.advance(1);
    await authenticate(feed.sourceKey, feed.token);
    expect(await usedAt()).toBe(stores().clock.now());
  });

  it('is not kept anywhere: only its digest is', async () => {
    const feed = await feedIn(stores());
    const { tokens } = await pushingSource(stores(), feed);
    expect(tokens.map(({ hash }) => hash)).not.toContain(feed.token);
    expect(tokens[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
