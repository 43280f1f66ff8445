<?php
/**
 * Moments on the wire.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Times as ISO 8601 in UTC.
 */
final class Moment {

	/**
	 * A Unix time.
	 *
	 * @param int $seconds Unix seconds.
	 */
	public static function iso( int $seconds ): string {
		return gmdate( 'Y-m-d\TH:i:s\Z', $seconds );
	}

	/**
	 * A time as the database holds it, in UTC; drafts that were never published may have none.
	 *
	 * @param string $stored "2026-01-31 08:15:00".
	 */
	public static function of_database( string $stored ): string {
		return 0 === strpos( $stored, '0000' ) ? self::iso( 0 ) : str_replace( ' ', 'T', $stored ) . 'Z';
	}
}
