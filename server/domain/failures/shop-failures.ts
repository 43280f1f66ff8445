import { kindsOf } from './failure-kind';

/** What the shop as a whole can fail by. */
export const shopFailures = kindsOf('shop', {
  shop_unreachable: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop cannot be reached: {reason}.',
    cure: 'Check that the shop opens in a browser at {host}. We keep trying and continue by ourselves.',
  },
  shop_timeout: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop did not answer within {seconds} seconds.',
    cure: 'If it happens often, ask the host why the shop is slow. We read the shop again before writing anything twice.',
  },
  shop_answer_lost: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The connection broke before the shop had answered ({reason}).',
    cure: 'Nothing to do: we look at what the shop shows before writing again.',
  },
  shop_tls_invalid: {
    severity: 'error',
    retryHelps: true,
    cause: 'The shop’s certificate is not valid: {reason}.',
    cure: 'Have the certificate renewed, or switch certificate checking off for this shop if you know why it fails.',
  },
  shop_redirects: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop sends us to another address: {location}. Keys are never sent along a redirect.',
    cure: 'Enter the address the shop redirects to as the shop’s address.',
  },
  shop_address_forbidden: {
    severity: 'error',
    retryHelps: false,
    cause: 'The address {host} lies in a private network, and this service may not call those.',
    cure: 'Use the shop’s public address, or start the service with ALLOW_PRIVATE_NETWORK=true.',
  },
  shop_not_json: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop answered with a page instead of data ({what}).',
    cure: 'If it stays: a security plugin or the host’s firewall is in the way; allow the address /wp-json/wc/v3/ there.',
  },
  shop_rest_missing: {
    severity: 'error',
    retryHelps: true,
    cause: 'The shop has no WooCommerce REST route where we looked ({what}).',
    cure: 'Check that WooCommerce is active, save Settings → Permalinks once, then test the connection.',
  },
  shop_server_error: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop failed with status {status}.',
    cure: 'We try again. If it stays, the shop’s PHP error log names the plugin at fault.',
  },
  shop_maintenance: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop is in maintenance.',
    cure: 'Nothing to do: we continue when it is back. If it stays, delete the file .maintenance on the shop’s server.',
  },
  shop_rate_limited: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop’s host asks us to slow down.',
    cure: 'Nothing to do: we wait as long as it asks. To go faster, have the host allow this service.',
  },
  shop_blocked: {
    severity: 'error',
    retryHelps: true,
    cause: 'A firewall in front of the shop refuses our calls ({what}).',
    cure: 'Allow this service’s address and the path /wp-json/wc/v3/ in the firewall or security plugin.',
  },
  keys_rejected: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop does not accept the keys ({what}).',
    cure: 'Create a new key under WooCommerce → Settings → Advanced → REST API with read/write rights and enter it.',
  },
  keys_header_stripped: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop’s server drops the header that carries the keys.',
    cure: 'Have the host pass the Authorization header on (Apache: CGIPassAuth On), or allow keys in the address.',
  },
  keys_read_only: {
    severity: 'error',
    retryHelps: false,
    cause: 'The keys may read but not write.',
    cure: 'In WooCommerce → Settings → Advanced → REST API set the key’s permissions to read/write.',
  },
  keys_forbidden: {
    severity: 'error',
    retryHelps: false,
    cause: 'The user who owns the keys may not edit products.',
    cure: 'Create the key for an administrator or shop manager.',
  },
  keys_clock: {
    severity: 'error',
    retryHelps: true,
    cause: 'The shop refuses our signature because the clocks differ.',
    cure: 'Set the clock of this server and of the shop by network time.',
  },
  shop_answer_unexpected: {
    severity: 'error',
    retryHelps: true,
    cause: 'The shop’s answer is not the one WooCommerce gives ({what}).',
    cure: 'Another plugin changes the answers of the REST API; switch plugins off one by one to find it.',
  },
  shop_batch_too_large: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop takes fewer products in one call than we sent.',
    cure: 'Nothing to do: nothing was written, and we go on with smaller calls.',
  },
  secret_unreadable: {
    severity: 'error',
    retryHelps: false,
    cause: 'The stored keys cannot be decrypted: the service runs with another APP_KEY than they were saved with.',
    cure: 'Start the service with the former APP_KEY, or enter the keys again.',
  },
});
