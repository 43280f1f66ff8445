<?php
/**
 * One line of a stock call.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * What is wanted of one product.
 */
final class Stock_Item {

	/**
	 * The caller's name for the line.
	 *
	 * @var string
	 */
	public $ref;

	/**
	 * Product or variation.
	 *
	 * @var int
	 */
	public $id;

	/**
	 * Whether the quantity is added, rather than set.
	 *
	 * @var bool
	 */
	public $is_adjust;

	/**
	 * What is set or added; null where it cannot be read.
	 *
	 * @var Quantity|null
	 */
	public $quantity;

	/**
	 * Whether the caller said what the shop must hold for the line to be written.
	 *
	 * @var bool
	 */
	public $has_expected;

	/**
	 * What the shop must hold; null for none.
	 *
	 * @var Quantity|null
	 */
	public $expected;

	/**
	 * Whether stock management may be switched on.
	 *
	 * @var bool
	 */
	public $manage;

	/**
	 * Whether all numbers of the line can be read.
	 *
	 * @var bool
	 */
	public $is_readable;

	/**
	 * Reads a line whose ref and id were found right.
	 *
	 * @param array<string, mixed> $line Line.
	 */
	public function __construct( array $line ) {
		$this->ref          = $line['ref'];
		$this->id           = $line['id'];
		$this->is_adjust    = ! array_key_exists( 'set', $line );
		$this->quantity     = Quantity::of_call( $line[ $this->is_adjust ? 'adjust' : 'set' ] );
		$this->has_expected = array_key_exists( 'expected', $line );
		$this->expected     = Quantity::of_call( $line['expected'] ?? null );
		$this->manage       = true === ( $line['manage'] ?? null );
		$this->is_readable  = null !== $this->quantity && ( null === ( $line['expected'] ?? null ) || null !== $this->expected );
	}

	/**
	 * Whether this line and another, for the same stock, can both be done: changes add up, levels must be the same.
	 *
	 * @param self $other Other line.
	 */
	public function agrees_with( self $other ): bool {
		if ( $this->is_adjust || $other->is_adjust ) {
			return $this->is_adjust && $other->is_adjust;
		}
		return Quantity::same( $this->quantity, $other->quantity )
			&& $this->has_expected === $other->has_expected
			&& Quantity::same( $this->expected, $other->expected );
	}
}
