<?php
/**
 * The service's address.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Addresses of a service, and whether secrets may travel there.
 */
final class Service_Address {

	/**
	 * An address without a slash at its end, or null where it is none, or would not keep a secret.
	 *
	 * @param string $typed Address.
	 */
	public static function normalised( string $typed ): ?string {
		$url   = esc_url_raw( $typed, array( 'http', 'https' ) );
		$parts = '' === $url ? false : wp_parse_url( $url );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || isset( $parts['user'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) || strlen( $url ) > 500 ) {
			return null;
		}
		return 'https' === $parts['scheme'] || self::may_be_plain( $parts['host'] ) ? untrailingslashit( $url ) : null;
	}

	/**
	 * Whether plain HTTP will do for a host: its calls do not leave a private network.
	 *
	 * @param string $host Host.
	 */
	public static function may_be_plain( string $host ): bool {
		$host       = strtolower( trim( $host, '[]' ) );
		$is_private = 'localhost' === $host || '.localhost' === substr( $host, -10 )
			|| ( filter_var( $host, FILTER_VALIDATE_IP ) && ! filter_var( $host, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE ) );
		/**
		 * Filters whether secrets may travel over plain HTTP to or from a host.
		 *
		 * @since 0.1.0
		 *
		 * @param bool   $allowed True where the host is a private address.
		 * @param string $host    Host.
		 */
		return (bool) apply_filters( 'stock_relay_allow_http', $is_private, $host );
	}
}
