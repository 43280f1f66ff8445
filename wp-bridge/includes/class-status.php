<?php
/**
 * What the shop says about itself.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * The answers of /hello, for anybody, and /status, for the service.
 */
final class Status {

	/**
	 * That the plugin is here, and no more.
	 */
	public static function hello(): array {
		return array(
			'plugin'      => 'stock-relay',
			'version'     => VERSION,
			'api'         => API_VERSION,
			'paired'      => null !== Pairing::current(),
			'woocommerce' => Requirements::are_met(),
		);
	}

	/**
	 * Versions of what the plugin stands on.
	 *
	 * @return array{WordPress: string, woocommerce: ?string, php: string}
	 */
	public static function versions(): array {
		return array(
			'wordpress'   => get_bloginfo( 'version' ),
			'woocommerce' => Requirements::woocommerce_version(),
			'php'         => PHP_VERSION,
		);
	}

	/**
	 * All that the service wants to know before it works with the shop.
	 */
	public static function answer(): array {
		$user      = wp_get_current_user();
		$listeners = new Listeners();
		$sending   = Event_Sender::state();
		return array(
			'version'         => VERSION,
			'api'             => API_VERSION,
			'hpos'            => self::has_hpos(),
			'stockManagement' => 'yes' === get_option( 'woocommerce_manage_stock' ),
			'multisite'       => is_multisite(),
			'objectCache'     => (bool) wp_using_ext_object_cache(),
			'limits'          => array(
				'items'   => Stock_Request::MAX_ITEMS,
				'seconds' => Budget::allowed(),
				'bytes'   => Gate::MAX_BYTES,
			),
			'slowBecause'     => $listeners->slow_because(),
			'listeners'       => (object) $listeners->named(),
			'counter'         => Changes::count(),
			'events'          => Stock_Events::waiting() + array(
				'lastSent'  => null === $sending['lastSent'] ? null : Moment::iso( $sending['lastSent'] ),
				'lastError' => $sending['lastError'],
			),
			'door'            => array(
				'enabled'              => Door::is_enabled(),
				'blockedBy'            => Door::blocked_by(),
				'authorizationReaches' => Authorization_Header::reaches(),
			),
			'serverTime'      => Moment::iso( time() ),
			'user'            => array(
				'id'          => $user->ID,
				'displayName' => $user->display_name,
			),
		) + self::versions();
	}

	/**
	 * Whether orders are kept in tables of their own.
	 */
	private static function has_hpos(): bool {
		$util = \Automattic\WooCommerce\Utilities\OrderUtil::class;
		return class_exists( $util ) && $util::custom_orders_table_usage_is_enabled();
	}
}
