import { Refusal } from '../../domain/refusal';

/** Throws Refusal where a vendor could not call the address, or would send its secret in the open. */
export function requireHttps(address: string, system: string): void {
  if (URL.canParse(address) && new URL(address).protocol === 'https:') return;
  throw new Refusal(
    'conflict',
    `${system} calls only a public https address. Give Stock Relay one (PUBLIC_URL), or copy the address by hand.`,
  );
}

/**
 * Whether two addresses lead to one source of ours: by their path, as the secret behind it is a new one each time, and
 * the name before it may have changed.
 */
export function leadToSameSource(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).pathname === new URL(other).pathname;
}
