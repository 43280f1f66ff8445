<?php
/**
 * What is signed, and how.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * HMAC-SHA256 over a call's direction, method, path, moment, nonce and body.
 */
final class Signature {

	const TO_SHOP    = 'to-shop';
	const TO_SERVICE = 'to-service';
	const WINDOW     = 300;

	/**
	 * The signed text of a call. The direction is part of it, so that a call cannot be sent back to who signed it.
	 *
	 * @param string $direction One of the constants.
	 * @param string $method    HTTP method.
	 * @param string $path      Path as canonical_path() gives it.
	 * @param string $timestamp Unix seconds.
	 * @param string $nonce     32 lower-case hexadecimal digits.
	 * @param string $body      The raw body.
	 */
	public static function text( string $direction, string $method, string $path, string $timestamp, string $nonce, string $body ): string {
		return implode( "\n", array( $direction, $method, $path, $timestamp, $nonce, hash( 'sha256', $body ) ) );
	}

	/**
	 * The route, and the query sorted by name: the same with pretty and plain permalinks.
	 *
	 * @param string               $route REST route.
	 * @param array<string, mixed> $query Query parameters.
	 */
	public static function canonical_path( string $route, array $query ): string {
		unset( $query['rest_route'] );
		if ( array() === $query ) {
			return $route;
		}
		ksort( $query, SORT_STRING );
		return $route . '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
	}

	/**
	 * The value of the signature header.
	 *
	 * @param string $text   Signed text.
	 * @param string $secret Secret of the pairing, base64url.
	 */
	public static function sign( string $text, string $secret ): string {
		return 'v1=' . hash_hmac( 'sha256', $text, self::key( $secret ) );
	}

	/**
	 * Whether a signature was made with the secret.
	 *
	 * @param string $signature Header as received.
	 * @param string $text      Signed text.
	 * @param string $secret    Secret of the pairing, base64url.
	 */
	public static function is_valid( string $signature, string $text, string $secret ): bool {
		return '' !== self::key( $secret ) && hash_equals( self::sign( $text, $secret ), $signature );
	}

	/**
	 * The key's bytes, or an empty string where the text is not 32 bytes in base64url.
	 *
	 * @param string $secret Secret, base64url.
	 */
	public static function key( string $secret ): string {
		if ( 1 !== preg_match( '/^[A-Za-z0-9_-]{43}$/D', $secret ) ) {
			return '';
		}
		return (string) base64_decode( strtr( $secret, '-_', '+/' ) . '=', true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_decode -- The secret is exchanged as base64url.
	}

	/**
	 * Whether a moment is near enough to now.
	 *
	 * @param int $timestamp Unix seconds of the call.
	 * @param int $now       Unix seconds.
	 */
	public static function is_in_time( int $timestamp, int $now ): bool {
		return abs( $now - $timestamp ) <= self::WINDOW;
	}
}
