<?php
/**
 * The Authorization header.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Finds the header wherever a host hides it, and remembers whether it gets through at all.
 */
final class Authorization_Header {

	const OPTION = 'stock_relay_authorization';

	/**
	 * The header of this request with the place it was found in.
	 *
	 * @return array{0: string, 1: string}|null
	 */
	public static function find(): ?array {
		foreach ( array( 'HTTP_AUTHORIZATION', 'REDIRECT_HTTP_AUTHORIZATION', 'REDIRECT_REDIRECT_HTTP_AUTHORIZATION' ) as $name ) {
			$value = self::server( $name );
			if ( '' !== $value ) {
				return array( $value, $name );
			}
		}
		$headers = function_exists( 'apache_request_headers' ) ? apache_request_headers() : array();
		foreach ( is_array( $headers ) ? $headers : array() as $name => $value ) {
			if ( 'authorization' === strtolower( $name ) && '' !== trim( $value ) ) {
				return array( trim( $value ), 'apache_request_headers' );
			}
		}
		$digest = self::server( 'PHP_AUTH_DIGEST' );
		if ( '' !== $digest ) {
			return array( 'Digest ' . $digest, 'PHP_AUTH_DIGEST' );
		}
		$user = self::server( 'PHP_AUTH_USER' );
		if ( '' !== $user ) {
			// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- The header as it was before PHP took it apart.
			return array( 'Basic ' . base64_encode( $user . ':' . self::server( 'PHP_AUTH_PW' ) ), 'PHP_AUTH_USER' );
		}
		return null;
	}

	/**
	 * Whether the header reaches WordPress: yes, recovered (from another place), no, or unknown.
	 */
	public static function reaches(): string {
		$known = get_option( self::OPTION );
		return is_array( $known ) ? $known['reaches'] : 'unknown';
	}

	/**
	 * Remembers whether a header that was sent has reached WordPress.
	 *
	 * @param string $reaches yes, recovered or no.
	 */
	public static function remember( string $reaches ): void {
		update_option(
			self::OPTION,
			array(
				'reaches' => $reaches,
				'at'      => time(),
			),
			false
		);
	}

	/**
	 * What a place says of how the header came.
	 *
	 * @param array{0: string, 1: string}|null $found What find() found.
	 */
	public static function way( ?array $found ): string {
		if ( null === $found ) {
			return 'no';
		}
		return 'HTTP_AUTHORIZATION' === $found[1] ? 'yes' : 'recovered';
	}

	/**
	 * A value of the request as it came: a password may hold what WordPress's sanitizing would take away.
	 *
	 * @param string $name Name.
	 */
	private static function server( string $name ): string {
		return isset( $_SERVER[ $name ] ) && is_string( $_SERVER[ $name ] ) ? trim( wp_unslash( $_SERVER[ $name ] ) ) : ''; // phpcs:ignore WordPress.Security.ValidatedSanitizedInput.InputNotSanitized
	}
}
