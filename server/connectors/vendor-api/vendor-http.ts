import type { HttpAnswer, HttpRequest } from '../../outbound/http-client';

export type VendorRequest = Omit<HttpRequest, 'method'> & { readonly method: HttpRequest['method'] | 'DELETE' };

/** What a vendor's API is called through; shops are never sent a DELETE, vendors are. */
export interface VendorHttp {
  request(request: VendorRequest): Promise<HttpAnswer>;
}
