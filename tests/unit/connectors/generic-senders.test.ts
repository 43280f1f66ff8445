import { createHmac } from 'node:crypto';
import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { PRESET_NAMES } from '../../../server/connectors/generic/presets';
import type { PushCall } from '../../../server/domain/ports/stock-source';
import { Refusal } from '../../../server/domain/refusal';
import { rawPush } from '../../support/builders';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const { push, readSettings } = createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
const FORM = 'application/x-www-form-urlencoded';
const URL = 'https://relay.example/push/abc?k=1';

const read = (preset: string, body: string, contentType = 'application/json') =>
  push.read(rawPush(body, contentType), { preset });
const linesOf = (preset: string, body: string, contentType?: string) => {
  const reading = read(preset, body, contentType);
  if (reading.says !== 'levels') throw new Error(`It says ${reading.says}`);
  return reading.lines;
};

const SQUARE =
  '{"merchant_id":"M1","type":"inventory.count.updated","event_id":"e-1","created_at":"2026-01-15T11:59:00Z","data":{"type":"inventory_counts","id":"d-1","object":{"inventory_counts":[{"calculated_at":"2026-01-15T11:58:59.123Z","catalog_object_id":"VARIANT1","catalog_object_type":"ITEM_VARIATION","location_id":"L1","quantity":"10","state":"IN_STOCK"},{"calculated_at":"2026-01-15T11:58:59.123Z","catalog_object_id":"VARIANT1","catalog_object_type":"ITEM_VARIATION","location_id":"L1","quantity":"2","state":"WASTE"}]}}}';
const ZETTLE_PAYLOAD =
  '{"organizationUuid":"o-1","balanceBefore":[{"locationUuid":"loc-1","productUuid":"p-1","variantUuid":"v-1","balance":"6"}],"balanceAfter":[{"locationUuid":"loc-1","productUuid":"p-1","variantUuid":"v-1","balance":"5"}]}';
const zettle = (eventName: string, payload = ZETTLE_PAYLOAD) =>
  JSON.stringify({
    organizationUuid: 'o-1',
    messageUuid: 'm-1',
    eventName,
    messageId: 'id-1',
    payload,
    timestamp: '2026-01-15T11:59:00.000Z',
  });
const ZETTLE = zettle('InventoryBalanceChanged');
const SHOPIFY =
  '{"inventory_item_id":271878346596884015,"location_id":24826418,"available":20,"updated_at":"2026-01-15T13:59:00+02:00","admin_graphql_api_id":"gid:\\/\\/shopify\\/InventoryLevel\\/24826418?inventory_item_id=271878346596884015"}';
const LOYVERSE = '[{"variant_id":"06929667-cc44-4bbb-b226-6758285d7033","store_id":"s-1","in_stock":12.5}]';
const LIGHTSPEED =
  'payload=%7B%22id%22%3A%22i-1%22%2C%22product_id%22%3A%22p-1%22%2C%22outlet_id%22%3A%22o-1%22%2C%22count%22%3A%227.00000%22%2C%22product%22%3A%7B%22sku%22%3A%22SKU-1%22%7D%7D';
const FRAPPE = '{"item_code": "SKU-1", "warehouse": "Stores - A", "actual_qty": 4.0, "doctype": "Bin"}';
const PICQER =
  '{"idhook":228,"event":"products.free_stock_changed","event_triggered_at":"2026-01-15 12:59:00","data":{"idproduct":138,"productcode":"6531","name":"Vest","barcode":"857825001442","stock":[{"idwarehouse":18,"stock":40,"reserved":5,"freestock":35},{"idwarehouse":19,"stock":1,"reserved":1,"freestock":0}]}}';
const KIOTVIET =
  '{"Id":"1","Notifications":[{"Action":"stock.update","Data":[{"ProductId":7,"ProductCode":"SP1","OnHand":3.0,"BranchId":1},{"ProductId":8,"ProductCode":"SP2","OnHand":0,"branchId":2}]},{"Action":"stock.update","Data":[{"ProductId":9,"ProductCode":"SP3","OnHand":-1,"BranchId":1}]}]}';
const DOTYPOS =
  '[{"product_id":803113131528120001,"warehouseid":193440357,"quantity":"-1","quantitystatus":"0","transactiontype":"SALE","note":null}]';
const shippingbo = (field: string) =>
  `{"object_class":"Product","object":{"id":12,"user_ref":"SKU-1","ean13":"3760000000017","stock":5},"additional_data":{"field":"${field}","from":10,"to":5}}`;

