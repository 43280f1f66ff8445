import { fillWords } from './failure';
import type { TimelineRow } from './ports/sync-items';

/** English for each step and outcome of a timeline; a panel says the same in its languages by the same keys. */
export const TIMELINE_WORDS: Readonly<Record<string, string>> = {
  'push.accepted': '{source} reported this level.',
  'push.superseded': '{source} reported this level, but a newer one was already known.',
  'push.not_chosen': '{source} reported this level for the warehouse “{warehouse}”, which does not feed the shop.',
  'order.sold': 'Sold in the shop: order #{order}, −{quantity}.',
  'order.gone': 'Order #{order} came to nothing: it holds none of the stock.',
  'match.one': 'Found in the shop by its {by}: “{name}” (SKU {sku}).',
  'match.many': 'Several products in the shop fit.',
  'match.none': 'No product in the shop fits.',
  'match.taken': 'The product in the shop belongs to another product of the source.',
  'look.same': 'The shop already showed this number; nothing was written.',
  'look.contradicted': 'The remembered product is no longer this one; we look for it anew.',
  'look.gone': 'The remembered product is gone from the shop.',
  'look.not_writable': 'The shop would ignore the number.',
  'look.dry_run': 'Test mode: compared, not written.',
  'look.edited': 'Changed in the shop by a person or another program; it is set right.',
  'look.edited_kept':
    'Changed in the shop by a person or another program. By your rule it stays until the source says something new.',
  'look.edited_asked':
    'Changed in the shop by a person or another program. By your rule you decide which number is right.',
  'look.edited_same': 'Changed in the shop by a person or another program, to just what the source says.',
  'look.kept': 'The number that was set in the shop stays; nothing was written.',
  'look.left_alone': 'The shop still shows the number that was set there; nothing was written.',
  'look.unexplained': 'The shop’s number has changed, and no order explains it yet; it is looked at again in a moment.',
  'look.written_over':
    'A web order fell into the very moment of our last write, and its pieces were in stock again; that is repaired.',
  'look.orders_moving': 'Orders for this product keep coming; it is come back to in a moment.',
  'write.written': 'Written; the shop’s answer shows it.',
  'write.conflict':
    'The shop’s number had changed since we looked; nothing was overwritten, and the shop was read again.',
  'write.ignored': 'The shop answered “done” but kept its own number.',
  'write.switched_on': 'Stock management was off; it was switched on together with the number.',
  'write.refused': 'The shop refused the write.',
  'write.failed_alone': 'The shop fails on this product alone.',
  'write.unknown': 'We do not know whether the write arrived; the shop is read before the next one.',
  'verify.equal': 'Read again: the shop shows the number.',
  'verify.other': 'Read again: the shop shows another number.',
  'change.retry': 'Asked to try again.',
  'change.relink': 'The link was forgotten and is looked for anew.',
  'change.online': 'Set online.',
  'change.offline': 'Set offline.',
  'change.sync-now': 'Asked to sync now.',
  'change.keep': 'Asked to keep the shop’s number.',
  'change.rules': 'What is kept back of this product, or its pieces, was changed.',
  'change.undo': 'The last act by hand was undone.',
  'change.link': 'Linked by hand to “{name}”.',
};

export const timelineWords = (step: string, outcome: string, row: Pick<TimelineRow, 'params'>): string =>
  fillWords(TIMELINE_WORDS[`${step}.${outcome}`] ?? `${step}: ${outcome}`, row.params);
