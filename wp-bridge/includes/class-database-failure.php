<?php
/**
 * A refusal by the database.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * What the database said, and whether trying again can help.
 */
final class Database_Failure extends \RuntimeException {

	const DEADLOCK     = 1213;
	const LOCK_TIMEOUT = 1205;
	const DUPLICATE    = 1062;

	/**
	 * The failure of the last statement.
	 */
	public static function last(): self {
		global $wpdb;
		$number = $wpdb->dbh instanceof \mysqli ? (int) mysqli_errno( $wpdb->dbh ) : 0; // phpcs:ignore WordPress.DB.RestrictedFunctions -- wpdb keeps the words of an error and not its number.
		return new self( $wpdb->last_error, $number );
	}

	/**
	 * Whether the same work may succeed now: somebody else was in the way, or did the same at the same moment.
	 */
	public function may_pass(): bool {
		return in_array( $this->getCode(), array( self::DEADLOCK, self::LOCK_TIMEOUT, self::DUPLICATE ), true );
	}

	/**
	 * The database took the transaction back without a statement of ours failing.
	 */
	public static function rolled_back(): self {
		return new self( 'The transaction was rolled back.', self::DEADLOCK );
	}
}
