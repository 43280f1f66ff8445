<?php
/**
 * Stock events.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * The list of changes of stock that the service has not taken yet. Bounded: where it overflows, the oldest go and the
 * service is told that there is a gap.
 */
final class Stock_Events {

	const MAX_ROWS = 50000;
	const MAX_SENT = 500;
	const GAP      = 'stock_relay_events_gap';

	/**
	 * Whether this request added events.
	 *
	 * @var bool
	 */
	private static $is_added = false;

	/**
	 * Adds events.
	 *
	 * @param array<int, array<string, mixed>> $events Events.
	 * @return int The first one's number.
	 */
	public static function add( array $events ): int {
		global $wpdb;
		$values = array();
		foreach ( $events as $event ) {
			array_push( $values, (string) wp_json_encode( $event ), time() );
		}
		Database::run(
			'INSERT INTO ' . Database::table( 'events' ) . ' (event, at) VALUES ' . Database::places( $events, '(%s, %d)' ),
			$values
		);
		self::$is_added = true;
		return (int) $wpdb->insert_id;
	}

	/**
	 * Changes an event of this request.
	 *
	 * @param int                  $seq   Its number.
	 * @param array<string, mixed> $event Event.
	 */
	public static function amend( int $seq, array $event ): void {
		Database::run( 'UPDATE ' . Database::table( 'events' ) . ' SET event = %s WHERE seq = %d', array( (string) wp_json_encode( $event ), $seq ) );
	}

	/**
	 * Whether this request added events.
	 */
	public static function are_added(): bool {
		return self::$is_added;
	}

	/**
	 * The next events. Those that were never handed out come too, whatever their number: a transaction that ended late
	 * has a number lower than what was taken before it.
	 *
	 * @param int $after The last one taken.
	 * @param int $limit Events at most.
	 * @return array<int, array<string, mixed>>
	 */
	public static function hand_out( int $after, int $limit ): array {
		$table  = Database::table( 'events' );
		$events = array();
		foreach ( Database::rows( "SELECT seq, event FROM $table WHERE seq > %d OR handed = 0 ORDER BY seq LIMIT %d", array( $after, $limit ) ) as $row ) {
			$events[] = array( 'seq' => $row['seq'] ) + (array) json_decode( (string) $row['event'], true );
		}
		if ( array() !== $events ) {
			$seqs = array_column( $events, 'seq' );
			Database::run( "UPDATE $table SET handed = 1 WHERE seq IN (" . Database::places( $seqs ) . ')', $seqs );
		}
		return $events;
	}

	/**
	 * Forgets what the service has on disk, and the gap it was told of.
	 *
	 * @param int $seq The last one it has.
	 */
	public static function forget( int $seq ): void {
		Database::run( 'DELETE FROM ' . Database::table( 'events' ) . ' WHERE seq <= %d AND handed = 1', array( $seq ) );
		if ( 'told' === get_option( self::GAP ) ) {
			delete_option( self::GAP );
		}
	}

	/**
	 * Whether events were lost. Who asks tells the service; a gap that comes after that is a new one.
	 */
	public static function tell_gap(): bool {
		if ( false === get_option( self::GAP ) ) {
			return false;
		}
		update_option( self::GAP, 'told', false );
		return true;
	}

	/**
	 * Remembers that events were lost.
	 */
	public static function leave_gap(): void {
		update_option( self::GAP, 'new', false );
	}

	/**
	 * Lets the oldest go where there are too many.
	 */
	public static function sweep(): void {
		$table = Database::table( 'events' );
		$last  = Database::value( "SELECT seq FROM $table ORDER BY seq DESC LIMIT 1 OFFSET %d", array( self::MAX_ROWS ) );
		if ( null !== $last && Database::run( "DELETE FROM $table WHERE seq <= %d", array( $last ) ) > 0 ) {
			self::leave_gap();
		}
	}

	/**
	 * How many wait, and since when.
	 *
	 * @return array{pending: int, oldest: ?string}
	 */
	public static function waiting(): array {
		$row = Database::rows( 'SELECT COUNT(*) AS pending, MIN(at) AS oldest FROM ' . Database::table( 'events' ) )[0];
		return array(
			'pending' => (int) $row['pending'],
			'oldest'  => null === $row['oldest'] ? null : Moment::iso( (int) $row['oldest'] ),
		);
	}
}