describe('A call is read as its sender means it:', () => {
  test.each([
    [
      'Zettle’s payload, which is JSON in a text',
      'zettle',
      ZETTLE,
      [
        {
          externalId: 'v-1',
          warehouse: 'loc-1',
          quantity: '5',
          code: null,
          observedAt: Date.parse('2026-01-15T11:59:00Z'),
        },
      ],
    ],
    [
      'Shopify’s level',
      'shopify',
      SHOPIFY,
      [
        {
          externalId: '271878346596884015',
          warehouse: '24826418',
          quantity: '20',
          observedAt: Date.parse('2026-01-15T11:59:00Z'),
        },
      ],
    ],
    [
      'Loyverse’s bare list',
      'loyverse',
      LOYVERSE,
      [{ externalId: '06929667-cc44-4bbb-b226-6758285d7033', warehouse: 's-1', quantity: '12.5' }],
    ],
    [
      'Loyverse’s list',
      'loyverse',
      `{"type":"inventory_levels.update","inventory_levels":${LOYVERSE}}`,
      [{ quantity: '12.5' }],
    ],
    ['Frappe’s bin', 'frappe', FRAPPE, [{ code: 'SKU-1', warehouse: 'Stores - A', quantity: '4' }]],
    [
      'Picqer’s product, whose fields lie around its warehouses',
      'picqer',
      PICQER,
      [
        { code: '6531', barcode: '857825001442', name: 'Vest', externalId: '138', warehouse: '18', quantity: '35' },
        { code: '6531', warehouse: '19', quantity: '0' },
      ],
    ],
    [
      'KiotViet’s lists of lists',
      'kiotviet',
      KIOTVIET,
      [
        { index: 0, code: 'SP1', externalId: '7', warehouse: '1', quantity: '3' },
        { index: 1, code: 'SP2', warehouse: '2', quantity: '0' },
        { index: 2, code: 'SP3', quantity: '-1' },
      ],
    ],
    [
      'Shippingbo’s product',
      'shippingbo',
      shippingbo('stock'),
      [{ code: 'SKU-1', barcode: '3760000000017', externalId: '12', warehouse: '', quantity: '5' }],
    ],
  ])('%s', (_what, preset, body, changes) => {
    expect(linesOf(preset, body)).toMatchObject(changes.map((change) => ({ change })));
    expect(linesOf(preset, body).some((line) => 'change' in line && line.change.isChange === true)).toBe(false);
  });

  test.each([
    ['alone in its form', LIGHTSPEED],
    ['among other fields', `${LIGHTSPEED}&type=inventory.update&retailer_id=r-1`],
  ])('Lightspeed’s payload, %s', (_what, body) => {
    expect(linesOf('lightspeed', body, FORM)).toMatchObject([
      { change: { code: 'SKU-1', externalId: 'p-1', warehouse: 'o-1', quantity: '7' } },
    ]);
  });

  it('Square’s counts, of which only those in stock are used and none is lost from the count', () => {
    expect(read('square', SQUARE)).toMatchObject({
      says: 'levels',
      eventId: 'e-1',
      lines: [
        {
          change: {
            externalId: 'VARIANT1',
            warehouse: 'L1',
            quantity: '10',
            observedAt: Date.parse('2026-01-15T11:58:59.123Z'),
          },
        },
        { refused: { index: 1, refusal: 'left_out', path: '[1].state', code: 'VARIANT1' } },
      ],
    });
  });

  it('Zettle’s message has an id of its own', () => {
    expect(read('zettle', ZETTLE)).toMatchObject({ eventId: 'm-1' });
  });

  it('Dotypos’s stock log, which says by how much a level changed', () => {
    expect(linesOf('dotypos', DOTYPOS)).toMatchObject([
      { change: { externalId: '803113131528120001', warehouse: '193440357', quantity: '-1', isChange: true } },
    ]);
  });

  it('Shopify’s id is the one of its gid where a float lost digits', () => {
    const body = SHOPIFY.replace('271878346596884015', '2.718783465968840e17');
    expect(linesOf('shopify', body)).toMatchObject([{ change: { externalId: '271878346596884015' } }]);
  });

  it('Shopify’s null is no level, and never 0', () => {
    expect(linesOf('shopify', SHOPIFY.replace('"available":20', '"available":null'))).toMatchObject([
      { refused: { refusal: 'quantity_missing', path: '[0].available' } },
    ]);
  });
});

