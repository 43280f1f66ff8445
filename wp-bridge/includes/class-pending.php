<?php
/**
 * What a write still has to do.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * The list of products whose rows are written and whose caches and hooks are not done yet. It is written in the
 * transaction of the write: where PHP dies after COMMIT, the next call finishes what this one could not.
 */
final class Pending {

	/**
	 * How often a list is taken up: where code of others ends PHP every time, it must not end every call.
	 */
	const TRIES = 3;

	/**
	 * Name of this call. Its lock tells the others that it lives; the database frees it with the connection.
	 *
	 * @var string|null
	 */
	private static $request = null;

	/**
	 * Adds products, in the transaction that writes them.
	 *
	 * @param array<int, array{id: int, parent: int, flipped: bool}> $products Products.
	 */
	public static function add( array $products ): void {
		$values = array();
		foreach ( $products as $product ) {
			array_push( $values, $product['id'], $product['parent'], (int) $product['flipped'], self::request(), time() );
		}
		$rows = array_fill( 0, count( $products ), '(%d, %d, %d, %s, %d)' );
		Database::run(
			'INSERT INTO ' . Database::table( 'pending' ) . ' (product_id, parent_id, flipped, request, written_at) VALUES ' . implode( ', ', $rows ),
			$values
		);
	}

	/**
	 * Whether the products this call added are still there: wpdb does not tell where the database took a transaction back.
	 */
	public static function is_kept(): bool {
		return null !== Database::value( 'SELECT id FROM ' . Database::table( 'pending' ) . ' WHERE request = %s LIMIT 1', array( self::request() ) );
	}

	/**
	 * Takes this call's products off the list.
	 */
	public static function done(): void {
		Database::run( 'DELETE FROM ' . Database::table( 'pending' ) . ' WHERE request = %s', array( self::request() ) );
	}

	/**
	 * Finishes what calls left that died.
	 */
	public static function finish_others(): void {
		$table = Database::table( 'pending' );
		foreach ( array_column( Database::rows( "SELECT DISTINCT request FROM $table LIMIT 20" ), 'request' ) as $request ) {
			if ( self::$request === $request || '1' !== Database::value( 'SELECT IS_FREE_LOCK(%s)', array( self::lock_name( $request ) ) ) ) {
				continue;
			}
			Database::run( "UPDATE $table SET tries = tries + 1 WHERE request = %s", array( $request ) );
			Database::run( "DELETE FROM $table WHERE request = %s AND tries > %d", array( $request, self::TRIES ) );
			$products = array();
			foreach ( Database::rows( "SELECT product_id, parent_id, MAX(flipped) AS flipped FROM $table WHERE request = %s GROUP BY product_id, parent_id", array( $request ) ) as $row ) {
				$products[] = array(
					'id'      => (int) $row['product_id'],
					'parent'  => (int) $row['parent_id'],
					'flipped' => '1' === $row['flipped'],
				);
			}
			( new Finisher( new Listeners() ) )->finish( $products );
			Database::run( "DELETE FROM $table WHERE request = %s", array( $request ) );
		}
	}

	/**
	 * Name of this call.
	 */
	private static function request(): string {
		if ( null === self::$request ) {
			$request = bin2hex( random_bytes( 16 ) );
			Database::value( 'SELECT GET_LOCK(%s, 0)', array( self::lock_name( $request ) ) );
			self::$request = $request;
		}
		return self::$request;
	}

	/**
	 * Name of a call's lock: locks are the whole server's.
	 *
	 * @param string $request Name of a call.
	 */
	private static function lock_name( string $request ): string {
		return 'stock_relay_' . $request;
	}
}
