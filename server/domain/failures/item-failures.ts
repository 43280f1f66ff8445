import { kindsOf } from './failure-kind';

/** What one item can fail by; its neighbours go on. */
export const itemFailures = kindsOf('item', {
  product_unmatched: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop has no product with {tried}.',
    cure: 'Create the product in the shop, or give an existing one this code as its SKU; then choose Retry. Or set it offline.',
  },
  mapping_unmatched: {
    severity: 'error',
    retryHelps: false,
    cause: 'The mapping says that “{reference}” is SKU “{sku}”, and the shop has no product with that SKU.',
    cure: 'Correct the line in the connection’s mapping, or give the product this SKU in the shop; then choose Retry.',
  },
  product_ambiguous: {
    severity: 'error',
    retryHelps: false,
    cause: '{count} products in the shop fit: {candidates}. We never guess.',
    cure: 'Make them different (SKU or name) in the shop and choose Retry, or link the right one by hand.',
  },
  name_unprovable: {
    severity: 'error',
    retryHelps: false,
    cause: 'The shop lists too many products like “{name}” ({count}) to prove that only one has this name.',
    cure: 'Give the product a code that is also its SKU in the shop, or link it by hand.',
  },
  product_taken: {
    severity: 'error',
    retryHelps: false,
    cause: 'Product {productId} in the shop already gets its stock from “{other}” of the same source.',
    cure: 'Two products of the source point at one in the shop: correct the code of one of them, then choose Relink.',
  },
  product_gone: {
    severity: 'error',
    retryHelps: false,
    cause: 'Product {productId} no longer exists in the shop.',
    cure: 'Create it again with the same SKU and choose Retry, or set it offline.',
  },
  product_trashed: {
    severity: 'error',
    retryHelps: false,
    cause: 'Product {productId} is in the shop’s trash.',
    cure: 'Restore it from the trash, or empty the trash if another product took its place; then choose Retry.',
  },
  product_without_stock: {
    severity: 'error',
    retryHelps: false,
    cause: 'Product {productId} is of the type “{type}”, which holds no stock of its own.',
    cure: 'Give the code to a simple product or to a variation.',
  },
  stock_not_managed: {
    severity: 'error',
    retryHelps: false,
    cause: 'Stock management is off for product {productId}, so WooCommerce ignores the number.',
    cure: 'Open the product in WooCommerce → Inventory, tick “Stock management”, save; then choose Retry.',
  },
  stock_managed_by_parent: {
    severity: 'error',
    retryHelps: false,
    cause: 'The stock of variation {variationId} is kept by its parent {productId}, so WooCommerce ignores the number.',
    cure: 'Tick “Manage stock” on the variation itself, or give the parent’s SKU to the product in the source.',
  },
  shop_shows_other: {
    severity: 'retry',
    retryHelps: true,
    cause: 'We wrote {wanted}, but the shop shows {shown}.',
    cure: 'Something in the shop changed it: an order, a person, or a plugin. We try again; if it stays, look at the timeline.',
  },
  shop_refused_item: {
    severity: 'error',
    retryHelps: true,
    cause: 'The shop refused this product: {message} ({code}).',
    cure: 'Open the product in the shop and save it once; WooCommerce then shows what is wrong with it.',
  },
  mass_zero_held: {
    severity: 'error',
    retryHelps: false,
    cause:
      'The source set very many products to 0 at once, this one among them. It is held back until you have looked.',
    cure: 'If it is right, choose Retry for these products. If not, correct the source: the next level counts.',
  },
  shop_sold: {
    severity: 'info',
    retryHelps: false,
    cause:
      'The shop shows {shown}, the source says {wanted}: web orders ({orders}) took {quantity} that the source does not know of yet.',
    cure: 'Nothing to do: the number is left alone until the source tells a new level. To write it all the same, choose Sync now.',
  },
  shop_differs: {
    severity: 'error',
    retryHelps: false,
    cause:
      'The shop shows {shown}, where it must show {wanted}: a person or another program changed it there. By your rule it was left alone.',
    cure: 'Choose Sync now to write {wanted}, or Keep the shop’s number to leave it until the source says something new.',
  },
  level_unknown: {
    severity: 'info',
    retryHelps: false,
    cause: 'None of the chosen warehouses has reported a level for this product yet. Unknown is not 0.',
    cure: 'Nothing to do: the first level that comes in is written. Or choose more warehouses for the connection.',
  },
  shop_fails_on_item: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop fails whenever it is given this product ({what}); with its neighbours it does not.',
    cure: 'Open the product in the shop and save it once. If that fails too, the shop’s PHP error log names the plugin at fault.',
  },
  write_unproven: {
    severity: 'retry',
    retryHelps: true,
    cause: 'We do not know whether the last write arrived.',
    cure: 'Nothing to do: we read what the shop shows and go on from there.',
  },
  number_unexplained: {
    severity: 'retry',
    retryHelps: true,
    cause: 'The shop shows {shown} where it should show {expected}, and no web order explains that yet.',
    cure: 'Nothing to do: in a moment we look again, and then we go by your rule for numbers changed in the shop.',
  },
  number_unsafe: {
    severity: 'error',
    retryHelps: false,
    cause: 'The level {quantity} is too large for the shop.',
    cure: 'Correct the quantity in the source.',
  },
  unknown_failure: {
    severity: 'error',
    retryHelps: true,
    cause: 'Something unforeseen went wrong ({what}).',
    cure: 'Choose Retry. If it comes back, report it with the request id shown.',
  },
});
