<?php
/**
 * Finds the plugin's classes: StockRelay\Stock_Route is in class-stock-route.php.
 *
 * @package StockRelay
 */

namespace StockRelay;

spl_autoload_register(
	static function ( string $name ): void {
		$prefix = __NAMESPACE__ . '\\';
		if ( 0 !== strpos( $name, $prefix ) ) {
			return;
		}
		$short = strtolower( str_replace( '_', '-', substr( $name, strlen( $prefix ) ) ) );
		$file  = __DIR__ . '/class-' . $short . '.php';
		if ( is_file( $file ) ) {
			require_once $file;
		}
	}
);
