import { kindsOf } from './failure-kind';

/** What a source that is asked, or its flows, can fail by. */
export const sourceFailures = kindsOf('source', {
  source_unreachable: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The accounting system cannot be reached: {reason}.',
    cure: 'Nothing to do: we try again. Pushes work all the same.',
  },
  source_login_refused: {
    severity: 'error',
    retryHelps: false,
    cause: 'The accounting system refuses the login.',
    cure: 'Enter user and key of the source again, then start the run anew.',
  },
  source_rate_limited: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The accounting system asks us to wait ({seconds} seconds).',
    cure: 'Nothing to do: the run goes on by itself. See whether another program uses the same account.',
  },
  source_refused: {
    severity: 'error',
    retryHelps: false,
    cause: 'The accounting system refuses (“{said}”).',
    cure: 'Correct what it names in the source’s settings or in the accounting system, then start the run anew.',
  },
  source_answer_unexpected: {
    severity: 'error',
    retryHelps: true,
    cause: 'The accounting system gave an answer we do not understand ({what}).',
    cure: 'Start the run anew. If it stays, the vendor has changed its protocol. Pushes work all the same.',
  },
  source_list_empty: {
    severity: 'error',
    retryHelps: true,
    cause:
      'The accounting system listed no product at all. Nothing was changed: a missing product is not one with level 0.',
    cure: 'Check that the chosen warehouses exist there and hold products.',
  },
  source_not_readable: {
    severity: 'error',
    retryHelps: false,
    cause: 'The levels of this source cannot be read: it has no address to read them from.',
    cure: 'Enter where its list of levels is to be read in the source’s settings, or have it push the levels themselves.',
  },
  source_list_cut: {
    severity: 'error',
    retryHelps: true,
    cause:
      'The accounting system listed {listed} of the {known} products it has told of so far. Nothing was changed: the list looks cut off.',
    cure: 'Look at the list in the accounting system, and at the chosen warehouses. If it is right, let the run go on; what is missing keeps its level.',
  },
  source_silent: {
    severity: 'error',
    retryHelps: false,
    cause: '“{source}” has said nothing for {hours} hours; so far it was never quiet for more than about {usual}.',
    cure: 'Press its test button in the accounting system. If nothing arrives, copy address and token there again.',
  },
  orders_unseen: {
    severity: 'error',
    retryHelps: false,
    cause: 'Order {order} was placed {hours} hours ago, and {source} does not know of it yet ({orders} orders in all).',
    cure: 'Enter the orders there or invoice them, so that its levels fall. What it knows of already, mark as known in the list.',
  },
  flow_late: {
    severity: 'error',
    retryHelps: false,
    cause: 'The flow “{flow}” of {source} should have started at {due}; it started {late} minutes late.',
    cure: 'Nothing to do for this once. The service was not running then: have it started together with its machine.',
  },
  flow_refused: {
    severity: 'error',
    retryHelps: false,
    cause: 'The flow “{flow}” of {source} could not start at {due} (“{said}”).',
    cure: 'Open the runs: one is still under way, or has paused and asks you something.',
  },
  mass_zero: {
    severity: 'error',
    retryHelps: false,
    cause: '{zeros} of {inStock} products in stock would go to 0 at once. Nothing was changed yet.',
    cure: 'Look at the list in the accounting system. If it is right, let the run go on; if not, cancel it.',
  },
});
