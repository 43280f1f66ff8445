import { failureKind, type FailureParams, fillWords, isFailureCode } from './failure';
import type { ShopCheck } from './ports/shop-target';

interface CheckWords {
  readonly message: string;
  /** null where nothing has to be done. */
  readonly cure: string | null;
}

const PASS_THE_HEADER =
  'Apache: put “CGIPassAuth On”, or “SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1”, into .htaccess. nginx: put “fastcgi_param HTTP_AUTHORIZATION $http_authorization;” where PHP is set up.';

/**
 * What the connection doctor says in English, by check and by what it found; `{name}` is filled from the check's params.
 * A code that is not here is a failure's code and is said in the failure's own words.
 */
export const SHOP_CHECK_WORDS: Readonly<Record<ShopCheck['id'], Readonly<Record<string, CheckWords>>>> = {
  address: {
    https: { message: 'The address is encrypted and leads straight to the shop.', cure: null },
    plain_http: {
      message: 'The address begins with http: what we read and write can be read and changed on the way.',
      cure: 'Use the https address if the shop has one. Until then every call is signed and the secret is never sent.',
    },
    invalid: { message: 'This is not a web address.', cure: 'Enter an address such as https://shop.example.com.' },
    redirects: {
      message: 'The shop sends us on to {location}. Keys are never sent along a redirect.',
      cure: 'Enter {proposed} as the shop’s address.',
    },
    other_home: {
      message: 'WordPress calls itself {home}, which is not the address entered.',
      cure: 'Enter {home} as the shop’s address, unless you reach it by another name on purpose.',
    },
  },
  reachable: {
    reachable: { message: 'The shop answers.', cure: null },
  },
  tls: {
    valid: { message: 'The certificate is valid.', cure: null },
    not_used: { message: 'The address begins with http, so there is no certificate.', cure: null },
    unverified: {
      message: 'Certificate checking is switched off for this shop.',
      cure: 'Switch it on again once the certificate is in order: without it nobody knows who answers.',
    },
  },
  rest_route: {
    found: { message: 'The WooCommerce REST API is there.', cure: null },
    plain_permalinks: {
      message: 'The shop uses plain permalinks; we call its REST API by another spelling that works as well.',
      cure: 'Choose any other structure under Settings → Permalinks: other software expects it.',
    },
    hidden_index: {
      message: 'A plugin hides the list of REST routes; the routes themselves are there.',
      cure: null,
    },
    woocommerce_missing: {
      message: 'WordPress answers, but WooCommerce’s REST API (wc/v3) is not there.',
      cure: 'Check that WooCommerce is installed, active and up to date.',
    },
  },
  keys_valid: {
    accepted: { message: 'The shop accepts the keys.', cure: null },
    signed: { message: 'The shop accepts the keys; every call is signed, and the secret is never sent.', cure: null },
    signed_instead: {
      message: 'The shop’s server drops the header that carries the keys, so every call is signed instead.',
      cure: `Nothing has to be done. To have the header passed on: ${PASS_THE_HEADER}`,
    },
    sent_in_address: {
      message:
        'The shop’s server drops the header that carries the keys, so they are sent in the address, as you allowed.',
      cure: `Addresses end up in the server’s log. Better have the header passed on. ${PASS_THE_HEADER}`,
    },
    not_seen: {
      message: 'The shop does not know the keys, or its server drops the header that carries them.',
      cure: `Check that the keys are copied whole. If they are, have the header passed on, or allow keys in the address. ${PASS_THE_HEADER}`,
    },
  },
  keys_may_write: {
    may_write: { message: 'The keys may write.', cure: null },
  },
  stock_management: {
    on: { message: 'Stock management is on.', cure: null },
    off: {
      message: 'Stock management is off for the whole shop, so WooCommerce ignores every number we send.',
      cure: 'Switch on “Enable stock management” under WooCommerce → Settings → Products → Inventory.',
    },
    unknown: {
      message: 'The shop does not say whether stock management is on.',
      cure: 'Look under WooCommerce → Settings → Products → Inventory: “Enable stock management” must be on.',
    },
  },
  products_managed: {
    all_managed: { message: 'Stock management is on for all {linked} products we write to.', cure: null },
    some_unmanaged: {
      message:
        'Stock management is off for {unmanaged} of the {linked} products we write to; the shop ignores their number.',
      cure: 'Tick “Stock management” on these products, or let the connection switch it on.',
    },
  },
  version: {
    supported: { message: 'WooCommerce {version}.', cure: null },
    old: {
      message: 'WooCommerce {version} is older than anything this service is tested with.',
      cure: 'Update WooCommerce to version 8 or newer.',
    },
    unknown: { message: 'The shop does not tell its WooCommerce version.', cure: null },
  },
  clock: {
    right: { message: 'The shop’s clock agrees with ours.', cure: null },
    off: {
      message: 'The shop’s clock and ours differ by {minutes} minutes.',
      cure: 'Have both set by network time; from 15 minutes on the shop refuses signed calls.',
    },
    breaks_signatures: {
      message: 'The shop’s clock and ours differ by {minutes} minutes, so the shop refuses our signed calls.',
      cure: 'Set the clock of this server and of the shop by network time.',
    },
    unknown: { message: 'The shop does not tell its time.', cure: null },
  },
  bridge: {
    absent: {
      message:
        'The Stock Relay plugin is not in the shop, and nothing needs it. With it one call writes up to 1,000 products, no sale between our look and our write is overwritten, and every stock change is told at once.',
      cure: 'To have that, download the plugin here, upload it in WordPress under Plugins → Add New, and pair it.',
    },
    unpaired: {
      message: 'The Stock Relay plugin ({version}) is in the shop, and is not paired with this service.',
      cure: 'Make a code here and enter it under WooCommerce → Stock Relay.',
    },
    in_use: { message: 'The Stock Relay plugin ({version}) is in use: up to {items} products a call.', cure: null },
    slow: {
      message: 'The Stock Relay plugin ({version}) is in use, and goes the slow way ({what}).',
      cure: 'Nothing is wrong: another plugin has to be told of every stock change, and writing takes longer.',
    },
    clock: {
      message: 'The plugin’s clock and ours differ by {seconds} seconds.',
      cure: 'Have both set by network time; from 300 seconds on the plugin refuses our calls.',
    },
  },
};

const NOT_CHECKED: CheckWords = { message: 'Not checked, since something before it failed.', cure: null };

/** The English words of one check. */
export function shopCheckWords(check: Pick<ShopCheck, 'id' | 'code' | 'params'>): CheckWords {
  const words = check.code === 'not_checked' ? NOT_CHECKED : SHOP_CHECK_WORDS[check.id][check.code];
  return filled(words ?? failureWords(check.code), check.params);
}

function failureWords(code: string): CheckWords {
  const kind = failureKind(code);
  return { message: isFailureCode(code) ? kind.cause : code, cure: kind.cure };
}

const filled = ({ message, cure }: CheckWords, params: FailureParams): CheckWords => ({
  message: fillWords(message, params),
  cure: cure === null ? null : fillWords(cure, params),
});
