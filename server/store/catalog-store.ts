import type { CatalogEntries, CatalogSearch, CatalogStore, CatalogWalks } from '../domain/ports/catalog';
import { TypeormCatalogEntries } from './catalog-entries';
import { TypeormCatalogSearch } from './catalog-search';
import { TypeormCatalogWalks } from './catalog-walks';
import type { TypeormUnitOfWork } from './unit-of-work';

/** One face for all that is asked of the mirror; each question is answered by a part of its own. */
export class TypeormCatalogStore implements CatalogStore {
  private readonly walks: TypeormCatalogWalks;
  private readonly entries: TypeormCatalogEntries;
  private readonly finding: TypeormCatalogSearch;

  constructor(unit: TypeormUnitOfWork) {
    this.entries = new TypeormCatalogEntries(unit);
    this.walks = new TypeormCatalogWalks(unit, this.entries);
    this.finding = new TypeormCatalogSearch(unit);
  }

  readonly state: CatalogWalks['state'] = (...asked) => this.walks.state(...asked);
  readonly count: CatalogWalks['count'] = (...asked) => this.walks.count(...asked);
  readonly request: CatalogWalks['request'] = (...asked) => this.walks.request(...asked);
  readonly beginWalk: CatalogWalks['beginWalk'] = (...asked) => this.walks.beginWalk(...asked);
  readonly keepPage: CatalogWalks['keepPage'] = (...asked) => this.walks.keepPage(...asked);
  readonly endWalk: CatalogWalks['endWalk'] = (...asked) => this.walks.endWalk(...asked);
  readonly postpone: CatalogWalks['postpone'] = (...asked) => this.walks.postpone(...asked);

  readonly keepChanged: CatalogEntries['keepChanged'] = (...asked) => this.entries.keepChanged(...asked);
  readonly keepDeleted: CatalogEntries['keepDeleted'] = (...asked) => this.entries.keepDeleted(...asked);
  readonly keepSeen: CatalogEntries['keepSeen'] = (...asked) => this.entries.keepSeen(...asked);

  readonly findByCodes: CatalogSearch['findByCodes'] = (...asked) => this.finding.findByCodes(...asked);
  readonly findByBarcodes: CatalogSearch['findByBarcodes'] = (...asked) => this.finding.findByBarcodes(...asked);
  readonly findByNames: CatalogSearch['findByNames'] = (...asked) => this.finding.findByNames(...asked);
  readonly findByWords: CatalogSearch['findByWords'] = (...asked) => this.finding.findByWords(...asked);
  readonly find: CatalogSearch['find'] = (...asked) => this.finding.find(...asked);
  readonly search: CatalogSearch['search'] = (...asked) => this.finding.search(...asked);
  readonly categories: CatalogSearch['categories'] = (...asked) => this.finding.categories(...asked);
  readonly countUnmanaged: CatalogSearch['countUnmanaged'] = (...asked) => this.finding.countUnmanaged(...asked);
}
