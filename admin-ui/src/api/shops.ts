import type { Shop, ShopCheck, ShopInput, ShopPatch, ShopTest } from '../../../server/http/schemas/shops';
import { allRows, http, PATIENT_MS } from './http';

export type { Shop, ShopCheck, ShopInput, ShopPatch, ShopTest };

export const listShops = (signal?: AbortSignal): Promise<Shop[]> => allRows<Shop>('/shops', signal);

export const getShop = async (id: number): Promise<Shop> => (await http.get<Shop>(`/shops/${id}`)).data;

export const createShop = async (input: ShopInput): Promise<Shop> => (await http.post<Shop>('/shops', input)).data;

export const changeShop = async (id: number, patch: ShopPatch): Promise<Shop> =>
  (await http.patch<Shop>(`/shops/${id}`, patch)).data;

export const deleteShop = async (id: number): Promise<void> => {
  await http.delete(`/shops/${id}`);
};

export const testShop = async (id: number): Promise<ShopTest> =>
  (await http.post<ShopTest>(`/shops/${id}/test`, undefined, { timeout: PATIENT_MS })).data;

export const resumeShop = async (id: number): Promise<void> => {
  await http.post(`/shops/${id}/resume`);
};
