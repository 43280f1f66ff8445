import { createHmac } from 'node:crypto';
import { AdmitBridgeCall } from '../../server/application/admit-bridge-call';
import { GuardBridge } from '../../server/application/guard-bridge';
import { KEPT_MS } from '../../server/application/remove-old-records';
import { TakeStockEvents } from '../../server/application/take-stock-events';
import { WatchBridge } from '../../server/application/watch-bridge';
import { bridgeSpeech } from '../../server/connectors/woocommerce/bridge-speech';
import { callText } from '../../server/connectors/woocommerce/bridge-signature';
import { type Failure, failure, FailureError } from '../../server/domain/failure';
import type { BridgeStatus, StockEvent } from '../../server/domain/ports/shop-bridge';
import type { ShopAccess } from '../../server/domain/ports/shop-target';
import { quantity } from '../../server/domain/quantity';
import { Refusal } from '../../server/domain/refusal';
import { productLink, ref } from '../support/builders';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  laneOf,
  onEachEngine,
  push,
  shopIn,
  syncedSettlement,
} from '../support/test-stores';

const SITE = {
  name: 'Magazin',
  url: 'https://shop.example',
  version: { plugin: '1.0.0', wordpress: '6.9.1', woocommerce: '10.5.2', php: '8.2.0' },
};
const USER = { id: 7, email: 'ana@shop.example', displayName: 'Ana' };
const STATUS: BridgeStatus = {
  api: 1,
  versions: SITE.version,
  items: 1000,
  slowBecause: [],
  events: { pending: 0, oldest: null, lastError: null },
  door: { enabled: false, blockedBy: null, authorizationReaches: 'yes' },
  clockDifferenceMs: 0,
};
const FIRST = Buffer.alloc(32, 1).toString('base64url');
const SECOND = Buffer.alloc(32, 2).toString('base64url');
const MINUTE = 60_000;

