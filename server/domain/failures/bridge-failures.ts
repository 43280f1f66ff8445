import { kindsOf } from './failure-kind';

/** What the plugin in the shop can fail by; everything goes on without it. */
export const bridgeFailures = kindsOf('bridge', {
  bridge_missing: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The Stock Relay plugin does not answer in the shop ({what}).',
    cure: 'Nothing is held up: we write by WooCommerce’s own REST API. Activate the plugin in the shop to go fast again.',
  },
  bridge_unpaired: {
    severity: 'error',
    retryHelps: false,
    cause: 'The plugin in the shop no longer knows this pairing.',
    cure: 'Pair it again: make a code here and enter it under WooCommerce → Stock Relay. Until then we write by REST.',
  },
  bridge_clock: {
    severity: 'error',
    retryHelps: true,
    cause: 'The plugin refuses our calls because the clocks differ by {seconds} seconds.',
    cure: 'Set the clock of this server and of the shop by network time. Until then we write by REST.',
  },
  bridge_signature: {
    severity: 'error',
    retryHelps: false,
    cause: 'The plugin does not accept our signature ({what}).',
    cure: 'Pair it again. If it comes back, something on the way changes what we send. Until then we write by REST.',
  },
  bridge_capability: {
    severity: 'error',
    retryHelps: true,
    cause: 'The WordPress user who paired the plugin may no longer edit products.',
    cure: 'Make that user a shop manager again, or have another one pair the plugin. Until then we write by REST.',
  },
  bridge_old: {
    severity: 'error',
    retryHelps: false,
    cause: 'The plugin in the shop ({version}) and this service do not understand each other.',
    cure: 'Download the plugin here and update it in the shop. Until then we write by REST.',
  },
  bridge_insecure: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop is reached by http, and over that its plugin takes no secret.',
    cure: 'Enter the shop’s https address here, then pair the plugin again.',
  },
});