describe('A call that is about something else', () => {
  test.each([
    ['zettle', zettle('ProductUpdated')],
    ['square', SQUARE.replace('inventory.count.updated', 'catalog.version.updated')],
    ['loyverse', '{"type":"items.update","items":[]}'],
    ['picqer', PICQER.replace('products.free_stock_changed', 'orders.created')],
    ['shippingbo', shippingbo('title')],
    ['shippingbo', shippingbo('stock').replace('"Product"', '"Order"')],
    ['shopify', '{"id":1,"title":"Mug"}'],
    ['frappe', FRAPPE.replace('"Bin"', '"Stock Ledger Entry"')],
  ])('of %s is not read as levels: %#', (preset, body) => {
    expect(read(preset, body)).toEqual({ says: 'other_event' });
  });

  test.each([
    ['zettle', zettle('TestMessage', '{"data":"payload"}')],
    ['dotypos', ''],
    ['kiotviet', ' \n'],
  ])('of %s is a test: %#', (preset, body) => {
    expect(read(preset, body)).toEqual({ says: 'test' });
  });

  it('stays unreadable where it is no such call at all', () => {
    for (const body of ['{"Notifications":7}', '"x"', '{', '{"Notifications":[{}]}']) {
      expect(() => read('kiotviet', body)).toThrow(Refusal);
    }
  });
});

describe('A signature', () => {
  const call = (body: string, header: string, value: string, contentType = 'application/json'): PushCall => ({
    ...rawPush(body, contentType),
    headers: { [header]: value },
    url: URL,
  });
  const verdict = (preset: string, secret: string, made: PushCall) =>
    push.signature?.verify(made, { preset, signatureSecret: secret });
  /** Computed with Python’s hmac, not with what is tested here. */
  const literal = [
    ['square', SQUARE, 'x-square-hmacsha256-signature', '63qrPXWz+2Nrfx7tifsvBBO93l9jwl3mvtWloRiu+lQ=', undefined],
    [
      'zettle',
      ZETTLE,
      'x-izettle-signature',
      '2356d68e03e6d4666449fdfdbefec8756870e0d154967e44565673f465c9553d',
      undefined,
    ],
    ['shopify', SHOPIFY, 'x-shopify-hmac-sha256', 'Lr+NOHYytNyGaFnvzTRdWGiHmCFXX+zXwLo9ueRX0oo=', undefined],
    ['loyverse', LOYVERSE, 'x-loyverse-signature', '3aiJ3Tin2GfphH0JZ2ljvBVn4YE=', undefined],
    [
      'lightspeed',
      LIGHTSPEED,
      'x-signature',
      'signature=261801ffce37ae0254e7e8e720b448caeec119becb0ce11d794774890ca5a899,algorithm=HMAC-SHA256',
      FORM,
    ],
    ['frappe', FRAPPE, 'x-frappe-webhook-signature', 'LWOh15NgXLZEehJbf9Y5NFG/W9wSPTb8VNJc4NOZ58Y=', undefined],
    ['picqer', PICQER, 'x-picqer-signature', 'FUoEKADLazj/QO7Fzb0dRb7PWbqJprRDAEQiAy7hgYU=', undefined],
  ] as const;

  test.each(literal)('of %s is known', (preset, body, header, value, contentType) => {
    expect(verdict(preset, `${preset}-key`, call(body, header, value, contentType))).toBe('valid');
  });

  test.each(literal)(
    'of %s is wrong for another body, secret or value, and missing where there is none',
    (...vector) => {
      const [preset, body, header, value, contentType] = vector;
      const secret = `${preset}-key`;
      const other = body.includes('p-1') ? body.replace('p-1', 'p-2') : body.replace(/\d/, (digit) => `${digit}1`);
      // Zettle signs its payload, not what stands around it.
      const changed = preset === 'zettle' ? zettle('InventoryBalanceChanged', `${ZETTLE_PAYLOAD} `) : other;
      expect(changed).not.toBe(body);
      expect(verdict(preset, secret, call(changed, header, value, contentType))).toBe('wrong');
      expect(verdict(preset, 'another', call(body, header, value, contentType))).toBe('wrong');
      expect(verdict(preset, secret, call(body, header, value.slice(1), contentType))).toBe('wrong');
      const flipped = `${value.slice(0, 20)}${value[20] === '0' ? '1' : '0'}${value.slice(21)}`;
      expect(verdict(preset, secret, call(body, header, flipped, contentType))).toBe('wrong');
      expect(verdict(preset, secret, call(body, header, '', contentType))).toBe('missing');
      expect(verdict(preset, secret, call(body, 'x-other', value, contentType))).toBe('missing');
    },
  );

  it('of Square covers the address too', () => {
    const [, body, header, value] = literal[0];
    expect(verdict('square', 'square-key', { ...call(body, header, value), url: `${URL}1` })).toBe('wrong');
  });

  it('of Zettle covers the time, and a body without one proves nothing', () => {
    const [, body, header, value] = literal[1];
    expect(verdict('zettle', 'zettle-key', call(body.replace('59:00.000Z', '59:01.000Z'), header, value))).toBe(
      'wrong',
    );
    for (const none of ['{}', '[', '{"timestamp":"x","payload":{}}']) {
      expect(verdict('zettle', 'zettle-key', call(none, header, value))).toBe('wrong');
    }
  });

  it('is not believed what it says of its own algorithm', () => {
    const weak = createHmac('sha1', 'lightspeed-key').update(LIGHTSPEED).digest('hex');
    const made = call(LIGHTSPEED, 'x-signature', `signature=${weak},algorithm=HMAC-SHA1`, FORM);
    expect(verdict('lightspeed', 'lightspeed-key', made)).toBe('wrong');
  });

  test.each([
    ['sha256', 'hex', 'body', 'sha256='],
    ['sha1', 'base64', 'url+body', ''],
    ['sha256', 'base64', 'timestamp.payload', ''],
  ] as const)('may be one of one’s own: %s, %s, over %s', (algorithm, encoding, covers, prefix) => {
    const read = readSettings({
      signature: { algorithm, encoding, covers, header: 'X-My-Signature' },
      signatureSecret: 'own',
    });
    if (!read.ok) throw new Error('The settings were refused');
    const body = '{"timestamp":17,"payload":"x"}';
    const message = { body, 'url+body': URL + body, 'timestamp.payload': '17.x' }[covers];
    const value = prefix + createHmac(algorithm, 'own').update(message).digest(encoding);
    const made = call(body, 'x-my-signature', value);
    expect(push.signature?.isSetUp(read.settings)).toBe(true);
    expect(push.signature?.verify(made, read.settings)).toBe('valid');
    expect(push.signature?.verify({ ...made, url: 'https://x', body: Buffer.from('{}') }, read.settings)).toBe('wrong');
  });

  test.each([
    [{ preset: 'square' }, false],
    [{ signatureSecret: 's' }, false],
    [{ preset: 'dotypos', signatureSecret: 's' }, false],
    [{ preset: 'picqer', signatureSecret: 's' }, true],
  ])('is asked for where there are a secret and a way to sign: %j', (settings, isSetUp) => {
    expect(push.signature?.isSetUp(settings as Record<string, string>)).toBe(isSetUp);
  });
});

