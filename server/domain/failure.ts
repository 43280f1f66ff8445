/**
 * - info: nothing to do; a rule was applied and is on record.
 * - retry: it passes by itself; the engine tries again.
 * - error: a person has to act; the cure says how.
 */
export type Severity = 'info' | 'retry' | 'error';

/**
 * What a failure speaks of: the whole shop (its circuit opens and no item is charged), the plugin in it (everything goes
 * on without it), one item, a source, or telling people.
 */
export type FailureScope = 'shop' | 'bridge' | 'item' | 'source' | 'notice';

interface FailureKind {
  readonly severity: Severity;
  readonly scope: FailureScope;
  /** True when the same call could succeed later without anybody doing anything. */
  readonly retryHelps: boolean;
  /** In words for the owner; `{name}` is filled from the failure's params. The panel says the same in its languages. */
  readonly cause: string;
  readonly cure: string;
}

const kinds = <const Codes extends Record<string, FailureKind>>(all: Codes): Codes => all;

/** The closed list. A failure that is not in it is `unknown_failure`, which stops the item and asks for a person. */
export const FAILURES = kinds({
  // The shop as a whole
  shop_unreachable: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop cannot be reached: {reason}.',
    cure: 'Check that the shop opens in a browser at {host}. We keep trying and continue by ourselves.',
  },
  shop_timeout: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop did not answer within {seconds} seconds.',
    cure: 'If it happens often, ask the host why the shop is slow. We read the shop again before writing anything twice.',
  },
  shop_answer_lost: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The connection broke before the shop had answered ({reason}).',
    cure: 'Nothing to do: we look at what the shop shows before writing again.',
  },
  shop_tls_invalid: {
    severity: 'error',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop’s certificate is not valid: {reason}.',
    cure: 'Have the certificate renewed, or switch certificate checking off for this shop if you know why it fails.',
  },
  shop_redirects: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The shop sends us to another address: {location}. Keys are never sent along a redirect.',
    cure: 'Enter the address the shop redirects to as the shop’s address.',
  },
  shop_address_forbidden: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The address {host} lies in a private network, and this service may not call those.',
    cure: 'Use the shop’s public address, or start the service with ALLOW_PRIVATE_NETWORK=true.',
  },
  shop_not_json: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop answered with a page instead of data ({what}).',
    cure: 'If it stays: a security plugin or the host’s firewall is in the way; allow the address /wp-json/wc/v3/ there.',
  },
  shop_rest_missing: {
    severity: 'error',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop has no WooCommerce REST route where we looked ({what}).',
    cure: 'Check that WooCommerce is active, save Settings → Permalinks once, then test the connection.',
  },
  shop_server_error: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop failed with status {status}.',
    cure: 'We try again. If it stays, the shop’s PHP error log names the plugin at fault.',
  },
  shop_maintenance: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop is in maintenance.',
    cure: 'Nothing to do: we continue when it is back. If it stays, delete the file .maintenance on the shop’s server.',
  },
  shop_rate_limited: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop’s host asks us to slow down.',
    cure: 'Nothing to do: we wait as long as it asks. To go faster, have the host allow this service.',
  },
  shop_blocked: {
    severity: 'error',
    scope: 'shop',
    retryHelps: true,
    cause: 'A firewall in front of the shop refuses our calls ({what}).',
    cure: 'Allow this service’s address and the path /wp-json/wc/v3/ in the firewall or security plugin.',
  },
  keys_rejected: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The shop does not accept the keys ({what}).',
    cure: 'Create a new key under WooCommerce → Settings → Advanced → REST API with read/write rights and enter it.',
  },
  keys_header_stripped: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The shop’s server drops the header that carries the keys.',
    cure: 'Have the host pass the Authorization header on (Apache: CGIPassAuth On), or allow keys in the address.',
  },
  keys_read_only: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The keys may read but not write.',
    cure: 'In WooCommerce → Settings → Advanced → REST API set the key’s permissions to read/write.',
  },
  keys_forbidden: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The user who owns the keys may not edit products.',
    cure: 'Create the key for an administrator or shop manager.',
  },
  keys_clock: {
    severity: 'error',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop refuses our signature because the clocks differ.',
    cure: 'Set the clock of this server and of the shop by network time.',
  },
  shop_answer_unexpected: {
    severity: 'error',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop’s answer is not the one WooCommerce gives ({what}).',
    cure: 'Another plugin changes the answers of the REST API; switch plugins off one by one to find it.',
  },
  shop_batch_too_large: {
    severity: 'retry',
    scope: 'shop',
    retryHelps: true,
    cause: 'The shop takes fewer products in one call than we sent.',
    cure: 'Nothing to do: nothing was written, and we go on with smaller calls.',
  },
  secret_unreadable: {
    severity: 'error',
    scope: 'shop',
    retryHelps: false,
    cause: 'The stored keys cannot be decrypted: the service runs with another APP_KEY than they were saved with.',
    cure: 'Start the service with the former APP_KEY, or enter the keys again.',
  },

  // The plugin in the shop, without which everything goes on
  bridge_missing: {
    severity: 'retry',
    scope: 'bridge',
    retryHelps: true,
    cause: 'The Stock Relay plugin does not answer in the shop ({what}).',
    cure: 'Nothing is held up: we write by WooCommerce’s own REST API. Activate the plugin in the shop to go fast again.',
  },
  bridge_unpaired: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: false,
    cause: 'The plugin in the shop no longer knows this pairing.',
    cure: 'Pair it again: make a code here and enter it under WooCommerce → Stock Relay. Until then we write by REST.',
  },
  bridge_clock: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: true,
    cause: 'The plugin refuses our calls because the clocks differ by {seconds} seconds.',
    cure: 'Set the clock of this server and of the shop by network time. Until then we write by REST.',
  },
  bridge_signature: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: false,
    cause: 'The plugin does not accept our signature ({what}).',
    cure: 'Pair it again. If it comes back, something on the way changes what we send. Until then we write by REST.',
  },
  bridge_capability: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: true,
    cause: 'The WordPress user who paired the plugin may no longer edit products.',
    cure: 'Make that user a shop manager again, or have another one pair the plugin. Until then we write by REST.',
  },
  bridge_old: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: false,
    cause: 'The plugin in the shop ({version}) and this service do not understand each other.',
    cure: 'Download the plugin here and update it in the shop. Until then we write by REST.',
  },
  bridge_insecure: {
    severity: 'error',
    scope: 'bridge',
    retryHelps: false,
    cause: 'The shop is reached by http, and over that its plugin takes no secret.',
    cure: 'Enter the shop’s https address here, then pair the plugin again.',
  },

  // A source that is asked
  source_unreachable: {
    severity: 'retry',
    scope: 'source',
    retryHelps: true,
    cause: 'The accounting system cannot be reached: {reason}.',
    cure: 'Nothing to do: we try again. Pushes work all the same.',
  },
  source_login_refused: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: 'The accounting system refuses the login.',
    cure: 'Enter user and key of the source again, then start the run anew.',
  },
  source_rate_limited: {
    severity: 'retry',
    scope: 'source',
    retryHelps: true,
    cause: 'The accounting system asks us to wait ({seconds} seconds).',
    cure: 'Nothing to do: the run goes on by itself. See whether another program uses the same account.',
  },
  source_refused: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: 'The accounting system refuses (“{said}”).',
    cure: 'Correct what it names in the source’s settings or in the accounting system, then start the run anew.',
  },
  source_answer_unexpected: {
    severity: 'error',
    scope: 'source',
    retryHelps: true,
    cause: 'The accounting system gave an answer we do not understand ({what}).',
    cure: 'Start the run anew. If it stays, the vendor has changed its protocol. Pushes work all the same.',
  },
  source_list_empty: {
    severity: 'error',
    scope: 'source',
    retryHelps: true,
    cause:
      'The accounting system listed no product at all. Nothing was changed: a missing product is not one with level 0.',
    cure: 'Check that the chosen warehouses exist there and hold products.',
  },
  source_not_readable: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: 'The levels of this source cannot be read: it has no address to read them from.',
    cure: 'Enter where its list of levels is to be read in the source’s settings, or have it push the levels themselves.',
  },
  source_list_cut: {
    severity: 'error',
    scope: 'source',
    retryHelps: true,
    cause:
      'The accounting system listed {listed} of the {known} products it has told of so far. Nothing was changed: the list looks cut off.',
    cure: 'Look at the list in the accounting system, and at the chosen warehouses. If it is right, let the run go on; what is missing keeps its level.',
  },
  source_silent: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: '“{source}” has said nothing for {hours} hours; so far it was never quiet for more than about {usual}.',
    cure: 'Press its test button in the accounting system. If nothing arrives, copy address and token there again.',
  },
  flow_late: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: 'The flow “{flow}” of {source} should have started at {due}; it started {late} minutes late.',
    cure: 'Nothing to do for this once. The service was not running then: have it started together with its machine.',
  },
  flow_refused: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: 'The flow “{flow}” of {source} could not start at {due} (“{said}”).',
    cure: 'Open the runs: one is still under way, or has paused and asks you something.',
  },
  mass_zero: {
    severity: 'error',
    scope: 'source',
    retryHelps: false,
    cause: '{zeros} of {inStock} products in stock would go to 0 at once. Nothing was changed yet.',
    cure: 'Look at the list in the accounting system. If it is right, let the run go on; if not, cancel it.',
  },

  // One item
  product_unmatched: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The shop has no product with {tried}.',
    cure: 'Create the product in the shop, or give an existing one this code as its SKU; then choose Retry. Or set it offline.',
  },
  mapping_unmatched: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The mapping says that “{reference}” is SKU “{sku}”, and the shop has no product with that SKU.',
    cure: 'Correct the line in the connection’s mapping, or give the product this SKU in the shop; then choose Retry.',
  },
  product_ambiguous: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: '{count} products in the shop fit: {candidates}. We never guess.',
    cure: 'Make them different (SKU or name) in the shop and choose Retry, or link the right one by hand.',
  },
  name_unprovable: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The shop lists too many products like “{name}” ({count}) to prove that only one has this name.',
    cure: 'Give the product a code that is also its SKU in the shop, or link it by hand.',
  },
  product_taken: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'Product {productId} in the shop already gets its stock from “{other}” of the same source.',
    cure: 'Two products of the source point at one in the shop: correct the code of one of them, then choose Relink.',
  },
  product_gone: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'Product {productId} no longer exists in the shop.',
    cure: 'Create it again with the same SKU and choose Retry, or set it offline.',
  },
  product_trashed: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'Product {productId} is in the shop’s trash.',
    cure: 'Restore it from the trash, or empty the trash if another product took its place; then choose Retry.',
  },
  product_without_stock: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'Product {productId} is of the type “{type}”, which holds no stock of its own.',
    cure: 'Give the code to a simple product or to a variation.',
  },
  stock_not_managed: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'Stock management is off for product {productId}, so WooCommerce ignores the number.',
    cure: 'Open the product in WooCommerce → Inventory, tick “Stock management”, save; then choose Retry.',
  },
  stock_managed_by_parent: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The stock of variation {variationId} is kept by its parent {productId}, so WooCommerce ignores the number.',
    cure: 'Tick “Manage stock” on the variation itself, or give the parent’s SKU to the product in the source.',
  },
  shop_shows_other: {
    severity: 'retry',
    scope: 'item',
    retryHelps: true,
    cause: 'We wrote {wanted}, but the shop shows {shown}.',
    cure: 'Something in the shop changed it: an order, a person, or a plugin. We try again; if it stays, look at the timeline.',
  },
  shop_refused_item: {
    severity: 'error',
    scope: 'item',
    retryHelps: true,
    cause: 'The shop refused this product: {message} ({code}).',
    cure: 'Open the product in the shop and save it once; WooCommerce then shows what is wrong with it.',
  },
  mass_zero_held: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause:
      'The source set very many products to 0 at once, this one among them. It is held back until you have looked.',
    cure: 'If it is right, choose Retry for these products. If not, correct the source: the next level counts.',
  },
  shop_sold: {
    severity: 'info',
    scope: 'item',
    retryHelps: false,
    cause:
      'The shop shows {shown}, the source says {wanted}: web orders ({orders}) took {quantity} that the source does not know of yet.',
    cure: 'Nothing to do: the number is left alone until the source tells a new level. To write it all the same, choose Sync now.',
  },
  shop_differs: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The check found {shown} in the shop, where it must show {wanted}. By your rule it was left alone.',
    cure: 'Choose Sync now to write the right number, or let the connection’s checks repair what differs.',
  },
  level_unknown: {
    severity: 'info',
    scope: 'item',
    retryHelps: false,
    cause: 'None of the chosen warehouses has reported a level for this product yet. Unknown is not 0.',
    cure: 'Nothing to do: the first level that comes in is written. Or choose more warehouses for the connection.',
  },
  shop_fails_on_item: {
    severity: 'retry',
    scope: 'item',
    retryHelps: true,
    cause: 'The shop fails whenever it is given this product ({what}); with its neighbours it does not.',
    cure: 'Open the product in the shop and save it once. If that fails too, the shop’s PHP error log names the plugin at fault.',
  },
  write_unproven: {
    severity: 'retry',
    scope: 'item',
    retryHelps: true,
    cause: 'We do not know whether the last write arrived.',
    cure: 'Nothing to do: we read what the shop shows and go on from there.',
  },
  number_unsafe: {
    severity: 'error',
    scope: 'item',
    retryHelps: false,
    cause: 'The level {quantity} is too large for the shop.',
    cure: 'Correct the quantity in the source.',
  },
  mail_unreachable: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The mail server cannot be reached ({what}).',
    cure: 'Check SMTP_URL: host, port, and smtps:// where the server wants encryption from the first byte.',
  },
  mail_login_refused: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The mail server does not accept user and password.',
    cure: 'Check the user and the password in SMTP_URL; special characters are written as %40 and the like.',
  },
  mail_refused: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The mail server does not take the e-mail.',
    cure: 'Check the recipient’s address, and that the server lets MAIL_FROM send.',
  },
  webhook_unreachable: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The webhook’s address cannot be reached ({what}).',
    cure: 'Check the address, and that its certificate is valid.',
  },
  webhook_address_forbidden: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The webhook’s address lies in a private network ({host}), and this service may not call those.',
    cure: 'Use a public address, or start the service with ALLOW_PRIVATE_NETWORK=true.',
  },
  webhook_refused: {
    severity: 'retry',
    scope: 'notice',
    retryHelps: true,
    cause: 'The webhook’s receiver answered with status {status}.',
    cure: 'It must answer with a status from 200 to 299. Its own log says why it did not.',
  },
  unknown_failure: {
    severity: 'error',
    scope: 'item',
    retryHelps: true,
    cause: 'Something unforeseen went wrong ({what}).',
    cure: 'Choose Retry. If it comes back, report it with the request id shown.',
  },
});

