<?php
/**
 * Changes that were applied.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Remembers "adjust" lines for a day, in the transaction that applies them: what is sent again is never applied twice.
 */
final class Applied {

	const KEPT = DAY_IN_SECONDS;

	/**
	 * Settles the lines that were applied before.
	 *
	 * @param array<int, Stock_Line> $lines Lines.
	 */
	public static function recall( array $lines ): void {
		$refs = self::refs( $lines );
		if ( array() === $refs ) {
			return;
		}
		$sql    = 'SELECT ref, result FROM ' . Database::table( 'applied' ) . ' WHERE ref IN (' . Database::places( $refs, '%s' ) . ')';
		$before = array_column( Database::rows( $sql, $refs ), 'result', 'ref' );
		foreach ( $lines as $line ) {
			if ( $line->item->is_adjust && isset( $before[ $line->item->ref ] ) ) {
				$line->result = json_decode( $before[ $line->item->ref ], true ) + array( 'repeated' => true );
			}
		}
	}

	/**
	 * Remembers what was applied. The same ref twice breaks the primary key, and so the transaction.
	 *
	 * @param array<int, Stock_Line> $lines Lines that were written.
	 */
	public static function remember( array $lines ): void {
		$values = array();
		foreach ( $lines as $line ) {
			if ( $line->item->is_adjust ) {
				array_push( $values, $line->item->ref, wp_json_encode( $line->result ), time() );
			}
		}
		if ( array() !== $values ) {
			$rows = array_fill( 0, intdiv( count( $values ), 3 ), '(%s, %s, %d)' );
			Database::run( 'INSERT INTO ' . Database::table( 'applied' ) . ' (ref, result, applied_at) VALUES ' . implode( ', ', $rows ), $values );
		}
	}

	/**
	 * Whether a line was applied just now.
	 *
	 * @param Stock_Line $line Line.
	 */
	public static function is_new( Stock_Line $line ): bool {
		return null !== $line->result && ! isset( $line->result['repeated'] ) && in_array( $line->result['outcome'], array( 'written', 'unchanged' ), true );
	}

	/**
	 * Forgets what is older than a day.
	 */
	public static function sweep(): void {
		Database::run(
			'DELETE FROM ' . Database::table( 'applied' ) . ' WHERE applied_at < %d ORDER BY applied_at LIMIT 20000',
			array( time() - self::KEPT )
		);
	}

	/**
	 * Refs of the lines that add.
	 *
	 * @param array<int, Stock_Line> $lines Lines.
	 * @return array<int, string>
	 */
	private static function refs( array $lines ): array {
		$refs = array();
		foreach ( $lines as $line ) {
			if ( $line->item->is_adjust ) {
				$refs[] = $line->item->ref;
			}
		}
		return $refs;
	}
}
