import { KeepMappings } from '../../server/application/keep-mappings';
import { Refusal } from '../../server/domain/refusal';
import { ref, shopProduct } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { catalogueOf } from '../support/shop-work';
import { type Feed, feedIn, itemOf, onEachEngine, push } from '../support/test-stores';
import { WorkerBench } from '../support/worker-bench';

onEachEngine('The mapping of a connection', (stores) => {
  let feed: Feed;
  let keep: KeepMappings;
  const announced: number[] = [];

  beforeEach(async () => {
    const { unit, mappings, connections, items, clock } = stores();
    feed = await feedIn(stores());
    announced.length = 0;
    const laneSignal = { announce: (shopIds: Iterable<number>) => void announced.push(...shopIds) };
    keep = new KeepMappings({ unit, mappings, connections, items, laneSignal, clock });
  });

  const imported = (text: string, mode: 'add' | 'replace' = 'add') => keep.import(feed.connection.id, text, mode);
  const lines = async (): Promise<string[]> =>
    (await stores().mappings.list(feed.connection.id, { limit: 100, cursor: null })).data.map(
      ({ reference, sku }) => `${reference}=${sku}`,
    );
  const refused = async (work: Promise<unknown>): Promise<Refusal> => {
    const thrown: unknown = await work.catch((error: unknown) => error);
    if (!(thrown instanceof Refusal)) throw new Error('It was not refused');
    return thrown;
  };

  describe('is imported', () => {
    it('line by line: what is new is added, what is known is changed, what is the same counts for nothing', async () => {
      expect(await imported('A:SKU-1\nB:SKU-2')).toEqual({ added: 2, changed: 0, removed: 0, items: 0 });
      expect(await imported('b:SKU-3\nC:SKU-4\nA:SKU-1')).toEqual({ added: 1, changed: 1, removed: 0, items: 0 });
      expect(await lines()).toEqual(['A=SKU-1', 'B=SKU-3', 'C=SKU-4']);
      expect(await stores().mappings.count(feed.connection.id)).toBe(3);
      expect(announced).toEqual([]);
    });

    it('in place of what there was', async () => {
      await imported('A:SKU-1\nB:SKU-2\nȚ:SKU-3');
      expect(await imported('b:SKU-2\nD:SKU-4', 'replace')).toEqual({ added: 1, changed: 0, removed: 2, items: 0 });
      expect(await lines()).toEqual(['B=SKU-2', 'D=SKU-4']);
    });

    it('by the thousand, and replaced without a rest', async () => {
      const text = (from: number) => Array.from({ length: 1_201 }, (_, n) => `R-${from + n}:S-${n}`).join('\n');
      expect(await imported(text(0))).toMatchObject({ added: 1_201 });
      expect(await imported(text(1_000), 'replace')).toMatchObject({ added: 1_000, changed: 201, removed: 1_000 });
      expect(await stores().mappings.count(feed.connection.id)).toBe(1_201);
    });

    it('whole or not at all: every bad line is named, and nothing is changed', async () => {
      await imported('A:SKU-1');
      const { code, facts } = await refused(imported('B:SKU-2\nno separator\n:SKU-3\nC:SKU-4\nc:SKU-5', 'replace'));
      expect(code).toBe('invalid_input');
      expect(facts).toEqual({
        errors: [
          { path: 'line 2', message: 'no_separator' },
          { path: 'line 3', message: 'reference_missing' },
          { path: 'line 5', message: 'twice' },
        ],
      });
      expect(await lines()).toEqual(['A=SKU-1']);
    });

    it('for no connection that there is not', async () => {
      expect((await refused(keep.import(999_999, 'A:B', 'add'))).code).toBe('not_found');
      expect((await refused(keep.export(999_999))).code).toBe('not_found');
      expect((await refused(keep.remove(999_999, []))).code).toBe('not_found');
    });

    it('for its own connection alone', async () => {
      const other = await feedIn(stores());
      await imported('A:SKU-1');
      await keep.import(other.connection.id, 'A:SKU-9', 'replace');
      expect(await lines()).toEqual(['A=SKU-1']);
      expect(await stores().mappings.find(other.connection.id, ['a'])).toEqual(new Map([['a', 'SKU-9']]));
    });
  });

  it('is exported as what can be imported again, in any script', async () => {
    await imported('reference,sku\r\n"A,1","S""1"\r\n茶🍵,ȘȚ-1\r\n-1,=2');
    const csv = await keep.export(feed.connection.id);
    const other = await feedIn(stores());
    expect(await keep.import(other.connection.id, csv, 'add')).toMatchObject({ added: 3 });
    expect(await keep.export(other.connection.id)).toBe(csv);
    expect(await lines()).toEqual(['A,1=S"1', '茶🍵=ȘȚ-1', '-1==2']);
  });

  it('is found without case, and for what was asked', async () => {
    await imported('Ceai-Ț:SKU-1');
    const found = await stores().mappings.find(feed.connection.id, ['CEAI-Ț', 'ceai-t', 'x']);
    expect(found).toEqual(new Map([['CEAI-Ț', 'SKU-1']]));
  });

  describe('and what the shop is told by it:', () => {
    let shop: FakeShop;
    let bench: WorkerBench;

    beforeEach(() => {
      shop = new FakeShop(shopProduct(1, { sku: 'A' }), shopProduct(2, { sku: 'B' }), shopProduct(3, { sku: 'C' }));
      bench = new WorkerBench(stores(), shop, 'this worker', { catalogue: catalogueOf(shop) });
    });
    afterEach(async () => {
      await bench.worker.drain(0);
      expect(bench.failures).toEqual([]);
    });
    const work = async (): Promise<void> => {
      stores().clock.advance(10_000);
      await bench.wake(feed.shop.id);
    };
    const bring = async (code: string, quantity: number): Promise<void> => {
      stores().clock.advance(1);
      await push(stores(), feed, [{ code, quantity }]);
      await work();
    };

    it('it goes before every rule', async () => {
      await imported('a:B');
      await bring('A', 7);
      expect(shop.written).toEqual(['2/0=7']);
      expect((await itemOf(stores(), feed, 'A')).link).toMatchObject({ ref: ref(2), foundBy: 'mapping' });
    });

    it('what it changes is matched anew at once, and nothing else is', async () => {
      await bring('A', 7);
      await bring('C', 4);
      expect(await imported('A:B')).toMatchObject({ added: 1, items: 1 });
      expect(announced).toEqual([feed.shop.id]);
      expect(await itemOf(stores(), feed, 'A')).toMatchObject({ status: 'due', link: null });
      expect((await itemOf(stores(), feed, 'C')).status).toBe('synced');
      await work();
      expect(shop.shown(ref(2))).toBe('7');
    });

    it('what is removed from it falls back to the rules', async () => {
      await imported('A:B');
      await bring('A', 7);
      const [line] = (await stores().mappings.list(feed.connection.id, { limit: 1, cursor: null })).data;
      expect(await keep.remove(feed.connection.id, [line?.id ?? 0])).toMatchObject({ removed: 1, items: 1 });
      expect(await keep.remove(feed.connection.id, [line?.id ?? 0])).toMatchObject({ removed: 0, items: 0 });
      await work();
      expect((await itemOf(stores(), feed, 'A')).link).toMatchObject({ ref: ref(1), foundBy: 'code' });
    });

    it('what a person has linked stays as it is', async () => {
      await bring('A', 7);
      const { id, link } = await itemOf(stores(), feed, 'A');
      if (!link) throw new Error('It is linked');
      const { clock, items } = stores();
      await items.setLink(id, { ...link, ref: ref(3), foundBy: 'manual', sku: 'C' }, clock.now());
      expect(await imported('A:B')).toMatchObject({ added: 1, items: 0 });
      expect((await itemOf(stores(), feed, 'A')).link).toMatchObject({ ref: ref(3), foundBy: 'manual' });
    });

    it('an SKU that the shop does not have is said so, and no rule is tried instead', async () => {
      await imported('A:NOWHERE');
      await bring('A', 7);
      expect(await itemOf(stores(), feed, 'A')).toMatchObject({
        status: 'unmatched',
        link: null,
        failure: { code: 'mapping_unmatched', params: { reference: 'A', sku: 'NOWHERE' } },
      });
      expect(shop.written).toEqual([]);
    });

    it('an SKU that the shop gave to another product since is looked for again', async () => {
      await imported('A:B');
      await bring('A', 7);
      shop.put(shopProduct(2, { sku: 'B-OLD' }), shopProduct(4, { sku: 'B' }));
      stores().clock.advance(120_000);
      await bring('A', 5);
      expect((await itemOf(stores(), feed, 'A')).link).toMatchObject({ ref: ref(4), foundBy: 'mapping' });
      expect([shop.shown(ref(2)), shop.shown(ref(4))]).toEqual(['0', '5']);
    });
  });
});
