<?php
/**
 * The shop's tables.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Whether what stock is written to can be written in one transaction; old shops have tables that cannot.
 */
final class Tables {

	/**
	 * Whether all tables concerned are InnoDB.
	 */
	public static function can_take_part_in_transactions(): bool {
		global $wpdb;
		$names  = array( $wpdb->posts, $wpdb->postmeta, $wpdb->term_relationships, $wpdb->prefix . 'wc_product_meta_lookup', Database::table( 'pending' ) );
		$others = Database::value(
			"SELECT COUNT(*) FROM information_schema.TABLES
			WHERE TABLE_SCHEMA = DATABASE() AND ENGINE <> 'InnoDB' AND TABLE_NAME IN (" . Database::places( $names, '%s' ) . ')',
			$names
		);
		return '0' === $others;
	}
}
