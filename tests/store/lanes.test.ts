import { CLOSED } from '../../server/domain/circuit';
import { failure } from '../../server/domain/failure';
import { FIRST_PACE } from '../../server/domain/pace';
import { LaneRow } from '../../server/store/entities';
import { onEachEngine, shopIn } from '../support/test-stores';

onEachEngine('The lane of a shop', (stores) => {
  const now = () => stores().clock.now();
  const take = (shopId: number, owner: string) => stores().lanes.take(shopId, owner, now(), now() + 1_000);
  let shopId: number;

  beforeEach(async () => {
    shopId = (await shopIn(stores())).id;
  });

  it('has one owner, whoever of many comes at once', async () => {
    const owners = Array.from({ length: 20 }, (_, n) => `worker ${n}`);
    const taken = (await Promise.all(owners.map((owner) => take(shopId, owner)))).flatMap((lease) => lease ?? []);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ shopId, epoch: 1, tookOver: false });
  });

  it('is taken over only after its lease has run out, and under a new epoch', async () => {
    await take(shopId, 'first');
    stores().clock.advance(1_000);
    expect(await take(shopId, 'second')).toBeNull();
    stores().clock.advance(1);
    expect(await take(shopId, 'second')).toMatchObject({ owner: 'second', epoch: 2, tookOver: true });
  });

  it('is taken over by one of many that come at once', async () => {
    await take(shopId, 'first');
    stores().clock.advance(1_001);
    const owners = Array.from({ length: 20 }, (_, n) => `worker ${n}`);
    expect((await Promise.all(owners.map((owner) => take(shopId, owner)))).filter(Boolean)).toHaveLength(1);
  });

  it('is renewed by its owner alone, and only in the epoch in which it is held', async () => {
    const first = await take(shopId, 'first');
    if (!first) throw new Error('The lane is free');
    expect(await stores().lanes.renew(first, now() + 5_000)).toBe(true);
    stores().clock.advance(4_000);
    expect(await take(shopId, 'second')).toBeNull();
    expect(await stores().lanes.renew({ ...first, owner: 'second' }, now() + 5_000)).toBe(false);
    stores().clock.advance(1_001);
    const second = await take(shopId, 'second');
    expect(second).not.toBeNull();
    expect(await stores().lanes.renew(first, now() + 5_000)).toBe(false);
    stores().clock.advance(1_001);
    const again = await take(shopId, 'first');
    expect(again?.epoch).toBe(3);
    expect(await stores().lanes.renew(first, now() + 5_000)).toBe(false);
  });

  it('is free at once when its owner lets go of it, and stays another’s when a former owner does', async () => {
    const first = await take(shopId, 'first');
    if (!first) throw new Error('The lane is free');
    await stores().lanes.release(first);
    const second = await take(shopId, 'second');
    expect(second).toMatchObject({ tookOver: false });
    await stores().lanes.release(first);
    expect(await take(shopId, 'third')).toBeNull();
  });

  it('is free when the one process that can hold it starts anew', async () => {
    await take(shopId, 'before the crash');
    await stores().lanes.freeAll();
    expect(await take(shopId, 'after')).toMatchObject({ owner: 'after', epoch: 2 });
  });

  it('of another shop is another lane, and of no shop there is none', async () => {
    await take(shopId, 'first');
    expect(await take((await shopIn(stores())).id, 'second')).not.toBeNull();
    expect(await take(999_999_999, 'first')).toBeNull();
  });

  it('may be held by a worker on a host with the longest of names', async () => {
    const owner = `${'h'.repeat(64)}:4194304:0123abcd`;
    expect(await take(shopId, owner)).toMatchObject({ owner });
    expect(await take(shopId, `${owner}x`)).toBeNull();
  });

  it('keeps its circuit through everything', async () => {
    expect(await stores().lanes.circuit(shopId)).toEqual(CLOSED);
    const open = {
      state: 'open' as const,
      failure: failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }, 'ECONNREFUSED'),
      openedAt: now(),
      probeAt: now() + 2_000,
      failures: 3,
    };
    await stores().lanes.saveCircuit(shopId, open, 1);
    await take(shopId, 'first');
    await stores().lanes.freeAll();
    expect(await stores().lanes.circuit(shopId)).toEqual(open);
    expect((await stores().shops.find(shopId))?.circuit).toEqual(open);
    await stores().lanes.saveCircuit(shopId, CLOSED, 2);
    expect(await stores().lanes.circuit(shopId)).toEqual(CLOSED);
  });

  it('keeps the pace its shop was found to bear, and begins anew with one that makes no sense', async () => {
    expect(await stores().lanes.pace(shopId)).toEqual(FIRST_PACE);
    await stores().lanes.savePace(shopId, { batchSize: 12, deliveries: 2, streak: 3 });
    await take(shopId, 'first');
    expect(await stores().lanes.pace(shopId)).toEqual({ batchSize: 12, deliveries: 2, streak: 0 });
    expect(await stores().lanes.pace((await shopIn(stores())).id)).toEqual(FIRST_PACE);
    for (const pace of ['{"batchSize":0,"deliveries":4}', '[]', 'null', 'fast', '']) {
      await stores().unit.entities.update(LaneRow, shopId, { pace });
      expect(await stores().lanes.pace(shopId)).toEqual(FIRST_PACE);
    }
    expect(await stores().lanes.pace(999_999_999)).toEqual(FIRST_PACE);
  });

  it('of a shop that is gone is closed', async () => {
    expect(await stores().lanes.circuit(999_999_999)).toEqual(CLOSED);
  });
});
