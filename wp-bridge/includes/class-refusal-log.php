<?php
/**
 * The log of refused calls.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * How often each refusal happened, and the last ones: bounded, so that a stranger cannot fill the database.
 */
final class Refusal_Log {

	const OPTION = 'stock_relay_refusals';
	const KEPT   = 50;

	/**
	 * Writes a refusal down.
	 *
	 * @param string $code    Code of the refusal.
	 * @param string $method  HTTP method.
	 * @param string $route   REST route.
	 * @param string $address Address of the caller.
	 */
	public static function add( string $code, string $method, string $route, string $address ): void {
		$log                    = self::read();
		$log['counts'][ $code ] = ( $log['counts'][ $code ] ?? 0 ) + 1;
		$log['last'][]          = array(
			'at'      => Moment::iso( time() ),
			'code'    => $code,
			'call'    => substr( $method . ' ' . $route, 0, 100 ),
			'address' => substr( $address, 0, 45 ),
		);
		$log['last']            = array_slice( $log['last'], -self::KEPT );
		update_option( self::OPTION, $log, false );
	}

	/**
	 * Counts per code and the last refusals, oldest first.
	 *
	 * @return array{counts: array<string, int>, last: array<int, array<string, string>>}
	 */
	public static function read(): array {
		$log = get_option( self::OPTION );
		return is_array( $log ) ? $log : array(
			'counts' => array(),
			'last'   => array(),
		);
	}
}