describe('The answer to a sender', () => {
  const call: PushCall = { ...rawPush(''), headers: {}, url: URL };
  const reply = (settings: Record<string, string>, refusal?: Refusal) =>
    push.reply?.(call, refusal ? { refusal } : { accepted: 2, rejected: 1, toRead: 0 }, settings);
  const notUsable = new Refusal('push_no_line_usable', 'x', { members: { accepted: 0, rejected: 3 } });
  const mapping = '{"code":"sku","quantity":"q","mode":"levels"}';

  it('is 202 as ever where nothing is set up', () => {
    expect(reply({})).toBeNull();
    expect(reply({}, notUsable)).toBeNull();
    expect(reply({ fileUrl: 'https://x.example/a.csv', keyInAddress: 'yes' })).toBeNull();
  });

  test.each([...PRESET_NAMES.map((preset) => ({ preset })), { mapping }])(
    'is 200 and two numbers for %j',
    (settings) => {
      const json = { status: 200, contentType: 'application/json' };
      expect(reply(settings)).toEqual({ ...json, body: '{"accepted":2,"rejected":1}' });
      expect(reply(settings, notUsable)).toEqual({ ...json, body: '{"accepted":0,"rejected":3}' });
    },
  );

  test.each([
    ['json', 200, '{"accepted":2,"rejected":1}'],
    ['text', 200, 'OK'],
    ['nothing', 204, ''],
  ])('may be asked for as %s', (replyWith, status, body) => {
    expect(reply({ preset: 'picqer', replyWith })).toMatchObject({ status, body });
    expect(reply({ replyWith })).toMatchObject({ status, body });
    expect(reply({ replyWith }, notUsable)).toBeNull();
  });

  test.each([
    'push_unreadable',
    'push_too_large',
    'push_media_unsupported',
    'conflict',
    'storage_unavailable',
  ] as const)('leaves %s to be refused', (code) => {
    expect(reply({ preset: 'picqer' }, new Refusal(code, 'x'))).toBeNull();
  });
});
