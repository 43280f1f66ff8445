<?php
/**
 * Removes everything the plugin keeps.
 *
 * @package StockRelay
 */

namespace StockRelay;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/autoload.php';

if ( is_multisite() ) {
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $stock_relay_site ) {
		switch_to_blog( $stock_relay_site );
		Schema::remove();
		restore_current_blog();
	}
	delete_site_option( Schema::ACTIVATED );
} else {
	Schema::remove();
}
