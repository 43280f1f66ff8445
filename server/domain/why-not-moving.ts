import type { Circuit } from './circuit';
import { type Failure, fillWords } from './failure';
import type { Connection } from './ports/connections';
import type { SyncItemView, TimelineRow } from './ports/sync-items';
import { isNegative, sumQuantities } from './quantity';
import { isQuiet, type QuietHours } from './quiet-hours';
import { targetOfItem } from './target-of-item';
import { isChosen } from './warehouse';

/** Everything that may keep a product where it is. */
export interface MovementFacts {
  readonly item: SyncItemView;
  readonly connection: Pick<Connection, 'warehouses' | 'mode' | 'holdErrors' | 'rules' | 'categoryBuffers'>;
  readonly shop: { readonly name: string; readonly circuit: Circuit; readonly quietHours: QuietHours | null };
  readonly source: { readonly name: string; readonly enabled: boolean };
  /** The last line a source sent about it. */
  readonly lastPush: TimelineRow | null;
}

/**
 * - stops: it does not move before something is done or ends.
 * - waits: it goes on by itself.
 * - fine: it is where it must be, or this is how it came there.
 */
export type Weight = 'stops' | 'waits' | 'fine';

/** In words for the owner; the panel says the same in its languages. An empty cure: there is nothing to do. */
export const WHY_WORDS = {
  circuit_open: {
    cause: '{shop} is not called at the moment; everything for it waits.',
    cure: 'Cure what is said of the shop under Connections, then test it or choose Resume.',
  },
  test_mode: {
    cause: 'The connection is in test mode: what is due is compared with the shop, and nothing is written.',
    cure: 'Go live under Connections when the preview looks right.',
  },
  offline: {
    cause: 'The product was taken offline: levels are recorded, nothing is written to the shop.',
    cure: 'Choose Bring online.',
  },
  not_linked: {
    cause: 'It is not known which product in the shop this is.',
    cure: 'Link it by hand, or choose Relink.',
  },
  failed: {
    cause: 'The last attempt failed, and it waits for you.',
    cure: 'Do what is said there, then choose Retry.',
  },
  undecided: {
    cause: 'The number was changed in the shop, and waits for you to say which one is right.',
    cure: 'Choose Sync now to write what {source} says, or Keep the shop’s number.',
  },
  errors_held: {
    cause: 'The connection holds errors: a new level is recorded, but not tried.',
    cure: 'Choose Retry, or let the connection try new levels by itself.',
  },
  never_reported: {
    cause: '{source} has not reported a level of this product yet. Unknown is not 0.',
    cure: 'Change its stock once in the accounting system, or pull the levels.',
  },
  warehouse_not_chosen: {
    cause: 'Its levels come from {warehouses}, and this connection counts {chosen}.',
    cure: 'Choose the warehouse in the connection, or report the level for one that is chosen.',
  },
  source_off: { cause: '{source} is switched off: its pushes are refused.', cure: 'Switch it on under Connections.' },
  push_older: {
    cause: 'The last push said {quantity}, but a newer level was known already.',
    cure: 'See whether the accounting system sends old levels late, or its clock is wrong.',
  },
  quiet_hours: {
    cause: 'These are quiet hours of {shop}, from {from} to {to}; it goes on after them.',
    cure: 'Change the quiet hours of the shop under Connections if it must not wait.',
  },
  tries_again: { cause: 'The last attempt failed in a way that passes. It is tried again at {at}.', cure: '' },
  unproven: { cause: 'It was written, and next the shop is read to prove it.', cure: '' },
  being_written: { cause: 'The number is on its way to the shop right now.', cure: '' },
  in_line: { cause: 'It is its turn soon; usually that takes seconds.', cure: '' },
  held_by_undo: {
    cause: 'An undo gave back {target}; that stays until {source} says something new.',
    cure: 'Choose Sync now after the next level came in, or change the stock in the accounting system.',
  },
  held_by_edit: {
    cause: 'Somebody set {target} in the shop; by your rule that stays until {source} says something new.',
    cure: 'Choose Sync now to write what {source} says.',
  },
  rules_change: {
    cause: '{source} has {sum}, and by your rules the shop must show {target}.',
    cure: 'If that is not what you want, change the buffer, the pieces or the rounding.',
  },
  sold: {
    cause: '{before}, less {sold} sold in the shop that {source} does not know of yet (orders {orders}): {target}.',
    cure: 'Nothing to do. If {source} has these sales in its number already, say so under Web orders.',
  },
  in_step: { cause: 'The shop shows {target}, which is what it must show.', cure: '' },
  last_told: {
    cause: 'The last push about it said {quantity}.',
    cure: 'If the accounting system shows another number, have it send this product again.',
  },
} as const satisfies Readonly<Record<string, { readonly cause: string; readonly cure: string }>>;

export type FindingCode = keyof typeof WHY_WORDS;

export interface Finding {
  readonly code: FindingCode;
  readonly weight: Weight;
  readonly params: Readonly<Record<string, string>>;
  /** Says more than the finding's own words where there is one. */
  readonly failure: Failure | null;
  /** When what is meant happened, or will; null where it has no time. */
  readonly at: number | null;
}

