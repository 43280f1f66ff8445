<?php
/**
 * The plugin's pure parts need next to nothing of WordPress: these few functions.
 *
 * @package StockRelay
 */

define( 'DAY_IN_SECONDS', 86400 );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'MINUTE_IN_SECONDS', 60 );

require_once dirname( __DIR__, 3 ) . '/wp-bridge/includes/autoload.php';

function wp_unslash( $value ) {
	return $value;
}

function maybe_unserialize( $text ) {
	return is_string( $text ) && 'a:' === substr( $text, 0, 2 ) ? unserialize( $text ) : $text; // phpcs:ignore
}

function sanitize_title( $text ) {
	return strtolower( str_replace( ' ', '-', $text ) );
}

function taxonomy_exists( $name ) {
	return 'pa_color' === $name;
}

class WP_Term {
	/** @var string */
	public $name;

	public function __construct( string $name ) {
		$this->name = $name;
	}
}

function get_term_by( $field, $value, $taxonomy ) {
	return 'red' === $value && 'pa_color' === $taxonomy ? new WP_Term( 'Red & bright' ) : false;
}

function esc_url_raw( $url ) {
	return 1 === preg_match( '#^https?://#', $url ) ? $url : '';
}

function wp_parse_url( $url ) {
	return parse_url( $url );
}

function untrailingslashit( $text ) {
	return rtrim( $text, '/' );
}

function apply_filters( $name, $value ) {
	return $value;
}