onEachEngine('The pairing with a shop’s plugin', (stores) => {
  let shopId: number;
  let pairingId: string;
  const now = () => stores().clock.now();
  const { signal } = new AbortController();
  const access = async (): Promise<ShopAccess> => {
    const found = await stores().shops.access(shopId);
    if (!found) throw new Error('The shop is gone');
    return found;
  };
  const rows = async (table: string): Promise<number> => {
    const [row] = await stores().dataSource.query<{ n: number | string }[]>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row?.n);
  };
  const pair = async (secret = FIRST, userId: number | null = null) => {
    pairingId = bridgeSpeech.newPairingId();
    const pending = { pairingId, secret, codeHash: 'a'.repeat(64), expiresAt: now() + MINUTE, userId };
    await stores().pairings.offer(shopId, pending);
    await stores().pairings.complete(shopId, { site: SITE, user: USER }, now());
  };
  const refusedBy = async (call: Promise<unknown>): Promise<string> => {
    const thrown: unknown = await call.then(
      () => 'let in',
      (error: unknown) => error,
    );
    return thrown instanceof Refusal ? thrown.code : String(thrown);
  };

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    shopId = (await shopIn(stores())).id;
    await pair();
  });

  it('keeps who paired, and its secret where nobody reads it', async () => {
    expect(await stores().pairings.find(shopId)).toMatchObject({
      pairingId,
      site: SITE,
      shopUser: USER,
      codeExpiresAt: null,
    });
    expect((await stores().pairings.findByPairing(pairingId))?.shopId).toBe(shopId);
    expect(await stores().pairings.secretsOf(shopId)).toEqual({ pairingId, secret: FIRST, nextSecret: null });
    const [row] = await stores().dataSource.query<object[]>('SELECT * FROM bridge_pairings WHERE shop_id = ' + shopId);
    expect(JSON.stringify(row)).not.toContain(FIRST);
  });

  it('replaces an older one with all that was known of it', async () => {
    const { pairings } = stores();
    await pairings.keepStatus(shopId, STATUS, now());
    await pairings.keepWay(
      shopId,
      { failure: failure('bridge_missing', { what: 'x' }), awaySince: 1, retryAt: 2, failures: 3 },
      now(),
    );
    await pair(SECOND);
    expect(await pairings.find(shopId)).toMatchObject({
      pairingId,
      status: null,
      lastFailure: null,
      way: { failures: 0 },
    });
    expect((await pairings.secretsOf(shopId))?.secret).toBe(SECOND);
  });

  it('is gone when it is ended, and only where it is the one that is meant', async () => {
    const { pairings } = stores();
    expect(await pairings.unpair(shopId, bridgeSpeech.newPairingId())).toBe(false);
    expect(await pairings.unpair(shopId, pairingId)).toBe(true);
    expect(await pairings.secretsOf(shopId)).toBeNull();
    expect(await pairings.find(shopId)).toMatchObject({ pairingId: null, shopUser: null });
  });

  it('goes with its shop', async () => {
    await stores().shops.remove(shopId);
    expect(await stores().pairings.find(shopId)).toBeNull();
  });

  describe('lets in', () => {
    const door = () => new AdmitBridgeCall({ ...stores(), speech: bridgeSpeech });
    const signed = (secret: string, { at = now(), nonce = 'ab'.repeat(16), body = '{}', sentBody = '{}' } = {}) => {
      const timestamp = String(Math.floor(at / 1000));
      const path = '/bridge/v1/events';
      const call = {
        direction: 'to-service',
        method: 'POST',
        path,
        timestamp,
        nonce,
        body: Buffer.from(body),
      } as const;
      const signature = createHmac('sha256', Buffer.from(secret, 'base64url')).update(callText(call)).digest('hex');
      return {
        method: 'POST',
        path,
        body: Buffer.from(sentBody),
        headers: {
          'x-stock-relay-pairing': pairingId,
          'x-stock-relay-timestamp': timestamp,
          'x-stock-relay-nonce': nonce,
          'x-stock-relay-signature': `v1=${signature}`,
        },
      };
    };

    it('a call once, however many come at the same time', async () => {
      const calls = await Promise.all(Array.from({ length: 8 }, () => refusedBy(door().admit(signed(FIRST)))));
      expect(calls.filter((each) => each === 'let in')).toHaveLength(1);
      expect(calls.filter((each) => each === 'stock_relay_replayed')).toHaveLength(7);
      expect((await stores().pairings.find(shopId))?.calledAt).toBe(now());
    });

    it('calls signed within five minutes, before or after', async () => {
      const at = (ms: number, nonce: string) => refusedBy(door().admit(signed(FIRST, { at: now() + ms, nonce })));
      expect(await at(-299_000, '1'.repeat(32))).toBe('let in');
      expect(await at(299_000, '2'.repeat(32))).toBe('let in');
      expect(await at(-302_000, '3'.repeat(32))).toBe('stock_relay_late');
      expect(await at(302_000, '4'.repeat(32))).toBe('stock_relay_late');
    });

    it('nothing else, and writes nothing down of what it refuses', async () => {
      const before = [await rows('bridge_nonces'), await rows('stock_events')];
      expect(await refusedBy(door().admit(signed(SECOND)))).toBe('stock_relay_bad_signature');
      expect(await refusedBy(door().admit(signed(FIRST, { sentBody: '{ }' })))).toBe('stock_relay_bad_signature');
      expect(await refusedBy(door().admit({ ...signed(FIRST), headers: {} }))).toBe('stock_relay_unsigned');
      const stranger = { ...signed(FIRST).headers, 'x-stock-relay-pairing': bridgeSpeech.newPairingId() };
      expect(await refusedBy(door().admit({ ...signed(FIRST), headers: stranger }))).toBe('stock_relay_unpaired');
      expect([await rows('bridge_nonces'), await rows('stock_events')]).toEqual(before);
      expect((await stores().pairings.find(shopId))?.calledAt).toBeNull();
    });

    it('both secrets while it is given a new one, and the former no longer once the new one was used', async () => {
      await stores().pairings.offerSecret(shopId, SECOND);
      const by = (secret: string, nonce: string) => refusedBy(door().admit(signed(secret, { nonce })));
      expect(await by(FIRST, '1'.repeat(32))).toBe('let in');
      expect(await by(SECOND, '2'.repeat(32))).toBe('let in');
      expect(await by(FIRST, '3'.repeat(32))).toBe('stock_relay_bad_signature');
    });

    it('forgets used calls when they are too old to be sent once more', async () => {
      await door().admit(signed(FIRST));
      await stores().pairings.removeNoncesBefore(now(), 10);
      expect(await refusedBy(door().admit(signed(FIRST)))).toBe('stock_relay_replayed');
      while ((await stores().pairings.removeNoncesBefore(now() + 1, 10)) > 0);
      expect(await rows('bridge_nonces')).toBe(0);
    });
  });

  describe('that does not answer', () => {
    const guard = () => new GuardBridge(stores());
    const failing = (what: Failure) => () => Promise.reject(new FailureError(what));
    const isThere = async () => (await guard().atHand(shopId)) !== null;
    const missing = failure('bridge_missing', { what: 'rest_no_route' });

    it('is away with its reason, is tried again after a pause, and is back by itself', async () => {
      await expect(guard().cross(await access(), signal, failing(missing))).rejects.toThrow(FailureError);
      expect(await isThere()).toBe(false);
      expect(await stores().pairings.find(shopId)).toMatchObject({ way: { failure: missing, awaySince: now() } });
      stores().clock.advance(30_000);
      expect(await isThere()).toBe(true);
      expect(await guard().cross(await access(), signal, ({ secret }) => Promise.resolve(secret))).toBe(FIRST);
      expect(await stores().pairings.find(shopId)).toMatchObject({ way: { failure: null }, lastFailure: missing });
    });

    it('opens no circuit', async () => {
      await expect(guard().cross(await access(), signal, failing(missing))).rejects.toThrow(FailureError);
      expect((await stores().circuit.state(shopId)).state).toBe('closed');
    });

    it('is not away because we stopped waiting', async () => {
      const stopped = AbortSignal.abort();
      await expect(guard().cross(await access(), stopped, failing(missing))).rejects.toThrow(FailureError);
      expect(await isThere()).toBe(true);
    });

    it('to the former secret, having taken the new one, is spoken to by the new one from then on', async () => {
      await stores().pairings.offerSecret(shopId, SECOND);
      const answered = await guard().cross(await access(), signal, ({ secret }) =>
        secret === SECOND
          ? Promise.resolve('well')
          : Promise.reject(new FailureError(failure('bridge_signature', { what: 'stock_relay_bad_signature' }))),
      );
      expect(answered).toBe('well');
      expect(await stores().pairings.secretsOf(shopId)).toEqual({ pairingId, secret: SECOND, nextSecret: null });
    });

    it('is looked after where nothing else is due, and not while it is away', async () => {
      const due = async () => (await stores().items.shopsWithDueItems(now())).includes(shopId);
      expect(await due()).toBe(true);
      await stores().pairings.noteWatched(shopId, now());
      expect(await due()).toBe(false);
      stores().clock.advance(MINUTE);
      expect(await due()).toBe(true);
      await expect(guard().cross(await access(), signal, failing(missing))).rejects.toThrow(FailureError);
      expect(await due()).toBe(false);
      stores().clock.advance(30_000);
      expect(await due()).toBe(true);
    });
  });

  describe('tells of stock that changed', () => {
    let feed: Feed;
    let checks: number[];
    const event = (seq: number, changes: Partial<StockEvent> = {}): StockEvent => ({
      seq,
      productId: 1,
      parentId: 0,
      stockId: 1,
      before: quantity('7'),
      after: quantity('5'),
      cause: 'order',
      orderId: 512,
      orderNumber: '512',
      by: 'storefront',
      plugin: null,
      at: now(),
      ...changes,
    });
    const taker = () =>
      new TakeStockEvents({
        ...stores(),
        laneSignal: { announce: () => undefined },
        askForCheck: (id) => Promise.resolve(void checks.push(id)),
      });
    const take = async (events: readonly StockEvent[], gap = false) => {
      const pairing = await stores().pairings.find(shopId);
      if (pairing?.pairingId == null) throw new Error('Not paired');
      return taker().take({ ...pairing, pairingId: pairing.pairingId }, { events, gap });
    };
    const item = () => itemOf(stores(), feed, 'SKU-1');

    beforeEach(async () => {
      checks = [];
      const shop = await stores().shops.find(shopId);
      if (!shop) throw new Error('The shop is gone');
      feed = await feedIn(stores(), { shop, matchBy: ['code'] });
      const lease = await laneOf(stores(), shopId);
      await push(stores(), feed, [{ code: 'SKU-1', quantity: 7 }]);
      const [claimed] = await claim(stores(), lease);
      if (!claimed) throw new Error('Nothing is due');
      const link = productLink(1);
      await stores().items.settle([syncedSettlement(claimed, { syncedAt: now(), link })], [], now());
      await stores().lanes.release(lease);
      stores().clock.advance(MINUTE);
    });

    it('each event once, whichever calls bring it', async () => {
      const before = await rows('stock_events');
      expect(await Promise.all([take([event(1), event(2)]), take([event(2), event(1)])])).toEqual([2, 2]);
      expect(await take([event(2), event(3)])).toBe(3);
      expect((await rows('stock_events')) - before).toBe(3);
      expect((await stores().pairings.find(shopId))?.eventsSeq).toBe(3);
    });

    it('and of what we wrote ourselves nothing is kept', async () => {
      const before = await rows('stock_events');
      expect(await take([event(1, { cause: 'relay' }), event(2, { cause: 'relay' })])).toBe(2);
      expect(await rows('stock_events')).toBe(before);
      expect(await stores().pairings.find(shopId)).toMatchObject({ eventsSeq: 2 });
      expect((await item()).status).toBe('synced');
    });

    it('and what somebody set is kept where the connection says so, until the source says something new', async () => {
      await stores().connections.change(feed.connection.id, { onDifference: 'keep' }, now());
      await take([event(1, { cause: 'edit', after: quantity('99'), orderId: null, orderNumber: null })]);
      expect(await item()).toMatchObject({ status: 'due', facts: { held: { quantity: '99', why: 'edited' } } });
      await push(stores(), feed, [{ code: 'SKU-1', quantity: 6 }]);
      expect((await item()).facts.held).toBeNull();
    });

    it('and of an order, which then is read, and counted as told of by the plugin', async () => {
      const { ledger, connections } = stores();
      const orders = { knownBy: 'never', statuses: [], metaKey: null, afterHours: null } as const;
      await connections.change(feed.connection.id, { orders }, now());
      await ledger.begin(shopId, now(), now());
      await ledger.noteRead(shopId, now(), now(), now(), now() + 5 * MINUTE);
      stores().clock.advance(3_000);
      await take([event(1, { at: now() - 2_000 })]);
      expect(await ledger.state(shopId)).toMatchObject({ heardAt: now(), lagMs: 2_000, dueAt: now() });
      // Whoever delivers it knows what the order holds: nothing is left for a person.
      expect(await item()).toMatchObject({ status: 'due', failure: null, link: { provenAt: 0 } });
      const placed = (orderId: number) => ({
        orderId,
        number: String(orderId),
        status: 'processing',
        placedAt: now(),
        paidAt: null,
        modifiedAt: now(),
        isGone: false,
        keys: [],
        lines: [{ lineId: orderId, ref: ref(1), held: quantity('2') }],
      });
      await ledger.keep(shopId, [placed(512), placed(513)], 'poll', now());
      const [told] = await ledger.withOrderId(512);
      const [found] = await ledger.withOrderId(513);
      expect([told?.heardBy, found?.heardBy]).toEqual(['bridge', 'poll']);
    });

    it('and an order that came back is in step again', async () => {
      await take([event(1)]);
      expect(await item()).toMatchObject({ status: 'failed', shown: '5', failure: { code: 'shop_sold' } });
      stores().clock.advance(MINUTE);
      await take([event(2, { cause: 'order_restored', before: quantity('5'), after: quantity('7') })]);
      expect(await item()).toMatchObject({ status: 'synced', shown: '7', failure: null });
    });

    it('and what was edited is looked at, or reported where the connection says so', async () => {
      const edited = {
        cause: 'edit',
        before: quantity('7'),
        after: quantity('99'),
        orderId: null,
        orderNumber: null,
      } as const;
      await take([event(1, edited)]);
      expect(await item()).toMatchObject({ status: 'due', link: { provenAt: 0 } });
    });

    it('and is left as it is edited where the connection reports what differs', async () => {
      await stores().connections.change(feed.connection.id, { onDifference: 'report' }, now());
      await take([event(1, { cause: 'edit', after: quantity('99') })]);
      expect(await item()).toMatchObject({ status: 'failed', shown: '99', failure: { code: 'shop_differs' } });
    });

    it('and more than the source has is made true again, order or not', async () => {
      await take([event(1, { cause: 'order_restored', before: quantity('7'), after: quantity('9') })]);
      expect((await item()).status).toBe('due');
    });

    it('and nothing is done for what the shop has shown us since', async () => {
      await take([event(1, { at: now() - 10 * MINUTE })]);
      expect((await item()).status).toBe('synced');
    });

    it('by its own clock, however far that is ahead', async () => {
      await stores().pairings.keepStatus(shopId, { ...STATUS, clockDifferenceMs: 5 * MINUTE }, now());
      await take([event(1, { at: now() + 3 * MINUTE })]);
      expect((await item()).status).toBe('synced');
    });

    it('and where it could not keep all, everything is compared', async () => {
      await take([], true);
      expect(checks).toEqual([feed.connection.id]);
    });

    it('when it is asked, where it cannot tell us by itself', async () => {
      const asked: number[] = [];
      const pending = [event(1), event(2), event(3)];
      const watch = new WatchBridge({
        ...stores(),
        guard: new GuardBridge(stores()),
        takeStockEvents: taker(),
        bridge: {
          status: () => Promise.resolve({ ...STATUS, events: { ...STATUS.events, pending: pending.length } }),
          events: (_access, _link, after) => {
            asked.push(after);
            const events = pending.filter(({ seq }) => seq > after).slice(0, 2);
            return Promise.resolve({ events, gap: false, next: null });
          },
        },
      });
      await watch.watch(await access(), signal);
      expect(asked).toEqual([0, 2, 3]);
      expect(await stores().pairings.find(shopId)).toMatchObject({
        eventsSeq: 3,
        watchedAt: now(),
        status: { items: 1000 },
      });
      await watch.watch(await access(), signal);
      expect(asked).toHaveLength(3);
    });

    it('for as long as everything else is kept', async () => {
      await take([event(1)]);
      const { stockEvents } = stores();
      const remove = async (before: number) => {
        while ((await stockEvents.removeBefore(before, 2)) > 0);
        return rows('stock_events');
      };
      expect(await remove(now())).toBe(1);
      expect(await remove(now() + KEPT_MS)).toBe(0);
    });
  });
});