export type FailureCode = keyof typeof FAILURES;

export type FailureParams = Readonly<Record<string, string | number>>;

/** What is stored and shown: the code, what fills its words, and the proof (what the shop really said). */
export interface Failure {
  readonly code: FailureCode;
  readonly params: FailureParams;
  /** The shop's own words or figures, shortened and free of secrets; null when there is nothing more to show. */
  readonly proof: string | null;
}

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code);

/** The kind behind a code; a code from a newer or older version fails closed as unknown. */
export const failureKind = (code: string): FailureKind =>
  isFailureCode(code) ? FAILURES[code] : FAILURES.unknown_failure;

export const fillWords = (words: string, params: FailureParams): string =>
  words.replace(/\{(\w+)\}/g, (whole, key: string) => (key in params ? String(params[key]) : whole));

export const failureCause = (failure: Failure): string => fillWords(failureKind(failure.code).cause, failure.params);

export const failureCure = (failure: Failure): string => fillWords(failureKind(failure.code).cure, failure.params);

export const failure = (code: FailureCode, params: FailureParams = {}, proof: string | null = null): Failure => ({
  code,
  params,
  proof,
});

/** A failure on its way up the call stack. */
export class FailureError extends Error {
  override readonly name = 'FailureError';

  constructor(
    readonly failure: Failure,
    readonly facts: {
      /** True when the shop may have carried the call out although we have no answer: read before writing again. */
      readonly writeMayHaveHappened?: boolean;
      /** How long the other side asked us to wait, in ms. */
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(failureCause(failure), { cause: facts.cause });
  }
}

/** Anything thrown becomes a failure of the list; what we do not know is an error that stops its item. */
export const asFailure = (thrown: unknown): Failure =>
  thrown instanceof FailureError
    ? thrown.failure
    : failure('unknown_failure', { what: thrown instanceof Error ? thrown.name : typeof thrown });
