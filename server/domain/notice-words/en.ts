import { PROBLEM_WORDS } from '../problem';
import type { NoticeWords } from './notice-words';

export const en: NoticeWords = {
  kinds: {
    circuit_open: {
      title: '{shop}: the shop is not called any more',
      cause: 'The shop is out of reach or refuses our calls, so nothing is written to it; what comes in waits.',
      cure: 'We try again by ourselves. If it stays, the connection’s page shows what the shop answered.',
      place: 'To the connections',
    },
    mass_zero: {
      title: '{shop}: products are held back from going to 0',
      cause: 'The source set very many products to 0 at once; these are held back until you have looked.',
      cure: 'If it is right, choose Retry for these products. If not, correct the source.',
      place: 'To these products',
    },
    run_paused: {
      title: '{source} → {shop}: a run has stopped and asks you',
      cause: 'The run would change very much at once, so it stopped before anything was stored.',
      cure: 'Look at its lines, then let it go on or cancel it.',
      place: 'To the run',
    },
    run_failed: {
      title: '{source} → {shop}: a run has failed',
      cause: 'The run ended without bringing anything about, and none of its kind has succeeded since.',
      cure: 'Look at its log, cure the cause and start it anew.',
      place: 'To the run',
    },
    source_silent: {
      title: '{source} has fallen silent',
      cause: 'The source has been quiet for longer than it ever was, so levels in the shop may be old.',
      cure: 'Check that it runs and still calls us; a test call from it shows at once whether it arrives.',
      place: 'To the source',
    },
    levels_unread: {
      title: '{source}: its levels cannot be read',
      cause: 'Calls named products without their stock, and the source’s API does not let us read it.',
      cure: 'Test the source; the answer names what is wrong.',
      place: 'To the source',
    },
    flow_missed: {
      title: '{source} → {shop}: a flow started late, or not at all',
      cause: 'At its planned time the service was not running, or another run was still under way.',
      cure: 'Nothing to do if the next one comes in time; otherwise look at the runs.',
      place: 'To the runs',
    },
    products_unmatched: {
      title: '{source} → {shop}: products without a match',
      cause: 'Products that match nothing in the shop, or several things: {n}. Their stock is not written.',
      cure: 'Choose the right product at the match desk; suggestions are waiting there.',
      place: 'To the match desk',
    },
    products_failed: {
      title: '{source} → {shop}: {problem}',
      cause: 'Products that are not written because of it: {n}.',
      cure: 'Open the list: it names the cause, and what cures it.',
      place: 'To these products',
    },
    orders_unseen: {
      title: '{source} → {shop}: web orders the source does not know of',
      cause:
        'Order {order} was placed {hours} hours ago, and the source still does not know of it (such orders in all: {orders}). What they took stays taken off.',
      cure: 'Enter the orders there or invoice them. What it knows of already, mark as known in the list.',
      place: 'To these orders',
    },
  },
  problems: PROBLEM_WORDS,
  otherProblem: 'products in error',
  mail: {
    over: 'Over: {title}',
    overWhy: 'It was over at {time}.',
    several: 'Notices: {n}',
    cure: 'What to do:',
    said: 'The answer was:',
    since: 'Since {time}',
    why: 'You get this e-mail because you chose to be told by Stock Relay.',
    settings: 'Choose what you hear, and when',
    testSubject: 'A test from Stock Relay',
    testText: 'This is the test you asked for. E-mails from Stock Relay reach you.',
  },
};
