<?php
/**
 * Calls that were made before.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Remembers the nonces of calls, longer than a call stays valid.
 */
final class Nonces {

	const KEPT = 900;

	/**
	 * Uses a nonce up. One insert decides, so that of two calls at the same moment one is refused.
	 *
	 * @param string $nonce 32 hexadecimal digits.
	 * @return bool False where it was used before.
	 */
	public static function spend( string $nonce ): bool {
		return 1 === Database::run(
			'INSERT IGNORE INTO ' . Database::table( 'nonces' ) . ' (nonce, seen_at) VALUES (%s, %d)',
			array( $nonce, time() )
		);
	}

	/**
	 * Forgets what can no longer be replayed.
	 */
	public static function sweep(): void {
		Database::run(
			'DELETE FROM ' . Database::table( 'nonces' ) . ' WHERE seen_at < %d ORDER BY seen_at LIMIT 20000',
			array( time() - self::KEPT )
		);
	}
}
