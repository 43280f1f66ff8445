import type { MatchCase } from './case';

const ONLY_BARCODE = { matchBy: ['barcode'] };
const NOT_KEPT = { manage_stock: false };

/** Which product of the shop is meant, and what is said where none or several are. */
export const FINDING: readonly MatchCase[] = [
  {
    name: 'a code is found whatever its case and the blanks around it',
    products: () => ({ 'Ab-c': {}, B: {} }),
    run: async (on) => {
      const code = on.own.text('AB-C');
      await on.push({ code: ` ${code} `, quantity: 5 });
      await on.synced(code, 'Ab-c', 'code', 5);
      await on.shows({ 'Ab-c': 5 });
    },
  },
  {
    name: 'a code that differs by an accent is not the same code, though the shop takes it for the same',
    products: () => ({ ȘTR: {} }),
    run: async (on) => {
      await on.push({ code: on.own.text('STR'), quantity: 5 });
      await on.refused(on.own.text('STR'), 'ambiguous', 'product_ambiguous', { count: 1 });
      await on.shows({});
      await on.push({ code: on.own.text('ștr'), quantity: 6 });
      await on.synced(on.own.text('ștr'), 'ȘTR', 'code', 6);
      await on.shows({ ȘTR: 6 });
    },
  },
  {
    name: 'zeros before a code are part of it',
    products: (own) => ({ A: { sku: `00${own.text('A')}` } }),
    run: async (on) => {
      const code = on.own.text('A');
      await on.push({ code: `0${code}`, quantity: 5 }, { code, quantity: 6 }, { code: `00${code}`, quantity: 7 });
      await on.synced(`00${code}`, 'A', 'code', 7);
      await on.refused(`0${code}`, 'unmatched', 'product_unmatched');
      await on.refused(code, 'unmatched', 'product_unmatched');
      await on.shows({ A: 7 });
    },
  },
  {
    name: 'a code with a comma is one code',
    products: (own) => ({ A: {}, 'A,1': {}, B: { sku: own.text('1') } }),
    run: async (on) => {
      await on.push({ code: on.own.text('A,1'), quantity: 5 });
      await on.synced(on.own.text('A,1'), 'A,1', 'code', 5);
      await on.shows({ 'A,1': 5 });
    },
  },
  {
    name: 'codes with &, < and % are found as they are',
    products: () => ({ 'S&P': {}, '50%': {}, LESS: {}, '5': {} }),
    run: async (on) => {
      await on.forceSku('LESS', on.own.text('5<6'));
      const [and, less, percent] = ['S&P', '5<6', '50%'].map((each) => on.own.text(each));
      await on.push({ code: and, quantity: 5 }, { code: less, quantity: 6 }, { code: percent, quantity: 7 });
      await on.synced(on.own.text('S&P'), 'S&P', 'code', 5);
      await on.synced(on.own.text('5<6'), 'LESS', 'code', 6);
      await on.synced(on.own.text('50%'), '50%', 'code', 7);
      await on.shows({ 'S&P': 5, LESS: 6, '50%': 7 });
    },
  },
  {
    name: 'two products with one SKU are named, and neither is written',
    products: () => ({ A: {}, B: {} }),
    run: async (on) => {
      await on.forceSku('B', on.own.text('A'), 'A');
      await on.push({ code: on.own.text('A'), quantity: 5 });
      const item = await on.refused(on.own.text('A'), 'ambiguous', 'product_ambiguous', { count: 2 });
      for (const name of ['A', 'B']) expect(JSON.stringify(item)).toContain(`#${on.id(name)} `);
      await on.shows({});
    },
  },
  {
    name: 'drafts and private products are written by their code, and never found by their name',
    products: (own) => ({
      DRAFT: { status: 'draft', name: own.text('schiță') },
      PRIVATE: { status: 'private', name: own.text('privat') },
    }),
    run: async (on) => {
      await on.push({ name: on.own.text('schiță'), quantity: 3 }, { name: on.own.text('privat'), quantity: 4 });
      await on.refused(on.own.text('schiță'), 'unmatched', 'product_unmatched');
      await on.refused(on.own.text('privat'), 'unmatched', 'product_unmatched');
      await on.shows({});
      await on.push({ code: on.own.text('DRAFT'), quantity: 5 }, { code: on.own.text('PRIVATE'), quantity: 6 });
      await on.synced(on.own.text('DRAFT'), 'DRAFT', 'code', 5);
      await on.synced(on.own.text('PRIVATE'), 'PRIVATE', 'code', 6);
      await on.shows({ DRAFT: 5, PRIVATE: 6 });
    },
  },
  {
    name: 'a product in the trash is not found',
    products: () => ({ A: {} }),
    run: async (on) => {
      await on.trash('A');
      await on.push({ code: on.own.text('A'), quantity: 5 });
      await on.refused(on.own.text('A'), 'unmatched', 'product_unmatched');
      await on.change('A', { status: 'publish' });
      await on.shows({});
    },
  },
  {
    name: 'grouped, external and variable products are told apart from those that hold stock',
    products: () => ({
      GROUPED: { type: 'grouped', ...NOT_KEPT },
      EXTERNAL: { type: 'external', ...NOT_KEPT },
      VARIABLE: { variations: { S: {} } },
    }),
    run: async (on) => {
      const types = ['grouped', 'external', 'variable'];
      const codes = types.map((type) => on.own.text(type.toUpperCase()));
      await on.push(...codes.map((code) => ({ code, quantity: 5 })));
      for (const [index, type] of types.entries()) {
        const item = await on.refused(codes[index] ?? '', 'failed', 'product_without_stock', { type });
        expect(JSON.stringify(item)).toContain('Give the code to a simple product or to a variation.');
      }
      await on.shows({});
    },
  },
  {
    name: 'a variation is written by its own SKU, alone or with others of its parent',
    products: () => ({ V: { variations: { S: {}, M: {}, L: {} } } }),
    run: async (on) => {
      await on.push({ code: on.own.text('V-S'), quantity: 5 }, { code: on.own.text('V-L'), quantity: 0 });
      await on.synced(on.own.text('V-S'), 'V-S', 'code', 5);
      await on.synced(on.own.text('V-L'), 'V-L', 'code', 0);
      await on.shows({ 'V-S': 5, 'V-L': 0 });
    },
  },
  {
    name: 'a variation without a SKU of its own is not found by its parent’s',
    products: () => ({ V: { variations: { S: { sku: '' }, M: { sku: '' } } } }),
    run: async (on) => {
      await on.push({ code: on.own.text('V'), quantity: 5 });
      await on.refused(on.own.text('V'), 'failed', 'product_without_stock', { type: 'variable' });
      await on.shows({});
    },
  },
  {
    name: 'a parent that keeps the stock of all its variations is written by its SKU, and they are not',
    products: () => ({
      V: {
        manage_stock: true,
        stock_quantity: 9,
        variations: { S: { manage_stock: false }, M: { sku: '', manage_stock: false } },
      },
    }),
    run: async (on) => {
      await on.push({ code: on.own.text('V-S'), quantity: 5 });
      const [variationId, productId] = [on.id('V-S'), on.id('V')];
      await on.refused(on.own.text('V-S'), 'failed', 'stock_managed_by_parent', { productId, variationId });
      await on.shows({});
      await on.push({ code: on.own.text('V'), quantity: 7 });
      await on.synced(on.own.text('V'), 'V', 'code', 7);
      // The variations show what their parent has.
      expect(Object.fromEntries(await on.stocks())).toEqual({
        V: { stock: 7, managed: true },
        'V-S': { stock: 7, managed: 'parent' },
        'V-M': { stock: 7, managed: 'parent' },
      });
    },
  },
  {
    name: 'where nobody keeps the stock it is reported, or switched on with the number, listed, and switched off again',
    products: () => ({ A: NOT_KEPT, V: { variations: { S: NOT_KEPT, M: NOT_KEPT } } }),
    run: async (on) => {
      const codes = ['A', 'V-S', 'V'].map((each) => on.own.text(each));
      const [simple = '', variation = '', parent = ''] = codes;
      await on.push(...codes.map((code) => ({ code, quantity: 5 })));
      await on.refused(simple, 'failed', 'stock_not_managed', { productId: on.id('A') });
      await on.refused(variation, 'failed', 'stock_not_managed', { productId: on.id('V-S') });
      await on.refused(parent, 'failed', 'product_without_stock', { type: 'variable' });
      await on.shows({});

      await on.settings({ unmanaged: 'switch-on' });
      await on.synced(simple, 'A', 'code', 5);
      await on.synced(variation, 'V-S', 'code', 5);
      await on.refused(parent, 'failed', 'product_without_stock', { type: 'variable' });
      await on.shows({ A: 5, 'V-S': 5 });
      const path = `/connections/${on.connectionId}`;
      const listed = await on.api.expect(200, 'GET', `${path}/switched-on`);
      const switched = ['A', 'V-S'].map((name) => expect.objectContaining({ ...on.ref(name), undoAskedAt: null }));
      expect(listed).toMatchObject({ count: 2, data: expect.arrayContaining(switched) });

      expect(await on.api.expect(200, 'POST', `${path}/switched-on/undo`)).toEqual({ affected: 2 });
      await on.refused(simple, 'failed', 'stock_not_managed');
      await on.refused(variation, 'failed', 'stock_not_managed');
      const off = { stock: null, managed: false };
      expect(Object.fromEntries(await on.stocks())).toMatchObject({ A: off, 'V-S': off, 'V-M': off });
      expect(await on.api.expect(200, 'GET', `${path}/switched-on`)).toMatchObject({ count: 0, data: [] });
      expect(await on.api.expect(200, 'GET', path)).toMatchObject({ unmanaged: 'report' });
    },
  },
  {
    name: 'a barcode is found however many digits it is written with',
    products: (own) => ({
      UPC: { global_unique_id: own.upc() },
      EAN13: { global_unique_id: own.ean13() },
      GTIN14: { global_unique_id: `00${own.upc(1)}` },
      EAN8: { global_unique_id: own.ean8() },
    }),
    connection: ONLY_BARCODE,
    run: async (on) => {
      const { own } = on;
      const barcodes = [`0${own.upc()}`, `0${own.ean13()}`, own.upc(1), `000000${own.ean8()}`];
      await on.push(...barcodes.map((barcode, index) => ({ barcode, quantity: 5 + index })));
      for (const [index, name] of ['UPC', 'EAN13', 'GTIN14', 'EAN8'].entries()) {
        await on.synced(barcodes[index] ?? '', name, 'barcode', 5 + index);
      }
      await on.shows({ UPC: 5, EAN13: 6, GTIN14: 7, EAN8: 8 });
    },
  },
  {
    name: 'a number with a wrong check digit is no barcode: zeros before it make another number',
    products: (own) => ({ A: { global_unique_id: wrong(own.ean13()) }, B: { global_unique_id: own.ean13(1) } }),
    connection: ONLY_BARCODE,
    run: async (on) => {
      const [padded, typo] = [`0${wrong(on.own.ean13())}`, wrong(on.own.ean13(1))];
      await on.push({ barcode: padded, quantity: 5 }, { barcode: typo, quantity: 6 });
      await on.refused(padded, 'unmatched', 'product_unmatched');
      await on.refused(typo, 'unmatched', 'product_unmatched');
      await on.shows({});
    },
  },
  {
    name: 'two products with one barcode in two spellings are named, and neither is written',
    products: (own) => ({ A: { global_unique_id: own.upc() }, B: { global_unique_id: `0${own.upc()}` } }),
    connection: ONLY_BARCODE,
    run: async (on) => {
      await on.push({ barcode: on.own.upc(), quantity: 5 });
      await on.refused(on.own.upc(), 'ambiguous', 'product_ambiguous', { count: 2 });
      await on.shows({});
    },
  },
  {
    name: 'a barcode that was typed in as the SKU is found, also in another spelling',
    products: (own) => ({ A: { sku: own.upc() } }),
    connection: ONLY_BARCODE,
    run: async (on) => {
      await on.push({ barcode: `0${on.own.upc()}`, quantity: 5 });
      await on.synced(`0${on.own.upc()}`, 'A', 'barcode', 5);
      await on.shows({ A: 5 });
    },
  },
  {
    name: 'a code that is the barcode is found as one where the connection says so, and its SKU comes first',
    products: (own) => ({
      A: { global_unique_id: `0${own.upc()}` },
      B: { sku: own.ean13() },
      C: { global_unique_id: own.ean13() },
    }),
    connection: { matchBy: ['code', 'code-gtin', 'name'] },
    run: async (on) => {
      const { own } = on;
      await on.push({ code: own.upc(), quantity: 5 }, { code: own.ean13(), quantity: 6 });
      await on.synced(own.upc(), 'A', 'code-gtin', 5);
      await on.synced(own.ean13(), 'B', 'code', 6);
      await on.shows({ A: 5, B: 6 });
    },
  },
  {
    name: 'a code that is the barcode is not looked for as one where the connection does not say so',
    products: (own) => ({ A: { global_unique_id: own.ean13() } }),
    run: async (on) => {
      await on.push({ code: on.own.ean13(), quantity: 5 });
      await on.refused(on.own.ean13(), 'unmatched', 'product_unmatched');
      await on.shows({});
    },
  },
  {
    name: 'a name that only one product has is found, whatever its entities, quotes, dashes and Romanian letters',
    products: (own) => ({
      AMP: { name: own.text('Sare & piper „fină” – 5 < 6') },
      // With cedillas, as old keyboards wrote them.
      CEDILLA: { name: own.text('Şosete ţesute') },
    }),
    run: async (on) => {
      const amp = on.own.text('sare &amp; piper "FINA" - 5 &lt; 6');
      const comma = on.own.text('Șosete  țesute');
      await on.push({ name: amp, quantity: 5 }, { name: comma, quantity: 6 });
      await on.synced(amp, 'AMP', 'name', 5);
      await on.synced(comma, 'CEDILLA', 'name', 6);
      await on.shows({ AMP: 5, CEDILLA: 6 });
    },
  },
  {
    name: 'two products of one name are named, and neither is written',
    products: (own) => ({ A: { name: own.text('Pahar') }, B: { name: own.text('PAHAR') } }),
    run: async (on) => {
      await on.push({ name: on.own.text('pahar'), quantity: 5 });
      await on.refused(on.own.text('pahar'), 'ambiguous', 'product_ambiguous', { count: 2 });
      await on.shows({});
    },
  },
  {
    name: 'a variation is found by its parent’s name and its own, and the parent’s name alone is the parent’s',
    products: (own) => ({ V: { name: own.text('Tricou'), variations: { S: { sku: '' }, M: {} } } }),
    run: async (on) => {
      const [small, parent] = [on.own.text('tricou - s'), on.own.text('Tricou')];
      await on.push({ name: small, quantity: 5 }, { name: parent, quantity: 6 });
      await on.synced(small, 'V-S', 'name', 5);
      await on.refused(parent, 'failed', 'product_without_stock', { type: 'variable' });
      await on.shows({ 'V-S': 5 });
    },
  },
  {
    name: 'a code that is unknown never falls back to the name, unless the owner allows it',
    products: (own) => ({ A: { name: own.text('Cană') } }),
    run: async (on) => {
      const code = on.own.text('UNKNOWN');
      await on.push({ code, name: on.own.text('Cană'), quantity: 5 });
      const item = await on.refused(code, 'unmatched', 'product_unmatched');
      expect(JSON.stringify(item)).not.toContain('name “');
      await on.shows({});
      await on.settings({ allowNameAfterCode: true });
      await on.synced(code, 'A', 'name', 5);
      await on.shows({ A: 5 });
    },
  },
  {
    name: 'translations for which nobody keeps the stock are switched on and off together',
    translations: true,
    products: () => ({ RO: NOT_KEPT, EN: NOT_KEPT }),
    connection: { unmanaged: 'switch-on' },
    run: async (on) => {
      await on.translate('RO', 'EN');
      await on.forceSku('EN', on.own.text('RO'), 'RO');
      await on.push({ code: on.own.text('RO'), quantity: 5 });
      await on.synced(on.own.text('RO'), 'RO', 'code', 5);
      await on.shows({ RO: 5, EN: 5 });
      await on.api.expect(200, 'POST', `/connections/${on.connectionId}/switched-on/undo`);
      await on.refused(on.own.text('RO'), 'failed', 'stock_not_managed');
      const off = { stock: null, managed: false };
      expect(Object.fromEntries(await on.stocks())).toEqual({ RO: off, EN: off });
    },
  },
  {
    name: 'translations of one product get one number together, and copies of it do not',
    translations: true,
    products: () => ({ RO: {}, EN: {}, ONE: {}, OTHER: {} }),
    run: async (on) => {
      await on.translate('RO', 'EN');
      await on.forceSku('EN', on.own.text('RO'), 'RO');
      await on.forceSku('OTHER', on.own.text('ONE'), 'ONE');
      await on.push({ code: on.own.text('RO'), quantity: 5 }, { code: on.own.text('ONE'), quantity: 6 });
      await on.synced(on.own.text('RO'), 'RO', 'code', 5);
      expect(await on.item(on.own.text('RO'))).toMatchObject({ translations: [on.ref('EN')] });
      await on.refused(on.own.text('ONE'), 'ambiguous', 'product_ambiguous', { count: 2 });
      await on.shows({ RO: 5, EN: 5 });
    },
  },
];

/** The same digits but for the last. */
const wrong = (gtin: string): string => `${gtin.slice(0, -1)}${(Number(gtin.slice(-1)) + 1) % 10}`;
