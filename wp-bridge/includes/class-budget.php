<?php
/**
 * The time a call may take.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Counts from the moment WordPress was called, since that is what the host's limit counts from.
 */
final class Budget {

	const USUAL = 20;

	/**
	 * When to stop, on the clock of microtime().
	 *
	 * @var float
	 */
	private $until;

	/**
	 * A budget for this call.
	 *
	 * @param float|null $wanted Seconds the caller will wait, or null.
	 */
	public function __construct( ?float $wanted = null ) {
		$allowed     = self::allowed();
		$this->until = self::start() + ( null === $wanted ? $allowed : min( $wanted, $allowed ) );
	}

	/**
	 * Seconds this host allows: two thirds of PHP's limit, and never more than twenty.
	 */
	public static function allowed(): int {
		$limit = (int) ini_get( 'max_execution_time' );
		return 0 >= $limit ? self::USUAL : max( 1, min( self::USUAL, (int) floor( $limit * 2 / 3 ) ) );
	}

	/**
	 * Whether time is up.
	 */
	public function is_spent(): bool {
		return microtime( true ) >= $this->until;
	}

	/**
	 * Milliseconds since the call came in.
	 */
	public static function elapsed_ms(): int {
		return (int) round( ( microtime( true ) - self::start() ) * 1000 );
	}

	/**
	 * When the call came in.
	 */
	private static function start(): float {
		return isset( $_SERVER['REQUEST_TIME_FLOAT'] ) ? (float) $_SERVER['REQUEST_TIME_FLOAT'] : microtime( true );
	}
}
