import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Set as `code` on the error that ends a connection attempt to an address this service may not call. */
export const FORBIDDEN_ADDRESS = 'ERR_FORBIDDEN_ADDRESS';

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = FORBIDDEN_ADDRESS;
}

/** Cloud platforms answer their guests with secrets here although the range itself is public. */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

const IPV4_COMPATIBLE = ipaddr.parseCIDR('::/96');
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');

/** Whether an address lies in the open internet, whatever it is spelled like. What we cannot read is not public. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  if (ip.kind() === 'ipv4') return ip.range() === 'unicast' && !PLATFORM_ADDRESSES.has(ip.toString());
  // A resolver behind NAT64 spells public IPv4 addresses this way; the one inside is the one reached.
  if (ip.match(NAT64)) return isPublicAddress(ip.toByteArray().slice(12).join('.'));
  return ip.range() === 'unicast' && !ip.match(IPV4_COMPATIBLE);
}

/** The host of a URL as an address when it is one; the URL parser has already resolved decimal, octal and hex forms. */
const literalAddress = (hostname: string): string | null => {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : null;
};

/** What may not be called whatever a resolver says: literal addresses never pass through `lookup`. */
export function isForbiddenHost(hostname: string): boolean {
  if (/(^|\.)localhost\.?$/i.test(hostname)) return true;
  const literal = literalAddress(hostname);
  return literal !== null && !isPublicAddress(literal);
}

/**
 * Resolves like the system does and hands on the very addresses it has judged, so that a name cannot resolve to one
 * address for the check and to another for the connection. One private address among public ones is enough to refuse.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(new ForbiddenAddressError('the name resolves to an address outside the public internet'), []);
    }
    const [first] = addresses;
    if (options.all || first === undefined) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
