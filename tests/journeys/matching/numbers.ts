import { pick, pickList, pickNumber } from '../../support/api-client';
import type { MatchCase } from './case';

const RULES = { buffer: '0', packSize: '1', rounding: 'down', negative: 'zero' };

/** What becomes of the source's number on its way. */
export const NUMBERS: readonly MatchCase[] = [
  {
    name: 'the number is made by the connection’s rules, and what the preview says is what is written then',
    products: () => ({ A: {}, B: {}, C: {} }),
    run: async (on) => {
      const codes = ['A', 'B', 'C'].map((each) => on.own.text(each));
      const [a = '', b = '', c = ''] = codes;
      await on.push({ code: a, quantity: 20 }, { code: b, quantity: '7.5' }, { code: c, quantity: -3 });
      await on.synced(a, 'A', 'code', 20);
      await on.synced(b, 'B', 'code', 7);
      await on.synced(c, 'C', 'code', 0);
      await on.shows({ A: 20, B: 7, C: 0 });
      const packs = { ...RULES, buffer: '1', packSize: '6' };
      for (const [rounding, [ofA, ofB]] of [
        ['down', [3, 1]],
        ['up', [4, 2]],
        ['nearest', [3, 1]],
      ] as const) {
        const rules = { ...packs, rounding };
        const path = `/connections/${on.connectionId}`;
        const preview = pickList(await on.api.expect(200, 'POST', `${path}/rules/preview`, { rules }), 'data');
        const said = (code: string) => preview.find((row) => pick(row, 'code') === code);
        expect([a, b, c].map((code) => pick(said(code), 'after'))).toEqual([String(ofA), String(ofB), '0']);
        await on.shows({});
        await on.settings({ rules });
        await on.synced(a, 'A', 'code', ofA);
        await on.synced(b, 'B', 'code', ofB);
        await on.synced(c, 'C', 'code', 0);
        await on.shows({ A: ofA, B: ofB });
      }
    },
  },
  {
    name: 'a number below 0 is kept only where the rules say so and the shop sells the product below 0, from the first write on',
    products: () => ({ A: { backorders: 'yes' }, B: {} }),
    connection: { rules: { ...RULES, negative: 'keep_with_backorders' } },
    run: async (on) => {
      await on.push({ code: on.own.text('A'), quantity: -3 }, { code: on.own.text('B'), quantity: -3 });
      await on.synced(on.own.text('A'), 'A', 'code', -3);
      await on.synced(on.own.text('B'), 'B', 'code', 0);
      expect(await on.written(on.own.text('A'))).toEqual(['-3']);
      await on.shows({ A: -3, B: 0 });
    },
  },
  {
    name: 'a category’s buffer is kept back from the first write on, also of variations, and the product’s own comes first',
    products: () => ({}),
    connection: { rules: { ...RULES, buffer: '1' } },
    run: async (on) => {
      const categoryId = await on.category('cesti');
      await on.create('A', { categories: [{ id: categoryId }] });
      await on.create('B');
      await on.create('V', { categories: [{ id: categoryId }], variations: { S: {} } });
      await on.vary('V', 'S');
      await on.refreshed();
      const { shopId } = on;
      const categories = pickList(await on.api.expect(200, 'GET', `/shops/${shopId}/categories`), 'data');
      expect(categories).toContainEqual({ id: categoryId, name: on.own.text('cesti') });
      await on.settings({ categoryBuffers: [{ categoryId, buffer: '4' }] });
      const codes = ['A', 'B', 'V-S'].map((each) => on.own.text(each));
      const [a = '', b = '', s = ''] = codes;
      await on.push(...codes.map((code) => ({ code, quantity: 10 })));
      await on.synced(a, 'A', 'code', 6);
      await on.synced(b, 'B', 'code', 9);
      await on.synced(s, 'V-S', 'code', 6);
      // 10 was never shown to a customer, not even for a moment.
      expect(await Promise.all(codes.map((code) => on.written(code)))).toEqual([['6'], ['9'], ['6']]);
      await on.shows({ A: 6, B: 9, 'V-S': 6 });
      const id = pickNumber(await on.item(a), 'id');
      await on.api.expect(200, 'PATCH', `/items/${id}/rules`, { buffer: '2', packSize: '4' });
      await on.synced(a, 'A', 'code', 2);
      await on.api.expect(200, 'PATCH', `/items/${id}/rules`, { buffer: null, packSize: null });
      await on.synced(a, 'A', 'code', 6);
      await on.shows({ A: 6 });
    },
  },
];
