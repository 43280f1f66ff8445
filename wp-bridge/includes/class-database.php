<?php
/**
 * The way to the database.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Statements that must not fail unnoticed: wpdb answers false, this throws.
 */
final class Database {

	const TRIES = 4;

	/**
	 * Name of one of the plugin's own tables.
	 *
	 * @param string $name Short name.
	 */
	public static function table( string $name ): string {
		global $wpdb;
		return $wpdb->prefix . 'stock_relay_' . $name;
	}

	/**
	 * Runs a statement.
	 *
	 * @param string            $sql    Statement; values as placeholders, names of tables alone are put in.
	 * @param array<int, mixed> $values Values.
	 * @throws Database_Failure When the database refuses.
	 * @return int Rows touched.
	 */
	public static function run( string $sql, array $values = array() ): int {
		global $wpdb;
		$quiet  = $wpdb->suppress_errors( true );
		$result = $wpdb->query( self::prepared( $sql, $values ) ); // phpcs:ignore WordPress.DB -- Prepared one line on.
		$wpdb->suppress_errors( $quiet );
		if ( false === $result ) {
			throw Database_Failure::last();
		}
		return (int) $result;
	}

	/**
	 * Rows of a query.
	 *
	 * @param string            $sql    Query.
	 * @param array<int, mixed> $values Values.
	 * @throws Database_Failure When the database refuses.
	 * @return array<int, array<string, string|null>>
	 */
	public static function rows( string $sql, array $values = array() ): array {
		global $wpdb;
		$quiet = $wpdb->suppress_errors( true );
		$rows  = $wpdb->get_results( self::prepared( $sql, $values ), ARRAY_A ); // phpcs:ignore WordPress.DB -- Prepared one line on.
		$wpdb->suppress_errors( $quiet );
		if ( null === $rows || '' !== $wpdb->last_error ) {
			throw Database_Failure::last();
		}
		return $rows;
	}

	/**
	 * The first value of a query, or null.
	 *
	 * @param string            $sql    Query.
	 * @param array<int, mixed> $values Values.
	 */
	public static function value( string $sql, array $values = array() ): ?string {
		$rows = self::rows( $sql, $values );
		return array() === $rows ? null : reset( $rows[0] );
	}

	/**
	 * Placeholders for a list, as in "%d,%d".
	 *
	 * @param array<int, mixed> $values Values.
	 * @param string            $each   Placeholder of one.
	 */
	public static function places( array $values, string $each = '%d' ): string {
		return implode( ',', array_fill( 0, count( $values ), $each ) );
	}

	/**
	 * Does the work in one transaction: all of it or nothing. Tried again where the database chose it as the victim of a
	 * deadlock, so the work must do nothing that a roll-back does not take back. A connection that is lost takes the
	 * transaction with it, so wpdb must not connect anew in the middle: what followed would no longer be part of it.
	 *
	 * @template T
	 * @param callable(): T $work Work.
	 * @throws \Throwable What the work throws.
	 * @return T
	 */
	public static function in_transaction( callable $work ) {
		global $wpdb;
		for ( $try = 1; ; $try++ ) {
			self::run( 'START TRANSACTION' );
			$retries                 = $wpdb->reconnect_retries;
			$wpdb->reconnect_retries = 0;
			try {
				$result = $work();
				self::run( 'COMMIT' );
				return $result;
			} catch ( \Throwable $failure ) {
				self::run( 'ROLLBACK' );
				if ( ! $failure instanceof Database_Failure || ! $failure->may_pass() || self::TRIES === $try ) {
					throw $failure;
				}
				usleep( $try * wp_rand( 5000, 20000 ) );
			} finally {
				$wpdb->reconnect_retries = $retries;
			}
		}
	}

	/**
	 * The statement with its values.
	 *
	 * @param string            $sql    Statement.
	 * @param array<int, mixed> $values Values.
	 */
	private static function prepared( string $sql, array $values ): string {
		global $wpdb;
		return array() === $values ? $sql : $wpdb->prepare( $sql, array_values( $values ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared -- Callers write statements with placeholders.
	}
}
