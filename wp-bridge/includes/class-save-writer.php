<?php
/**
 * The slow way to write stock.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Lets WooCommerce save one product, in a transaction that holds its stock.
 */
final class Save_Writer {

	/**
	 * The shop's rule.
	 *
	 * @var Stock_Rule
	 */
	private $rule;

	/**
	 * A writer.
	 *
	 * @param Stock_Rule $rule The shop's rule.
	 */
	public function __construct( Stock_Rule $rule ) {
		$this->rule = $rule;
	}

	/**
	 * Settles the lines for one owner.
	 *
	 * @param array<int, Stock_Line> $lines Lines.
	 * @return array<int, array{id: int, parent: int, flipped: bool}> The product whose caches are to be forgotten, if any.
	 */
	public function write( array $lines ): array {
		$owner = $lines[0]->owner;
		try {
			$written = Database::in_transaction(
				function () use ( $lines, $owner ) {
					foreach ( $lines as $line ) {
						$line->result = null;
					}
					Applied::recall( $lines );
					$held    = $this->lock( $owner->id );
					$written = $this->save( $owner, $lines, $held );
					Applied::remember( array_filter( $lines, array( Applied::class, 'is_new' ) ) );
					if ( array() !== $written && ! Pending::is_kept() ) {
						throw Database_Failure::rolled_back();
					}
					return $written;
				}
			);
		} finally {
			clean_post_cache( $owner->id );
		}
		return $written;
	}

	/**
	 * Locks the product and its stock, and forgets what is cached of them.
	 *
	 * @param int $id Owner.
	 * @return string What is stored.
	 */
	private function lock( int $id ): string {
		global $wpdb;
		$sql    = "SELECT meta_value FROM $wpdb->postmeta WHERE post_id = %d AND meta_key = '_stock' ORDER BY meta_id FOR UPDATE";
		$stored = (string) Database::value( $sql, array( $id ) );
		Database::value( "SELECT ID FROM $wpdb->posts WHERE ID = %d FOR UPDATE", array( $id ) );
		clean_post_cache( $id );
		\WC_Cache_Helper::invalidate_cache_group( 'product_' . $id );
		return $stored;
	}

	/**
	 * Saves the product where its lines change something.
	 *
	 * @param Stock_Owner            $owner Owner.
	 * @param array<int, Stock_Line> $lines Lines.
	 * @param string                 $held  What is stored.
	 * @return array<int, array{id: int, parent: int, flipped: bool}>
	 */
	private function save( Stock_Owner $owner, array $lines, string $held ): array {
		$product = wc_get_product( $owner->id );
		if ( ! $product instanceof \WC_Product ) {
			self::settle_all( $lines, 'not_found' );
			return array();
		}
		$manages = true === $product->get_manage_stock( 'edit' );
		if ( ! $manages && ! $lines[0]->item->manage ) {
			self::settle_all( $lines, 'unmanaged' );
			return array();
		}
		$reckoning = new Stock_Reckoning(
			$this->rule,
			$lines,
			Quantity::of_shop( $held, $this->rule->is_whole ),
			$product->get_stock_status( 'edit' ),
			$product->get_backorders( 'edit' ),
			'save'
		);
		if ( ! $reckoning->changes() && ( $manages || array() === array_filter( $lines, array( Applied::class, 'is_new' ) ) ) ) {
			return array();
		}
		$written = array(
			'id'      => $owner->id,
			'parent'  => $owner->parent_id,
			'flipped' => $reckoning->flips(),
		);
		Pending::add( array( $written ) );
		$product->set_manage_stock( true );
		$product->set_stock_quantity( $reckoning->after->text() );
		Stock_Cause::of_relay( $owner->id, $lines[0]->item->ref, array( $product, 'save' ) );
		$this->settle_by_rows( $owner->id, $lines, ! $manages );
		return array( $written );
	}

	/**
	 * Says what the shop holds after the save: listeners may have changed it once more.
	 *
	 * @param int                    $id              Owner.
	 * @param array<int, Stock_Line> $lines           Lines.
	 * @param bool                   $was_switched_on Whether stock management was switched on.
	 */
	private function settle_by_rows( int $id, array $lines, bool $was_switched_on ): void {
		wp_cache_delete( $id, 'post_meta' );
		$after  = Quantity::of_shop( (string) get_post_meta( $id, '_stock', true ), $this->rule->is_whole );
		$status = (string) get_post_meta( $id, '_stock_status', true );
		$last   = null;
		foreach ( $lines as $line ) {
			if ( Applied::is_new( $line ) ) {
				$line->result['outcome'] = $was_switched_on ? 'written' : $line->result['outcome'];
				$line->result['status']  = $status;
				$last                    = $line;
				if ( ! $line->item->is_adjust ) {
					$line->result['after'] = Quantity::text_of( $after );
				}
			}
		}
		if ( null !== $last ) {
			$last->result['after'] = Quantity::text_of( $after );
		}
	}

	/**
	 * Settles every line alike.
	 *
	 * @param array<int, Stock_Line> $lines   Lines.
	 * @param string                 $outcome Outcome.
	 */
	private static function settle_all( array $lines, string $outcome ): void {
		foreach ( $lines as $line ) {
			$line->settle( $outcome );
		}
	}
}
