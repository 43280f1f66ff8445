<?php
/**
 * What else a change of status writes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Writes the term and the attribute lookup that go with a stock status, in the transaction that changes it.
 */
final class Stock_Flips {

	/**
	 * Writes the rows of products whose status changed.
	 *
	 * @param array<int, string> $statuses New status by product.
	 */
	public static function write( array $statuses ): void {
		$gone = array_keys( $statuses, 'outofstock', true );
		$here = array_values( array_diff( array_keys( $statuses ), $gone ) );
		self::write_term( $gone, $here );
		if ( self::has_attribute_lookup() ) {
			self::write_attribute_lookup( $gone, 0 );
			self::write_attribute_lookup( $here, 1 );
		}
	}

	/**
	 * The row id of the term "outofstock", or 0.
	 */
	public static function term(): int {
		$terms = wc_get_product_visibility_term_ids();
		return (int) ( $terms['outofstock'] ?? 0 );
	}

	/**
	 * Gives and takes the term by which the storefront finds what is out of stock.
	 *
	 * @param array<int, int> $gone Products out of stock.
	 * @param array<int, int> $here The others.
	 */
	private static function write_term( array $gone, array $here ): void {
		global $wpdb;
		$term = self::term();
		if ( 0 === $term ) {
			return;
		}
		if ( array() !== $gone ) {
			$values = array();
			foreach ( $gone as $id ) {
				array_push( $values, $id, $term );
			}
			Database::run(
				"INSERT IGNORE INTO $wpdb->term_relationships (object_id, term_taxonomy_id) VALUES " . Database::places( $gone, '(%d, %d)' ),
				$values
			);
		}
		if ( array() !== $here ) {
			Database::run(
				"DELETE FROM $wpdb->term_relationships WHERE term_taxonomy_id = %d AND object_id IN (" . Database::places( $here ) . ')',
				array_merge( array( $term ), $here )
			);
		}
	}

	/**
	 * Writes whether products are found by their attributes among what is in stock.
	 *
	 * @param array<int, int> $ids      Products.
	 * @param int             $in_stock 1 or 0.
	 */
	private static function write_attribute_lookup( array $ids, int $in_stock ): void {
		global $wpdb;
		if ( array() !== $ids ) {
			Database::run(
				"UPDATE {$wpdb->prefix}wc_product_attributes_lookup SET in_stock = %d WHERE product_id IN (" . Database::places( $ids ) . ')',
				array_merge( array( $in_stock ), $ids )
			);
		}
	}

	/**
	 * Whether the shop has the table.
	 */
	private static function has_attribute_lookup(): bool {
		global $wpdb;
		static $has = null;
		if ( null === $has ) {
			$has = null !== Database::value( 'SHOW TABLES LIKE %s', array( $wpdb->esc_like( $wpdb->prefix . 'wc_product_attributes_lookup' ) ) );
		}
		return $has;
	}
}
