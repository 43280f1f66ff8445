<?php
/**
 * The plugin's own tables.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Makes, renews and removes what the plugin keeps in the database.
 */
final class Schema {

	const OPTION  = 'stock_relay_schema';
	const VERSION = 1;

	/**
	 * When the plugin was last switched on: a network's other sites do not see it happen, and have counted nothing before.
	 */
	const ACTIVATED = 'stock_relay_activated';
	const TABLES  = array( 'nonces', 'applied', 'pending', 'changes', 'events' );

	/**
	 * The plugin was switched on.
	 */
	public static function activate(): void {
		update_site_option( self::ACTIVATED, time() );
		self::install();
	}

	/**
	 * Makes the tables of this site. Other sites of a network make theirs at their first request.
	 */
	public static function install(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$end = 'ENGINE=InnoDB ' . $wpdb->get_charset_collate() . ';';
		$of  = array( Database::class, 'table' );
		// What is written together with a shop's stock must be in its transaction, hence the engine.
		dbDelta(
			"CREATE TABLE {$of( 'nonces' )} (
				nonce char(32) NOT NULL,
				seen_at bigint(20) unsigned NOT NULL,
				PRIMARY KEY  (nonce),
				KEY seen_at (seen_at)
			) $end
			CREATE TABLE {$of( 'applied' )} (
				ref varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
				result text NOT NULL,
				applied_at bigint(20) unsigned NOT NULL,
				PRIMARY KEY  (ref),
				KEY applied_at (applied_at)
			) $end
			CREATE TABLE {$of( 'pending' )} (
				id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
				product_id bigint(20) unsigned NOT NULL,
				parent_id bigint(20) unsigned NOT NULL,
				flipped tinyint(1) NOT NULL,
				request char(32) NOT NULL,
				tries tinyint(3) unsigned NOT NULL DEFAULT 0,
				written_at bigint(20) unsigned NOT NULL,
				PRIMARY KEY  (id),
				KEY written_at (written_at)
			) $end
			CREATE TABLE {$of( 'changes' )} (
				product_id bigint(20) unsigned NOT NULL,
				seq bigint(20) unsigned NOT NULL,
				PRIMARY KEY  (product_id),
				KEY seq (seq)
			) $end
			CREATE TABLE {$of( 'events' )} (
				seq bigint(20) unsigned NOT NULL AUTO_INCREMENT,
				event text NOT NULL,
				handed tinyint(1) NOT NULL DEFAULT 0,
				at bigint(20) unsigned NOT NULL,
				PRIMARY KEY  (seq)
			) $end"
		);
		Changes::begin();
		update_option( self::OPTION, self::state() );
	}

	/**
	 * Brings the tables up to date after an update of the plugin, or on a new site of a network.
	 */
	public static function upgrade(): void {
		if ( get_option( self::OPTION ) !== self::state() ) {
			self::install();
		}
	}

	/**
	 * What a site must have seen.
	 */
	private static function state(): string {
		return self::VERSION . ' ' . get_site_option( self::ACTIVATED );
	}

	/**
	 * Removes everything that the plugin keeps on this site.
	 */
	public static function remove(): void {
		global $wpdb;
		foreach ( self::TABLES as $name ) {
			$wpdb->query( 'DROP TABLE IF EXISTS ' . Database::table( $name ) ); // phpcs:ignore WordPress.DB -- A fixed name.
		}
		$options = $wpdb->get_col( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE 'stock\\_relay\\_%'" ); // phpcs:ignore WordPress.DB -- Nothing to cache at an uninstall.
		array_map( 'delete_option', $options );
		delete_transient( Site_Health::PROBE );
		Housekeeping::unschedule();
	}
}
