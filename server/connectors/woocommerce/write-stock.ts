import { z } from 'zod';
import { LARGEST_BATCH } from '../../domain/batch-plan';
import { failure, FailureError } from '../../domain/failure';
import type { ShopAccess, ShopWriteAnswer, ShopWriteBatch, StockWrite } from '../../domain/ports/shop-target';
import { isWhole, MAX_INTEGER_DIGITS } from '../../domain/quantity';
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
function checkedNumber({ quantity }: StockWrite): number {
  const number = Number(quantity);
  if (!isWhole(quantity) || !Number.isSafeInteger(number) || Math.abs(number) >= LARGEST_NUMBER) {
    throw new FailureError(failure('number_unsafe', { quantity }));
  }
  return number;
}

const writtenId = ({ ref }: StockWrite): number => ref.variationId ?? ref.productId;

/** One call. Its answer counts only if it speaks of every item sent, in the order sent. */
export async function writeStock(
  api: WooApi,
  access: ShopAccess,
  batch: ShopWriteBatch,
  signal: AbortSignal,
): Promise<readonly ShopWriteAnswer[]> {
  const { parentId, writes } = batch;
  if (writes.length === 0) return [];
  if (writes.length > LARGEST_BATCH) throw new RangeError(`A batch holds at most ${LARGEST_BATCH} writes`);
  const items = writes.map((write) => ({
    id: writtenId(write),
    stock_quantity: checkedNumber(write),
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
  if (answered.length !== writes.length) {
    throw unexpected(`${answered.length} answers to ${writes.length} writes`);
  }
  return writes.map((write, index) => answerTo(write, parentId, answered[index]));
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

function answerTo(write: StockWrite, parentId: number | null, item: BatchItem | undefined): ShopWriteAnswer {
  if (item === undefined || item.id !== writtenId(write)) {
    throw unexpected(`an answer for ${item?.id ?? 'nothing'} where ${writtenId(write)} was sent`);
  }
  if ('error' in item) {
    const { code, message, data } = item.error;
    return { ref: write.ref, kind: 'refused', code, message: message ?? '', status: data?.status ?? 400 };
  }
  const product = parentId === null ? shopProduct(item, write.ref) : shopVariation(item, parentId, null);
  return { ref: write.ref, kind: 'answered', product };
}

const unexpected = (what: string): FailureError =>
  new FailureError(failure('shop_answer_unexpected', { what }), { writeMayHaveHappened: true });
