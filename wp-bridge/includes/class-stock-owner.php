<?php
/**
 * Whoever holds the stock.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * A product or variation with the stock of its own, as last read.
 */
final class Stock_Owner {

	/**
	 * Product or variation.
	 *
	 * @var int
	 */
	public $id;

	/**
	 * The parent of a variation, or 0.
	 *
	 * @var int
	 */
	public $parent_id;

	/**
	 * Product type; "variation" for a variation.
	 *
	 * @var string
	 */
	public $type;

	/**
	 * Its metas: per key the rows' ids and values.
	 *
	 * @var array<string, array<int, string>>
	 */
	private $metas;

	/**
	 * An owner.
	 *
	 * @param int                               $id        Product or variation.
	 * @param int                               $parent_id Parent of a variation, or 0.
	 * @param string                            $type      Product type.
	 * @param array<string, array<int, string>> $metas     Metas, per key the rows' ids and values.
	 */
	public function __construct( int $id, int $parent_id, string $type, array $metas ) {
		$this->id        = $id;
		$this->parent_id = $parent_id;
		$this->type      = $type;
		$this->metas     = $metas;
	}

	/**
	 * Whether it is a variation.
	 */
	public function is_variation(): bool {
		return 'variation' === $this->type;
	}

	/**
	 * A meta's value, or an empty string.
	 *
	 * @param string $key Key.
	 */
	public function meta( string $key ): string {
		$rows = $this->metas[ $key ] ?? array();
		return array() === $rows ? '' : (string) reset( $rows );
	}

	/**
	 * The id of a meta's only row, or null where there is none or, against WooCommerce's rules, more than one.
	 *
	 * @param string $key Key.
	 */
	public function only_meta_id( string $key ): ?int {
		$rows = $this->metas[ $key ] ?? array();
		return 1 === count( $rows ) ? (int) key( $rows ) : null;
	}

	/**
	 * Takes the value that was read under the lock.
	 *
	 * @param string $key     Key.
	 * @param int    $meta_id Row.
	 * @param string $value   Value.
	 */
	public function refresh( string $key, int $meta_id, string $value ): void {
		$this->metas[ $key ] = array( $meta_id => $value );
	}

	/**
	 * Whether it manages its stock.
	 */
	public function manages(): bool {
		return 'yes' === $this->meta( '_manage_stock' );
	}

	/**
	 * Whether its rows are the ones that the bulk write knows. Everything else is left to WooCommerce's own save.
	 */
	public function is_plain(): bool {
		return in_array( $this->type, array( 'simple', 'variable', 'variation' ), true )
			&& $this->manages()
			&& null !== $this->only_meta_id( '_stock' )
			&& null !== $this->only_meta_id( '_stock_status' )
			&& null !== $this->only_meta_id( '_product_version' );
	}
}
