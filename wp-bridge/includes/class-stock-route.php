<?php
/**
 * The fast lane.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Answers POST /stock: every line gets an answer of its own, and what time does not allow is said to be sent again.
 */
final class Stock_Route {

	/**
	 * Products in one transaction: a checkout that sells one of them waits for it.
	 */
	const CHUNK = 500;

	/**
	 * The same where other plugins are told of every product, which takes time that cannot be foreseen.
	 */
	const CHUNK_HEARD = 25;

	/**
	 * The lines in their order.
	 *
	 * @var array<int, Stock_Line>
	 */
	private $lines = array();

	/**
	 * Who listens.
	 *
	 * @var Listeners
	 */
	private $listeners;

	/**
	 * The time there is.
	 *
	 * @var Budget
	 */
	private $budget;

	/**
	 * Works on a call.
	 *
	 * @param Stock_Request $call Call.
	 */
	private function __construct( Stock_Request $call ) {
		foreach ( $call->items as $item ) {
			$this->lines[] = new Stock_Line( $item );
		}
		$this->listeners = new Listeners();
		$this->budget    = new Budget( $call->seconds );
	}

	/**
	 * Answers a call.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function answer( $request ) {
		$call = new Stock_Request( Rest::json( $request ) );
		if ( array() !== $call->errors ) {
			return Refusal::bad_request( $call->errors );
		}
		if ( ! Tables::can_take_part_in_transactions() ) {
			return Refusal::of( 'stock_relay_no_transactions' );
		}
		$work = new self( $call );
		Pending::finish_others();
		$slow_because = $work->listeners->slow_because();
		$work->run( array() !== $slow_because );
		$results = array();
		$reached = 0;
		foreach ( $work->lines as $line ) {
			if ( null === $line->result ) {
				$line->settle( 'not_reached' );
			} else {
				++$reached;
			}
			$results[] = $line->result;
		}
		return array(
			'results'     => $results,
			'reached'     => $reached,
			'slowBecause' => $slow_because,
			'counter'     => Changes::count(),
			'elapsedMs'   => Budget::elapsed_ms(),
		);
	}

	/**
	 * Settles as many lines as time allows.
	 *
	 * @param bool $is_slow Whether every product has to take the slow way.
	 */
	private function run( bool $is_slow ): void {
		$rule   = Stock_Rule::of_shop();
		$groups = $this->groups();
		$plain  = $is_slow ? array() : array_filter( $groups, array( self::class, 'is_plain' ) );
		$slow   = array_diff_key( $groups, $plain );
		ksort( $plain );
		$bulk = new Bulk_Writer( $rule );
		$size = $this->listeners->must_tell_any() ? self::CHUNK_HEARD : self::CHUNK;
		foreach ( array_chunk( $plain, $size, true ) as $chunk ) {
			if ( $this->budget->is_spent() ) {
				return;
			}
			$slow += $this->attempt(
				array_merge( ...array_values( $chunk ) ),
				function () use ( $bulk, $chunk ) {
					list( $products, $left ) = $bulk->write( $chunk );
					$this->finish( $products );
					return $left;
				}
			);
		}
		$save = new Save_Writer( $rule );
		foreach ( $slow as $lines ) {
			if ( $this->budget->is_spent() ) {
				return;
			}
			$this->attempt(
				$lines,
				function () use ( $save, $lines ) {
					$this->finish_saved( $save->write( $lines ) );
					return array();
				}
			);
		}
	}

	/**
	 * Does work whose failure must not take other lines with it.
	 *
	 * @param array<int, Stock_Line> $lines Lines it settles.
	 * @param callable               $work  Work; it gives the groups that are left.
	 * @return array<int, array<int, Stock_Line>> Groups that are left.
	 */
	private function attempt( array $lines, callable $work ): array {
		try {
			return $work();
		} catch ( \Throwable $failure ) {
			wc_get_logger()->error( $failure->getMessage(), array( 'source' => 'stock-relay' ) );
			foreach ( $lines as $line ) {
				$line->settle( 'failed', array( 'reason' => $failure instanceof Database_Failure ? 'database' : 'listener' ) );
			}
			return array();
		}
	}

	/**
	 * Finishes what the bulk write wrote.
	 *
	 * @param array<int, array{id: int, parent: int, flipped: bool}> $products Products.
	 */
	private function finish( array $products ): void {
		if ( array() !== $products ) {
			( new Finisher( $this->listeners ) )->finish( $products );
			Pending::done();
		}
	}

	/**
	 * Finishes what WooCommerce saved: its hooks were called, in a transaction that nobody could see into.
	 *
	 * @param array<int, array{id: int, parent: int, flipped: bool}> $products Products.
	 */
	private function finish_saved( array $products ): void {
		foreach ( $products as $product ) {
			clean_post_cache( $product['id'] );
			wc_delete_product_transients( $product['id'] );
			\WC_Cache_Helper::invalidate_cache_group( 'product_' . $product['id'] );
			Pending::done();
		}
	}

	/**
	 * Lines that can be worked on, by owner; all others are settled.
	 *
	 * @return array<int, array<int, Stock_Line>>
	 */
	private function groups(): array {
		Applied::recall( $this->lines );
		$is_on  = 'yes' === get_option( 'woocommerce_manage_stock' );
		$owners = new Stock_Owners( array_map( array( self::class, 'id_of' ), $this->lines ) );
		$groups = array();
		foreach ( $this->lines as $line ) {
			if ( null !== $line->result ) {
				continue;
			}
			if ( ! $line->item->is_readable ) {
				$line->settle( 'refused', array( 'reason' => 'not_a_quantity' ) );
				continue;
			}
			$owner = $owners->of( $line->item->id, $line->item->manage );
			if ( is_string( $owner ) ) {
				$line->settle( $owner );
				continue;
			}
			$line->owner = $owner;
			if ( ! $is_on ) {
				$line->settle( 'unmanaged', array( 'reason' => 'shop' ) );
				continue;
			}
			$groups[ $owner->id ][] = $line;
		}
		return array_filter( $groups, array( self::class, 'agree' ) );
	}

	/**
	 * The product a line names.
	 *
	 * @param Stock_Line $line Line.
	 */
	private static function id_of( Stock_Line $line ): int {
		return $line->item->id;
	}

	/**
	 * Whether the lines for one owner can all be done; where not, none is.
	 *
	 * @param array<int, Stock_Line> $lines Lines.
	 */
	private static function agree( array $lines ): bool {
		foreach ( $lines as $line ) {
			if ( ! $line->item->agrees_with( $lines[0]->item ) ) {
				foreach ( $lines as $refused ) {
					$refused->settle( 'refused', array( 'reason' => 'disagree' ) );
				}
				return false;
			}
		}
		return true;
	}

	/**
	 * Whether lines can take the fast way.
	 *
	 * @param array<int, Stock_Line> $lines Lines.
	 */
	private static function is_plain( array $lines ): bool {
		return $lines[0]->owner->is_plain();
	}
}
