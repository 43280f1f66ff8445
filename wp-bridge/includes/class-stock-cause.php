<?php
/**
 * Why stock changes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Knows what the request is doing at the moment: WooCommerce's own hooks around an order's stock say it.
 */
final class Stock_Cause {

	/**
	 * The order whose stock is being taken or given back, with the cause.
	 *
	 * @var array<string, mixed>|null
	 */
	private static $order = null;

	/**
	 * Our own write, by the owner's id.
	 *
	 * @var array<int, string>
	 */
	private static $refs = array();

	/**
	 * Hooks up what tells of orders. These filters are the first thing WooCommerce does, and the only one before.
	 */
	public static function watch(): void {
		add_filter( 'woocommerce_can_reduce_order_stock', array( self::class, 'on_taking' ), PHP_INT_MAX, 2 );
		add_filter( 'woocommerce_can_restore_order_stock', array( self::class, 'on_giving_back' ), PHP_INT_MAX, 2 );
		add_filter( 'woocommerce_order_item_quantity', array( self::class, 'on_item' ), PHP_INT_MAX, 3 );
		add_filter( 'woocommerce_prevent_adjust_line_item_product_stock', array( self::class, 'on_edited_item' ), PHP_INT_MAX, 2 );
		add_action( 'woocommerce_reduce_order_stock', array( self::class, 'on_end' ), 1 );
		add_action( 'woocommerce_restore_order_stock', array( self::class, 'on_end' ), 1 );
	}

	/**
	 * An order is about to take stock.
	 *
	 * @param mixed     $may   Whether it may.
	 * @param \WC_Order $order Order.
	 */
	public static function on_taking( $may, $order ) {
		self::$order = $may ? array( 'cause' => 'order' ) + self::of_order( $order ) : null;
		return $may;
	}

	/**
	 * An order is about to give stock back.
	 *
	 * @param mixed     $may   Whether it may.
	 * @param \WC_Order $order Order.
	 */
	public static function on_giving_back( $may, $order ) {
		self::$order = $may ? array( 'cause' => 'order_restored' ) + self::of_order( $order ) : null;
		return $may;
	}

	/**
	 * The item of an order whose turn it is.
	 *
	 * @param mixed          $quantity Quantity.
	 * @param \WC_Order      $order    Order.
	 * @param \WC_Order_Item $item     Item.
	 */
	public static function on_item( $quantity, $order, $item ) {
		if ( null !== self::$order ) {
			self::$order['itemId'] = $item->get_id();
		}
		return $quantity;
	}

	/**
	 * An item of an order is about to be edited in wp-admin or over REST.
	 *
	 * @param mixed          $prevent Whether its stock is left alone.
	 * @param \WC_Order_Item $item    Item.
	 */
	public static function on_edited_item( $prevent, $item ) {
		$order       = $item->get_order();
		self::$order = $prevent || ! $order ? null : array( 'cause' => 'order' ) + self::of_order( $order ) + array( 'itemId' => $item->get_id() );
		return $prevent;
	}

	/**
	 * The order is done with.
	 */
	public static function on_end(): void {
		self::$order = null;
	}

	/**
	 * Does our own write, known as such.
	 *
	 * @template T
	 * @param int           $id   Whoever holds the stock.
	 * @param string        $ref  The line's name.
	 * @param callable(): T $work Work.
	 * @return T
	 */
	public static function of_relay( int $id, string $ref, callable $work ) {
		self::$refs[ $id ] = $ref;
		try {
			return $work();
		} finally {
			unset( self::$refs[ $id ] );
		}
	}

	/**
	 * The cause of a change that happens now.
	 *
	 * @param int $id Whoever holds the stock.
	 * @return array<string, mixed>
	 */
	public static function now( int $id ): array {
		if ( isset( self::$refs[ $id ] ) ) {
			return self::relay( self::$refs[ $id ] );
		}
		$by     = self::by();
		$plugin = null === self::$order ? self::plugin() : null;
		return ( self::$order ?? array( 'cause' => self::kind( $by, $plugin ) ) )
			+ array( 'by' => $by )
			+ ( 0 === get_current_user_id() ? array() : array( 'userId' => get_current_user_id() ) )
			+ ( null === $plugin ? array() : array( 'plugin' => $plugin ) );
	}

	/**
	 * The cause of our own write.
	 *
	 * @param string $ref The line's name.
	 * @return array<string, mixed>
	 */
	public static function relay( string $ref ): array {
		return array(
			'cause' => 'relay',
			'ref'   => $ref,
			'by'    => 'rest',
		);
	}

	/**
	 * What an event says of an order.
	 *
	 * @param \WC_Order $order Order.
	 * @return array<string, mixed>
	 */
	public static function of_order( $order ): array {
		return array(
			'orderId'     => $order->get_id(),
			'orderNumber' => substr( (string) $order->get_order_number(), 0, 60 ),
			'status'      => $order->get_status(),
		);
	}

	/**
	 * What kind of change it is, where no order is at work.
	 *
	 * @param string      $by     Where it comes from.
	 * @param string|null $plugin Plugin that made it, if any.
	 */
	private static function kind( string $by, ?string $plugin ): string {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- Only says what WooCommerce is doing, after it has checked.
		if ( wp_doing_ajax() && isset( $_POST['action'] ) && 'woocommerce_do_ajax_product_import' === $_POST['action'] ) {
			return 'import';
		}
		return null === $plugin && in_array( $by, array( 'admin', 'rest' ), true ) ? 'edit' : 'other';
	}

	/**
	 * Where the request comes from.
	 */
	private static function by(): string {
		if ( defined( 'WP_CLI' ) && WP_CLI ) {
			return 'cli';
		}
		if ( wp_doing_cron() ) {
			return 'cron';
		}
		if ( defined( 'REST_REQUEST' ) && REST_REQUEST ) {
			$route = isset( $GLOBALS['wp']->query_vars['rest_route'] ) ? (string) $GLOBALS['wp']->query_vars['rest_route'] : '';
			return 0 === strpos( $route, '/wc/store' ) ? 'storefront' : 'rest';
		}
		return is_admin() && current_user_can( 'edit_products' ) ? 'admin' : 'storefront';
	}

	/**
	 * The plugin whose code made the change, or null: the nearest file on the way here that is another plugin's.
	 */
	private static function plugin(): ?string {
		// phpcs:ignore WordPress.PHP.DevelopmentFunctions.error_log_debug_backtrace -- Nothing else knows who called.
		foreach ( debug_backtrace( DEBUG_BACKTRACE_IGNORE_ARGS, 60 ) as $step ) {
			$by = isset( $step['file'] ) ? Listeners::owner( wp_normalize_path( $step['file'] ) ) : 'core';
			if ( ! in_array( $by, array( 'core', Listeners::OURS ), true ) && 1 === preg_match( '#/(?:mu-)?plugins/#', wp_normalize_path( $step['file'] ) ) ) {
				return substr( $by, 0, 100 );
			}
		}
		return null;
	}
}
