import type {
  SyncItemClaims,
  SyncItemEdits,
  SyncItemLinks,
  SyncItemMarks,
  SyncItemSteps,
  SyncItemStore,
  SyncItemSweep,
  SyncItemViews,
} from '../domain/ports/sync-items';
import { TypeormActivityStore } from './activity-store';
import { TypeormSyncItemClaims } from './sync-item-claims';
import { TypeormSyncItemEdits } from './sync-item-edits';
import { TypeormSyncItemLinks } from './sync-item-links';
import { TypeormSyncItemMarks } from './sync-item-marks';
import { TypeormSyncItemSteps } from './sync-item-steps';
import { TypeormSyncItemSweep } from './sync-item-sweep';
import { TypeormSyncItemViews } from './sync-item-views';
import type { TypeormUnitOfWork } from './unit-of-work';

/** One face for all that is asked of items; each question is answered by a part of its own. */
export class TypeormSyncItemStore implements SyncItemStore {
  private readonly sweep: TypeormSyncItemSweep;
  private readonly claims: TypeormSyncItemClaims;
  private readonly marks: TypeormSyncItemMarks;
  private readonly edits: TypeormSyncItemEdits;
  private readonly links: TypeormSyncItemLinks;
  private readonly steps: TypeormSyncItemSteps;
  private readonly itemViews: TypeormSyncItemViews;

  constructor(unit: TypeormUnitOfWork) {
    const marks = new TypeormSyncItemMarks(unit);
    const edits = new TypeormSyncItemEdits(unit);
    const links = new TypeormSyncItemLinks(unit);
    const steps = new TypeormSyncItemSteps(unit);
    this.sweep = new TypeormSyncItemSweep(unit);
    this.claims = new TypeormSyncItemClaims(unit, links, marks, edits, steps, new TypeormActivityStore(unit));
    this.marks = marks;
    this.edits = edits;
    this.links = links;
    this.steps = steps;
    this.itemViews = new TypeormSyncItemViews(unit);
  }

  readonly shopsWithDueItems: SyncItemSweep['shopsWithDueItems'] = (...asked) => this.sweep.shopsWithDueItems(...asked);

  readonly claim: SyncItemClaims['claim'] = (...asked) => this.claims.claim(...asked);
  readonly settle: SyncItemClaims['settle'] = (...asked) => this.claims.settle(...asked);
  readonly doubtUntil: SyncItemClaims['doubtUntil'] = (...asked) => this.claims.doubtUntil(...asked);
  readonly releaseAbandoned: SyncItemClaims['releaseAbandoned'] = (...asked) => this.claims.releaseAbandoned(...asked);

  readonly markDue: SyncItemMarks['markDue'] = (...asked) => this.marks.markDue(...asked);
  readonly markAllDue: SyncItemMarks['markAllDue'] = (...asked) => this.marks.markAllDue(...asked);
  readonly makeDue: SyncItemMarks['makeDue'] = (...asked) => this.marks.makeDue(...asked);
  readonly setOffline: SyncItemMarks['setOffline'] = (...asked) => this.marks.setOffline(...asked);
  readonly setOnline: SyncItemMarks['setOnline'] = (...asked) => this.marks.setOnline(...asked);
  readonly lookAnew: SyncItemMarks['lookAnew'] = (...asked) => this.marks.lookAnew(...asked);
  readonly distrustLinks: SyncItemMarks['distrustLinks'] = (...asked) => this.marks.distrustLinks(...asked);
  readonly awaken: SyncItemMarks['awaken'] = (...asked) => this.marks.awaken(...asked);
  readonly awakenAll: SyncItemMarks['awakenAll'] = (...asked) => this.marks.awakenAll(...asked);
  readonly holdBack: SyncItemMarks['holdBack'] = (...asked) => this.marks.holdBack(...asked);
  readonly noteProven: SyncItemMarks['noteProven'] = (...asked) => this.marks.noteProven(...asked);
  readonly backInStep: SyncItemMarks['backInStep'] = (...asked) => this.marks.backInStep(...asked);
  readonly leaveAsShown: SyncItemMarks['leaveAsShown'] = (...asked) => this.marks.leaveAsShown(...asked);
  readonly noteZeroed: SyncItemMarks['noteZeroed'] = (...asked) => this.marks.noteZeroed(...asked);
  readonly setRules: SyncItemMarks['setRules'] = (...asked) => this.marks.setRules(...asked);

  readonly hold: SyncItemEdits['hold'] = (...asked) => this.edits.hold(...asked);
  readonly keepEdits: SyncItemEdits['keepEdits'] = (...asked) => this.edits.keepEdits(...asked);
  readonly notLeftAlone: SyncItemEdits['notLeftAlone'] = (...asked) => this.edits.notLeftAlone(...asked);
  readonly letGoOfEdits: SyncItemEdits['letGoOfEdits'] = (...asked) => this.edits.letGoOfEdits(...asked);

  readonly linkedTo: SyncItemLinks['linkedTo'] = (...asked) => this.links.linkedTo(...asked);
  readonly referredTo: SyncItemLinks['referredTo'] = (...asked) => this.links.referredTo(...asked);
  readonly setLink: SyncItemLinks['setLink'] = (...asked) => this.links.setLink(...asked);
  readonly setLinks: SyncItemLinks['setLinks'] = (...asked) => this.links.setLinks(...asked);
  readonly forgetLinks: SyncItemLinks['forgetLinks'] = (...asked) => this.links.forgetLinks(...asked);
  readonly linksOf: SyncItemLinks['linksOf'] = (...asked) => this.links.linksOf(...asked);

  readonly timeline: SyncItemSteps['timeline'] = (...asked) => this.steps.timeline(...asked);
  readonly lastPush: SyncItemSteps['lastPush'] = (...asked) => this.steps.lastPush(...asked);
  readonly stockPoints: SyncItemSteps['stockPoints'] = (...asked) => this.steps.stockPoints(...asked);
  readonly recordSteps: SyncItemSteps['recordSteps'] = (...asked) => this.steps.recordSteps(...asked);
  readonly removeStepsBefore: SyncItemSteps['removeStepsBefore'] = (...asked) => this.steps.removeStepsBefore(...asked);

  readonly list: SyncItemViews['list'] = (...asked) => this.itemViews.list(...asked);
  readonly window: SyncItemViews['window'] = (...asked) => this.itemViews.window(...asked);
  readonly withStatus: SyncItemViews['withStatus'] = (...asked) => this.itemViews.withStatus(...asked);
  readonly counts: SyncItemViews['counts'] = (...asked) => this.itemViews.counts(...asked);
  readonly states: SyncItemViews['states'] = (...asked) => this.itemViews.states(...asked);
  readonly find: SyncItemViews['find'] = (...asked) => this.itemViews.find(...asked);
  readonly views: SyncItemViews['views'] = (...asked) => this.itemViews.views(...asked);
  readonly ofProducts: SyncItemViews['ofProducts'] = (...asked) => this.itemViews.ofProducts(...asked);
  readonly hasToRetry: SyncItemViews['hasToRetry'] = (...asked) => this.itemViews.hasToRetry(...asked);
  readonly shopsWithFailure: SyncItemViews['shopsWithFailure'] = (...asked) =>
    this.itemViews.shopsWithFailure(...asked);
  readonly countInStock: SyncItemViews['countInStock'] = (...asked) => this.itemViews.countInStock(...asked);
  readonly countZeroedSince: SyncItemViews['countZeroedSince'] = (...asked) =>
    this.itemViews.countZeroedSince(...asked);
  readonly select: SyncItemViews['select'] = (...asked) => this.itemViews.select(...asked);
}
