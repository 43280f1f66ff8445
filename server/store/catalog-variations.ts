import { sameCode } from '../domain/matching';
import type { CatalogProduct } from '../domain/ports/shop-catalogue';
import { cut, type EntryRow, hasOtherCategories } from './catalog-rows';

export interface Parent {
  readonly name: string;
  readonly sku: string;
}

const SEPARATED = /^ [-–—|] /;

/** What a name says beyond its parent's; null where it does not begin with that. */
export function ownPart(name: string, parentName: string): string | null {
  if (parentName === '' || !name.startsWith(parentName)) return null;
  const rest = name.slice(parentName.length);
  if (rest === '') return '';
  return SEPARATED.test(rest) ? rest.replace(SEPARATED, '') : null;
}

/** A variation is called by its parent's name and its own; a SKU it only inherits is not its own. */
export const underParent = (variation: CatalogProduct, parent: Parent): CatalogProduct => {
  const { name, sku } = variation;
  const whole = name === '' ? parent.name : `${parent.name} - ${name}`;
  return {
    ...variation,
    name: cut(ownPart(name, parent.name) === null ? whole : name, 500),
    sku: sameCode(sku, parent.sku) ? '' : sku,
  };
};

/** A parent as it was known, and as it is. */
export interface Family {
  readonly before: EntryRow | null;
  readonly now: CatalogProduct;
}

export const mayHaveVariations = ({ ref, type }: CatalogProduct): boolean =>
  ref.variationId === null && (type === 'variable' || type === 'other');
export const isOtherParent = (before: EntryRow, now: CatalogProduct): boolean =>
  before.name !== now.name || !sameCode(before.sku, now.sku) || hasOtherCategories(before, now);
