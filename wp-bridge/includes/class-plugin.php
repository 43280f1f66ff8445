<?php
/**
 * The plugin's way into WordPress.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Hooks everything up.
 */
final class Plugin {

	/**
	 * Starts the plugin once all plugins are loaded.
	 */
	public static function start(): void {
		add_action( 'init', array( Schema::class, 'upgrade' ), 1 );
		add_action( 'init', array( self::class, 'translate' ) );
		add_action( 'rest_api_init', array( Rest::class, 'register' ) );
		add_filter( 'rest_pre_dispatch', array( Gate::class, 'watch' ), 1, 3 );
		add_filter( 'rest_post_dispatch', array( Rest::class, 'forbid_caching' ), 10, 3 );
		add_action( 'admin_notices', array( Requirements::class, 'notice' ) );
		add_action( 'admin_init', array( Housekeeping::class, 'schedule' ) );
		add_action( Housekeeping::HOOK, array( Housekeeping::class, 'clean_up' ) );
		add_action( Event_Sender::HOOK, array( Event_Sender::class, 'send_by_cron' ) );
		add_filter( 'rest_pre_serve_request', array( Catalogue::class, 'serve' ), 10, 2 );
		if ( Requirements::are_met() ) {
			add_action( 'init', array( Changes::class, 'watch' ), 2 );
			add_action( 'init', array( Stock_Watch::class, 'watch' ), 2 );
		}
		Door::start();
		Site_Health::start();
		Admin_Page::start();
	}

	/**
	 * Loads the translations that come with the plugin.
	 */
	public static function translate(): void {
		load_plugin_textdomain( 'stock-relay', false, dirname( plugin_basename( PLUGIN_FILE ) ) . '/languages' );
	}

	/**
	 * Tells WooCommerce which of its newer parts the plugin gets along with.
	 */
	public static function declare_compatibility(): void {
		if ( class_exists( \Automattic\WooCommerce\Utilities\FeaturesUtil::class ) ) {
			foreach ( array( 'custom_order_tables', 'cart_checkout_blocks', 'product_instance_caching' ) as $feature ) {
				\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( $feature, PLUGIN_FILE, true );
			}
		}
	}
}
