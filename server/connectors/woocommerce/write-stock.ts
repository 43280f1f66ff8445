import { z } from 'zod';
import { LARGEST_BATCH } from '../../domain/batch-plan';
import { failure, FailureError } from '../../domain/failure';
import type {
  ShopAccess,
  ShopProductRef,
  ShopTarget,
  ShopWriteAnswer,
  ShopWriteBatch,
  StockWrite,
} from '../../domain/ports/shop-target';
import { isWhole, MAX_INTEGER_DIGITS, type Quantity, subtractQuantity } from '../../domain/quantity';
import { PRODUCT_FIELDS, shopProduct, shopVariation, wooProduct } from './shop-product';
import type { WooApi } from './woo-api';

const refusedItem = z.object({
  id: z.number().nullish(),
  error: z.object({
    code: z.string(),
    message: z.string().optional(),
    data: z.object({ status: z.number().optional() }).nullish().catch(null),
  }),
});

const batchAnswer = z.object({ update: z.array(z.union([refusedItem, wooProduct])) });

type BatchItem = z.infer<typeof batchAnswer>['update'][number];

const LARGEST_NUMBER = 10 ** MAX_INTEGER_DIGITS;

/** The shop does not check the numbers of a batch: it would store "abc" as 0 and 1.5 as 1. */
function checkedNumber(quantity: Quantity): number {
  const number = Number(quantity);
  if (!isWhole(quantity) || !Number.isSafeInteger(number) || Math.abs(number) >= LARGEST_NUMBER) {
    throw new FailureError(failure('number_unsafe', { quantity }));
  }
  return number;
}

/** The shop adds the difference to what it has in the moment it writes. */
const numberOf = ({ quantity, from }: StockWrite) =>
  from === undefined
    ? { stock_quantity: checkedNumber(quantity) }
    : { inventory_delta: checkedNumber(subtractQuantity(checkedQuantity(quantity), from)) };

const checkedQuantity = (quantity: Quantity): Quantity => {
  checkedNumber(quantity);
  return quantity;
};

const writtenId = (ref: ShopProductRef): number => ref.variationId ?? ref.productId;

export async function writeStock(
  api: WooApi,
  access: ShopAccess,
  { parentId, writes }: ShopWriteBatch,
  signal: AbortSignal,
): Promise<readonly ShopWriteAnswer[]> {
  const lines = writes.map((write) => ({
    ref: write.ref,
    change: {
      ...(write.switchOn === true ? { manage_stock: true } : {}),
      ...numberOf(write),
    },
  }));
  return updateBatch(api, access, parentId, lines, signal);
}

/** The shop forgets the number with it; a variation whose parent keeps one then shows the parent's. */
export async function stopManaging(
  api: WooApi,
  access: ShopAccess,
  { parentId, refs }: Parameters<ShopTarget['stopManaging']>[1],
  signal: AbortSignal,
): Promise<readonly ShopWriteAnswer[]> {
  const lines = refs.map((ref) => ({ ref, change: { manage_stock: false } }));
  return updateBatch(api, access, parentId, lines, signal);
}

interface BatchLine {
  readonly ref: ShopProductRef;
  readonly change: Readonly<Record<string, unknown>>;
}

/** One call. Its answer counts only if it speaks of every item sent, in the order sent. */
async function updateBatch(
  api: WooApi,
  access: ShopAccess,
  parentId: number | null,
  lines: readonly BatchLine[],
  signal: AbortSignal,
): Promise<readonly ShopWriteAnswer[]> {
  if (lines.length === 0) return [];
  if (lines.length > LARGEST_BATCH) throw new RangeError(`A batch holds at most ${LARGEST_BATCH} writes`);
  const items = lines.map(({ ref, change }) => ({
    id: writtenId(ref),
    ...change,
    // Honoured inside an item of a product batch and nowhere else; without it the answer is ten times as long.
    ...(parentId === null ? { _fields: PRODUCT_FIELDS } : {}),
  }));
  const reply = await api.call({
    access,
    method: 'POST',
    route: parentId === null ? '/wc/v3/products/batch' : `/wc/v3/products/${parentId}/variations/batch`,
    body: { update: items },
    shape: batchAnswer,
    signal,
  });
  const answered = reply.data.update;
  if (answered.length !== lines.length) {
    throw unexpected(`${answered.length} answers to ${lines.length} writes`);
  }
  return lines.map(({ ref }, index) => answerTo(ref, parentId, answered[index]));
}

/** An empty batch changes nothing and is refused to whoever may not write. */
export async function ping(api: WooApi, access: ShopAccess, signal: AbortSignal): Promise<void> {
  await api.call({
    access,
    method: 'POST',
    route: '/wc/v3/products/batch',
    body: { update: [] },
    shape: z.unknown(),
    signal,
  });
}

function answerTo(ref: ShopProductRef, parentId: number | null, item: BatchItem | undefined): ShopWriteAnswer {
  if (item === undefined || item.id !== writtenId(ref)) {
    throw unexpected(`an answer for ${item?.id ?? 'nothing'} where ${writtenId(ref)} was sent`);
  }
  if ('error' in item) {
    const { code, message, data } = item.error;
    return { ref, kind: 'refused', code, message: message ?? '', status: data?.status ?? 400 };
  }
  const product = parentId === null ? shopProduct(item, ref) : shopVariation(item, parentId, null);
  return { ref, kind: 'answered', product };
}

const unexpected = (what: string): FailureError =>
  new FailureError(failure('shop_answer_unexpected', { what }), { writeMayHaveHappened: true });
