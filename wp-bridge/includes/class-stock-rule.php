<?php
/**
 * WooCommerce's rule of quantity and status.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * What a product with managed stock shows, and what becomes of a line.
 */
final class Stock_Rule {

	/**
	 * A product counts as in stock above this many.
	 *
	 * @var int
	 */
	private $threshold;

	/**
	 * Whether the shop counts whole pieces.
	 *
	 * @var bool
	 */
	public $is_whole;

	/**
	 * The rule with a shop's settings.
	 *
	 * @param int  $threshold A product counts as in stock above this many.
	 * @param bool $is_whole  Whether the shop counts whole pieces.
	 */
	public function __construct( int $threshold, bool $is_whole ) {
		$this->threshold = $threshold;
		$this->is_whole  = $is_whole;
	}

	/**
	 * This shop's rule.
	 */
	public static function of_shop(): self {
		return new self( absint( get_option( 'woocommerce_notify_no_stock_amount', 0 ) ), ! is_float( wc_stock_amount( 0.5 ) ) );
	}

	/**
	 * The status that WooCommerce gives a product with managed stock when it saves it.
	 *
	 * @param Quantity|null $quantity   Quantity.
	 * @param string        $backorders The product's setting: no, notify or yes.
	 */
	public function status( ?Quantity $quantity, string $backorders ): string {
		if ( null !== $quantity && $quantity->pieces() > $this->threshold ) {
			return 'instock';
		}
		return in_array( $backorders, array( '', 'no' ), true ) ? 'outofstock' : 'onbackorder';
	}

	/**
	 * What a line comes to, seen from what the shop holds.
	 *
	 * @param Stock_Item    $item    Line.
	 * @param Quantity|null $current What the shop holds.
	 * @return array{0: string, 1: Quantity|string|null} Outcome "write" with the new quantity, or another outcome with its reason.
	 */
	public function decide( Stock_Item $item, ?Quantity $current ): array {
		if ( $this->is_whole && $item->quantity->has_decimals() ) {
			return array( 'refused', 'whole_pieces_only' );
		}
		if ( $item->has_expected && ! Quantity::same( $item->expected, $current ) ) {
			return array( 'conflict', null );
		}
		if ( ! $item->is_adjust ) {
			return array( 'write', $item->quantity );
		}
		$sum = ( $current ?? Quantity::zero() )->plus( $item->quantity );
		return null === $sum ? array( 'refused', 'too_large' ) : array( 'write', $sum );
	}
}
