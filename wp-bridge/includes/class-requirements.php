<?php
/**
 * What the plugin needs around it.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Whether WooCommerce is there and new enough, and what is said where it is not.
 */
final class Requirements {

	const WOOCOMMERCE = '8.0';

	/**
	 * WooCommerce's version, or null where it is not active.
	 */
	public static function woocommerce_version(): ?string {
		return function_exists( 'WC' ) && defined( 'WC_VERSION' ) ? WC_VERSION : null;
	}

	/**
	 * Whether stock can be written.
	 */
	public static function are_met(): bool {
		$version = self::woocommerce_version();
		return null !== $version && version_compare( $version, self::WOOCOMMERCE, '>=' );
	}

	/**
	 * Says on the pages where it can be cured what is missing.
	 */
	public static function notice(): void {
		$screen = get_current_screen();
		if ( self::are_met() || ! current_user_can( 'activate_plugins' ) || null === $screen || ! in_array( $screen->base, array( 'plugins', 'dashboard', 'plugin-install' ), true ) ) {
			return;
		}
		$version = self::woocommerce_version();
		$words   = null === $version
			/* translators: %s: version number. */
			? sprintf( __( 'Stock Relay needs WooCommerce %s or later, which is not active. Until then it does nothing.', 'stock-relay' ), self::WOOCOMMERCE )
			/* translators: 1: version number needed, 2: version number found. */
			: sprintf( __( 'Stock Relay needs WooCommerce %1$s or later; this shop has %2$s. Until it is updated, Stock Relay does nothing.', 'stock-relay' ), self::WOOCOMMERCE, $version );
		printf( '<div class="notice notice-warning"><p>%s</p></div>', esc_html( $words ) );
	}
}
