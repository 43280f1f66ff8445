import { pick, pickNumber } from '../../support/api-client';
import type { MatchCase } from './case';

/** What a person decides, and what becomes of links when the shop changes under them. */
export const HEALING: readonly MatchCase[] = [
  {
    name: 'a mapping beats the code, one to a SKU that is not there is told, and both heal when it is put right',
    products: () => ({ A: {}, B: {}, C: {} }),
    run: async (on) => {
      const [a, b] = [on.own.text('A'), on.own.text('B')];
      const map = (...lines: readonly string[]) =>
        on.api.expect(200, 'POST', `/connections/${on.connectionId}/mappings`, { text: lines.join('\n') });
      expect(await map(`${a};${on.own.text('C')}`, `${b};${on.own.text('GONE')}`)).toMatchObject({ added: 2 });
      await on.push({ code: a, quantity: 5 }, { code: b, quantity: 6 });
      await on.synced(a, 'C', 'mapping', 5);
      await on.refused(b, 'unmatched', 'mapping_unmatched', { reference: b, sku: on.own.text('GONE') });
      await on.shows({ C: 5 });
      expect(await map(`${b};${a}`)).toMatchObject({ changed: 1, items: 1 });
      await on.synced(b, 'A', 'mapping', 6);
      await on.shows({ A: 6 });
    },
  },
  {
    name: 'a product deleted and made anew with its SKU is found again',
    products: () => ({ A: {}, B: {} }),
    run: async (on) => {
      const code = on.own.text('A');
      await on.push({ code, quantity: 5 });
      await on.synced(code, 'A', 'code', 5);
      await on.shows({ A: 5 });
      await on.remove('A');
      await on.create('A');
      await on.push({ code, quantity: 6 });
      await on.synced(code, 'A', 'code', 6);
      await on.shows({ A: 6 });
    },
  },
  {
    name: 'a product deleted for good is reported, and the one made later in its place is found',
    products: () => ({ A: {} }),
    run: async (on) => {
      const code = on.own.text('A');
      await on.push({ code, quantity: 5 });
      await on.synced(code, 'A', 'code', 5);
      await on.shows({ A: 5 });
      await on.remove('A');
      await on.refreshed();
      await on.refused(code, 'unmatched', 'product_unmatched');
      await on.create('A');
      await on.refreshed();
      await on.synced(code, 'A', 'code', 5);
      await on.shows({ A: 5 });
    },
  },
  {
    name: 'two products that swapped their SKUs are each written the other’s number, and nothing else is',
    products: () => ({ A: {}, B: {} }),
    run: async (on) => {
      const [a, b] = [on.own.text('A'), on.own.text('B')];
      await on.push({ code: a, quantity: 5 }, { code: b, quantity: 6 });
      await on.synced(a, 'A', 'code', 5);
      await on.synced(b, 'B', 'code', 6);
      await on.shows({ A: 5, B: 6 });
      await on.change('A', { sku: on.own.text('AWAY') });
      await on.change('B', { sku: a });
      await on.change('A', { sku: b });
      await on.refreshed();
      await on.synced(a, 'B', 'code', 5);
      await on.synced(b, 'A', 'code', 6);
      await on.shows({ A: 6, B: 5 });
    },
  },
  {
    name: 'a SKU moved from one product to another takes its number along; the first keeps what it showed',
    products: () => ({ A: {}, B: {} }),
    run: async (on) => {
      const code = on.own.text('A');
      await on.push({ code, quantity: 5 });
      await on.synced(code, 'A', 'code', 5);
      await on.shows({ A: 5 });
      await on.change('A', { sku: '' });
      await on.change('B', { sku: code });
      await on.refreshed();
      await on.synced(code, 'B', 'code', 5);
      await on.push({ code, quantity: 7 });
      await on.synced(code, 'B', 'code', 7);
      await on.shows({ B: 7 });
    },
  },
  {
    name: 'a SKU that moved a moment before a push is noticed by what the shop answers, and the number follows it',
    products: () => ({ A: {}, B: {}, V: { variations: { S: {}, M: {} } } }),
    run: async (on) => {
      const [simple, variation] = [on.own.text('A'), on.own.text('V-S')];
      await on.push({ code: simple, quantity: 5 }, { code: variation, quantity: 6 });
      await on.synced(simple, 'A', 'code', 5);
      await on.synced(variation, 'V-S', 'code', 6);
      for (const [from, to, sku] of [
        ['A', 'B', simple],
        ['V-S', 'V-M', variation],
      ] as const) {
        await on.change(from, { sku: on.own.text(`OLD-${from}`) });
        await on.change(to, { sku });
      }
      await on.push({ code: simple, quantity: 7 }, { code: variation, quantity: 8 });
      await on.synced(simple, 'B', 'code', 7);
      await on.synced(variation, 'V-M', 'code', 8);
    },
  },
  {
    name: 'a linked product put in the trash is reported, and written again when it comes back',
    products: () => ({ A: {} }),
    run: async (on) => {
      const code = on.own.text('A');
      await on.push({ code, quantity: 5 });
      await on.synced(code, 'A', 'code', 5);
      await on.shows({ A: 5 });
      await on.trash('A');
      await on.refreshed();
      await on.refused(code, 'failed', 'product_trashed', { productId: on.id('A') });
      await on.change('A', { status: 'publish' });
      await on.refreshed();
      await on.synced(code, 'A', 'code', 5);
      await on.push({ code, quantity: 6 });
      await on.synced(code, 'A', 'code', 6);
      await on.shows({ A: 6 });
    },
  },
  {
    name: 'a variation that moved under another parent is found there',
    products: () => ({ V: { variations: { S: {}, M: {} } }, W: { variations: { S: {} } } }),
    run: async (on) => {
      const code = on.own.text('V-S');
      await on.push({ code, quantity: 5 });
      await on.synced(code, 'V-S', 'code', 5);
      await on.shows({ 'V-S': 5 });
      await on.remove('V-S');
      await on.vary('W', 'X', { sku: code });
      await on.refreshed();
      await on.synced(code, 'W-X', 'code', 5);
      await on.shows({ 'W-X': 5 });
    },
  },
  {
    name: 'a product linked at the match desk stays linked whatever its SKU, until it is linked anew by the rules',
    products: (own) => ({ A: { name: own.text('Tigaie adâncă') }, B: { sku: own.text('9001') } }),
    run: async (on) => {
      const code = on.own.text('TGD24');
      await on.push({ code, name: on.own.text('tigaie adanca 24'), quantity: 5 });
      await on.refused(code, 'unmatched', 'product_unmatched');
      const desk = await on.api.expect(200, 'GET', `/match-desk?connectionId=${on.connectionId}`);
      expect(pick(desk, 'data', 0, 'suggestions', 0)).toMatchObject({ product: on.ref('A'), takenBy: null });
      const itemId = pickNumber(desk, 'data', 0, 'item', 'id');
      const links = { links: [{ itemId, ...on.ref('A') }] };
      expect(await on.api.expect(200, 'POST', '/match-desk/links', links)).toEqual({
        results: [{ itemId, ok: true, message: null }],
      });
      await on.synced(code, 'A', 'manual', 5);
      await on.shows({ A: 5 });
      await on.change('B', { sku: code });
      await on.refreshed();
      await on.push({ code, quantity: 6 });
      await on.synced(code, 'A', 'manual', 6);
      await on.shows({ A: 6 });
      await on.act('relink', code);
      await on.synced(code, 'B', 'code', 6);
      await on.shows({ B: 6 });
    },
  },
  {
    name: 'what was not found is found when its product is made in the shop, or renamed to be it',
    products: () => ({ OLD: {}, OTHER: {} }),
    run: async (on) => {
      const { own } = on;
      const [made, named, renamed] = [own.text('MADE'), own.text('Nume nou'), own.text('RENAMED')];
      await on.push({ code: made, quantity: 5 }, { name: named, quantity: 6 }, { code: renamed, quantity: 7 });
      for (const each of [made, named, renamed]) await on.refused(each, 'unmatched', 'product_unmatched');
      await on.create('MADE');
      await on.change('OLD', { name: named });
      await on.change('OTHER', { sku: renamed });
      await on.refreshed();
      await on.synced(made, 'MADE', 'code', 5);
      await on.synced(named, 'OLD', 'name', 6);
      await on.synced(renamed, 'OTHER', 'code', 7);
      await on.shows({ MADE: 5, OLD: 6, OTHER: 7 });
    },
  },
  {
    name: 'what was not found wakes up by itself when its product appears among the shop’s changes',
    products: () => ({ OTHER: {} }),
    run: async (on) => {
      const [made, renamed] = [on.own.text('MADE'), on.own.text('RENAMED')];
      await on.push({ code: made, quantity: 5 }, { code: renamed, quantity: 6 });
      for (const each of [made, renamed]) await on.refused(each, 'unmatched', 'product_unmatched');
      await on.create('MADE');
      await on.change('OTHER', { sku: renamed });
      await on.changesRead();
      await on.synced(made, 'MADE', 'code', 5);
      await on.synced(renamed, 'OTHER', 'code', 6);
      await on.shows({ MADE: 5, OTHER: 6 });
    },
  },
];
