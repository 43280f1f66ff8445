import type {
  ApprovalInput,
  Catalogue,
  Shop,
  ShopCategories,
  ShopCheck,
  ShopInput,
  ShopPatch,
  ShopTest,
} from '../../../server/http/schemas/shops';
import { allRows, http, PATIENT_MS } from './http';

export type { ApprovalInput, Catalogue, Shop, ShopCheck, ShopInput, ShopPatch, ShopTest };
export type ShopCategory = ShopCategories['data'][number];

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

export const getCatalogue = async (id: number, signal?: AbortSignal): Promise<Catalogue> =>
  (await http.get<Catalogue>(`/shops/${id}/catalogue`, { signal })).data;

export const refreshCatalogue = async (id: number): Promise<void> => {
  await http.post(`/shops/${id}/catalogue/refresh`);
};

export const listCategories = async (id: number, signal?: AbortSignal): Promise<ShopCategory[]> =>
  (await http.get<ShopCategories>(`/shops/${id}/categories`, { signal })).data.data;

/** Whether a shop can give its keys by itself. */
export const isApprovalPossible = async (): Promise<boolean> =>
  (await http.get<{ possible: boolean }>('/shop-approvals')).data.possible;

export const askForApproval = async (input: ApprovalInput): Promise<{ authorizeUrl: string }> =>
  (await http.post<{ authorizeUrl: string }>('/shop-approvals', input)).data;
