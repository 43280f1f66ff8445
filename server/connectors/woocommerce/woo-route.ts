import type { ShopRouteStyle } from '../../domain/ports/shop-target';
import { percentEncode } from './oauth1';

export interface WooAddress {
  /** Scheme, host and path, as the shop's WordPress sees them. */
  readonly base: string;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Under plain permalinks WooCommerce authenticates a call only if this text stands in its address; it looks for
 * nothing more than the text.
 */
const MARKER = { x: '/wp-json/wc/' } as const;

const withoutTrailingSlash = (url: string): string => url.replace(/\/+$/, '');

/** The address of a REST route ("/wc/v3/products", "/") in the style the shop spells its routes in. */
export function restAddress(
  shopUrl: string,
  style: ShopRouteStyle,
  route: string,
  query: Readonly<Record<string, string>>,
): WooAddress {
  const home = withoutTrailingSlash(shopUrl);
  switch (style) {
    case 'pretty':
      return { base: `${home}/wp-json${route}`, query };
    case 'index-php':
      return { base: `${home}/index.php/wp-json${route}`, query };
    case 'rest-route':
      return { base: `${home}/`, query: { rest_route: route, ...query, ...(route.startsWith('/wc/') ? MARKER : {}) } };
  }
}

// The marker is looked for in the address as sent, so its slashes must not be encoded; both forms mean the same.
const encodeValue = (value: string): string => percentEncode(value).replaceAll('%2F', '/');

export function addressText({ base, query }: WooAddress): string {
  const pairs = Object.entries(query).map(([name, value]) => `${percentEncode(name)}=${encodeValue(value)}`);
  return pairs.length === 0 ? base : `${base}?${pairs.join('&')}`;
}

/** The address OAuth signs: WordPress leaves out the slash of its home. */
export const signedBase = ({ base }: WooAddress): string => withoutTrailingSlash(base);
