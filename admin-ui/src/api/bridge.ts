import type { Bridge, BridgeAttempted, BridgeCode, BridgeUnpaired } from '../../../server/http/schemas/bridge';
import { http } from './http';

export type { Bridge, BridgeAttempted, BridgeCode };

/** Where the browser fetches the plugin from. */
export const PLUGIN_FILE = '/api/v1/bridge/plugin.zip';

export const getBridge = async (shopId: number, signal?: AbortSignal): Promise<Bridge> =>
  (await http.get<Bridge>(`/shops/${shopId}/bridge`, { signal })).data;

export const makeBridgeCode = async (shopId: number): Promise<BridgeCode> =>
  (await http.post<BridgeCode>(`/shops/${shopId}/bridge/code`)).data;

export const attemptPairing = async (shopId: number, code: string, signal?: AbortSignal): Promise<BridgeAttempted> =>
  (await http.post<BridgeAttempted>(`/shops/${shopId}/bridge/pair`, { code }, { signal })).data;

export const rotateBridge = async (shopId: number): Promise<Bridge> =>
  (await http.post<Bridge>(`/shops/${shopId}/bridge/rotate`)).data;

export const unpairBridge = async (shopId: number): Promise<BridgeUnpaired> =>
  (await http.delete<BridgeUnpaired>(`/shops/${shopId}/bridge`)).data;
