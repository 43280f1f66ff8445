<?php
/**
 * Watches the shop's stock.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Writes an event down for every change of stock that WooCommerce tells of, in the request that makes it.
 */
final class Stock_Watch {

	/**
	 * What products held before a direct change, by id.
	 *
	 * @var array<int, Quantity|null>
	 */
	private static $before = array();

	/**
	 * By how much a direct change moves what is held at that moment, by id.
	 *
	 * @var array<int, Quantity>
	 */
	private static $moved = array();

	/**
	 * Products whose direct change is written down already; WooCommerce tells of it twice.
	 *
	 * @var array<int, bool>
	 */
	private static $told = array();

	/**
	 * The last event of a product in this request.
	 *
	 * @var array<int, array{seq: int, event: array<string, mixed>}>
	 */
	private static $last = array();

	/**
	 * Hooks up what tells of stock, and why it changes.
	 */
	public static function watch(): void {
		foreach ( array( 'product', 'variation' ) as $kind ) {
			add_action( "woocommerce_{$kind}_before_set_stock", array( self::class, 'before_direct' ), 1 );
			add_action( "woocommerce_{$kind}_set_stock", array( self::class, 'on_stock' ), 1 );
		}
		add_filter( 'woocommerce_update_product_stock_query', array( self::class, 'on_query' ), PHP_INT_MAX, 2 );
		add_action( 'woocommerce_updated_product_stock', array( self::class, 'on_direct' ), 1 );
		add_action( 'woocommerce_restock_refunded_item', array( self::class, 'on_refund' ), 1, 5 );
		add_action( 'shutdown', array( Event_Sender::class, 'send_later' ), PHP_INT_MAX );
		Stock_Cause::watch();
	}

	/**
	 * A direct change is about to be made.
	 *
	 * @param \WC_Product $product Product.
	 */
	public static function before_direct( $product ): void {
		self::$before[ $product->get_id() ] = self::quantity( $product->get_stock_quantity( 'edit' ) );
	}

	/**
	 * The statement of a direct change. Orders have the database count, so that what the request read of the product
	 * before may be another number than the one they take from.
	 *
	 * @param string $sql Statement.
	 * @param int    $id  Product.
	 */
	public static function on_query( $sql, $id ) {
		unset( self::$moved[ $id ] );
		if ( 1 === preg_match( '/meta_value\s*=\s*meta_value\s*([+-])\s*(\d+(?:\.\d+)?)/', (string) $sql, $found ) ) {
			// Backwards: what is held after the change is known, what was held before is not.
			$moved = self::quantity( ( '-' === $found[1] ? '' : '-' ) . $found[2] );
			if ( null !== $moved ) {
				self::$moved[ $id ] = $moved;
			}
		}
		return $sql;
	}

	/**
	 * A direct change was made.
	 *
	 * @param int $id Product.
	 */
	public static function on_direct( $id ): void {
		if ( array_key_exists( $id, self::$before ) ) {
			$after  = self::quantity( get_post_meta( $id, '_stock', true ) );
			$before = isset( self::$moved[ $id ] ) && null !== $after ? $after->plus( self::$moved[ $id ] ) : self::$before[ $id ];
			unset( self::$before[ $id ], self::$moved[ $id ] );
			self::$told[ $id ] = true;
			self::record( (int) $id, (int) wp_get_post_parent_id( $id ), $before, $after );
		}
	}

	/**
	 * WooCommerce tells of a product's new stock.
	 *
	 * @param \WC_Product $product Product.
	 */
	public static function on_stock( $product ): void {
		$id = $product->get_id();
		if ( isset( self::$told[ $id ] ) ) {
			unset( self::$told[ $id ] );
			return;
		}
		if ( array_key_exists( 'stock_quantity', $product->get_changes() ) ) {
			self::record( $id, $product->get_parent_id(), self::quantity( $product->get_data()['stock_quantity'] ), self::quantity( $product->get_stock_quantity( 'edit' ) ) );
		}
	}

	/**
	 * A refund gave stock back; WooCommerce says so only after the stock has changed.
	 *
	 * @param int         $id      Product or variation.
	 * @param mixed       $before  Stock before.
	 * @param mixed       $after   Stock after.
	 * @param \WC_Order   $order   Order.
	 * @param \WC_Product $product Product.
	 */
	public static function on_refund( $id, $before, $after, $order, $product ): void {
		$last = self::$last[ $product->get_stock_managed_by_id() ] ?? null;
		if ( null !== $last ) {
			$event = array_merge( $last['event'], array( 'cause' => 'refund' ), Stock_Cause::of_order( $order ) );
			self::quietly(
				static function () use ( $last, $event ): void {
					Stock_Events::amend( $last['seq'], $event );
				}
			);
		}
	}

	/**
	 * Writes a change down. Where no service is paired, nobody wants to know.
	 *
	 * @param int           $id        Whoever holds the stock.
	 * @param int           $parent_id Parent of a variation, or 0.
	 * @param Quantity|null $before    Stock before.
	 * @param Quantity|null $after     Stock after.
	 */
	private static function record( int $id, int $parent_id, ?Quantity $before, ?Quantity $after ): void {
		if ( Quantity::same( $before, $after ) || null === Pairing::current() ) {
			return;
		}
		$event = self::event( $id, $parent_id, $before, $after, Stock_Cause::now( $id ) );
		self::quietly(
			static function () use ( $id, $event ): void {
				$seq               = Stock_Events::add( array( $event ) );
				self::$last[ $id ] = compact( 'seq', 'event' );
				if ( 0 === $seq % 500 ) {
					Stock_Events::sweep();
				}
			}
		);
	}

	/**
	 * An event.
	 *
	 * @param int                  $id        Whoever holds the stock.
	 * @param int                  $parent_id Parent of a variation, or 0.
	 * @param Quantity|null        $before    Stock before.
	 * @param Quantity|null        $after     Stock after.
	 * @param array<string, mixed> $cause     Cause.
	 * @return array<string, mixed>
	 */
	public static function event( int $id, int $parent_id, ?Quantity $before, ?Quantity $after, array $cause ): array {
		return array(
			'id'       => $id,
			'parentId' => $parent_id,
			'stockId'  => $id,
			'before'   => Quantity::text_of( $before ),
			'after'    => Quantity::text_of( $after ),
		) + $cause + array( 'at' => Moment::iso( time() ) );
	}

	/**
	 * Does work that must not get in the shop's way: what cannot be written down is a gap.
	 *
	 * @param callable(): void $work Work.
	 */
	private static function quietly( callable $work ): void {
		try {
			$work();
		} catch ( Database_Failure $failure ) {
			Stock_Events::leave_gap();
		}
	}

	/**
	 * A quantity as WooCommerce holds it: a number, text or null.
	 *
	 * @param mixed $value Value.
	 */
	private static function quantity( $value ): ?Quantity {
		return Quantity::of_shop( is_float( $value ) ? number_format( $value, Quantity::DECIMALS, '.', '' ) : (string) $value, false );
	}
}