const finding = (
  code: FindingCode,
  weight: Weight,
  params: Finding['params'] = {},
  more: Partial<Pick<Finding, 'failure' | 'at'>> = {},
): Finding => ({ code, weight, params, failure: null, at: null, ...more });

export const findingWords = ({ code, params, at }: Finding): { readonly cause: string; readonly cure: string } => {
  const said = at === null ? params : { ...params, at: new Date(at).toISOString() };
  return { cause: fillWords(WHY_WORDS[code].cause, said), cure: fillWords(WHY_WORDS[code].cure, said) };
};

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const MOST_ORDERS_NAMED = 5;

const WAITING = ['due', 'writing', 'retrying', 'unverified'];

/** Why the number in the shop does not move: what stops it first, then what it waits for, then how it came about. */
export function whyNotMoving(facts: MovementFacts, now: number): readonly Finding[] {
  const found = [...stops(facts), ...waits(facts, now), ...explains(facts)];
  return found.length === 0 ? [finding('in_line', 'waits')] : found;
}

const isUndecided = ({ status, failure }: SyncItemView): boolean =>
  status === 'failed' && failure?.code === 'shop_differs';

function* stops({ item, connection, shop, source, lastPush }: MovementFacts): Generator<Finding> {
  const { circuit } = shop;
  if (circuit.state === 'open') {
    yield finding('circuit_open', 'stops', { shop: shop.name }, { failure: circuit.failure, at: circuit.openedAt });
  }
  if (connection.mode === 'test') yield finding('test_mode', 'stops');
  if (item.status === 'offline') yield finding('offline', 'stops');
  if (item.levels.length === 0) yield finding('never_reported', 'stops', { source: source.name });
  else if (!item.levels.some(({ warehouse }) => isChosen(connection.warehouses, warehouse))) {
    yield finding('warehouse_not_chosen', 'stops', {
      warehouses: item.levels.map(({ warehouse }) => `“${warehouse}”`).join(', '),
      chosen: connection.warehouses === '*' ? '*' : connection.warehouses.map((name) => `“${name}”`).join(', '),
    });
  }
  const { failure } = item;
  if (item.status === 'unmatched' || item.status === 'ambiguous') yield finding('not_linked', 'stops', {}, { failure });
  else if (isUndecided(item)) yield finding('undecided', 'waits', { source: source.name }, { failure });
  else if (item.status === 'failed') yield finding('failed', 'stops', {}, { failure });
  if (connection.holdErrors && !isUndecided(item) && ['failed', 'unmatched', 'ambiguous'].includes(item.status)) {
    yield finding('errors_held', 'stops');
  }
  if (!source.enabled) yield finding('source_off', 'stops', { source: source.name });
  if (lastPush?.outcome === 'superseded') {
    yield finding('push_older', 'stops', { quantity: lastPush.after ?? '–' }, { at: lastPush.at });
  }
}

function* waits({ item, connection, shop }: MovementFacts, now: number): Generator<Finding> {
  const { quietHours } = shop;
  if (quietHours && WAITING.includes(item.status) && isQuiet(quietHours, now)) {
    yield finding('quiet_hours', 'waits', {
      shop: shop.name,
      from: clock(quietHours.fromMinute),
      to: clock(quietHours.toMinute),
    });
  }
  if (item.status === 'writing') yield finding('being_written', 'waits');
  if (item.status === 'unverified') yield finding('unproven', 'waits', {}, { failure: item.failure });
  if (item.status === 'retrying') {
    yield finding('tries_again', 'waits', {}, { failure: item.failure, at: item.dueAt ?? now });
  }
  const canGo = connection.mode === 'live' && shop.circuit.state === 'closed';
  if (item.status === 'due' && item.dueAt !== null && canGo) yield finding('in_line', 'waits');
}

function* explains({ item, connection, source, lastPush }: MovementFacts): Generator<Finding> {
  const target = targetOfItem(item, connection);
  if (target !== null) {
    const { steps } = target;
    const sold = steps.findIndex(({ kind }) => kind === 'orders');
    // What it would be without the orders.
    const before = steps.slice(0, sold === -1 ? steps.length : sold).at(-1)?.value ?? target.exact;
    const numbers = { sum: target.exact, target: before, source: source.name };
    const held = item.facts.held?.why;
    if (held === 'undo') yield finding('held_by_undo', 'fine', numbers);
    else if (held === 'edited') yield finding('held_by_edit', 'fine', numbers);
    else if (before !== target.exact || (sold === -1 && isNegative(target.exact))) {
      yield finding('rules_change', 'fine', numbers);
    }
    if (sold !== -1) {
      const { unseen } = item.facts;
      const named = unseen.slice(0, MOST_ORDERS_NAMED).map(({ order }) => `#${order}`);
      yield finding('sold', 'fine', {
        before,
        sold: sumQuantities(unseen.map(({ quantity }) => quantity)),
        source: source.name,
        orders: [...named, ...(unseen.length > named.length ? ['…'] : [])].join(', '),
        target: target.target,
      });
    }
    if (item.status === 'synced' && item.shown === target.target) {
      yield finding('in_step', 'fine', { target: target.target }, { at: item.lastSyncedAt });
    }
  }
  if (lastPush && lastPush.outcome === 'accepted') {
    yield finding('last_told', 'fine', { quantity: lastPush.after ?? '–' }, { at: lastPush.at });
  }
}
