<?php
/**
 * What tells a variation from its siblings.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * A variation's own part of its name, as in "Red, S".
 */
final class Variation_Name {

	/**
	 * The chosen options, in the order in which WooCommerce shows them.
	 *
	 * @param array<string, string> $meta   Metas of the variation, in the order of their rows.
	 * @param string                $stored Attributes of the parent as stored.
	 */
	public static function of( array $meta, string $stored ): string {
		$attributes = maybe_unserialize( $stored );
		$known      = array();
		foreach ( is_array( $attributes ) ? $attributes : array() as $attribute ) {
			if ( ! empty( $attribute['is_variation'] ) && isset( $attribute['name'] ) ) {
				$known[ 'attribute_' . sanitize_title( $attribute['name'] ) ] = (string) $attribute['name'];
			}
		}
		$parts = array();
		foreach ( array_intersect_key( $meta, $known ) as $key => $value ) {
			if ( '' !== $value ) {
				$parts[] = self::option( substr( $key, strlen( 'attribute_' ) ), $value );
			}
		}
		return implode( ', ', $parts );
	}

	/**
	 * An option as people read it.
	 *
	 * @param string $taxonomy Taxonomy, or the name of an attribute of the product's own.
	 * @param string $value    Slug of a term, or the option itself.
	 */
	private static function option( string $taxonomy, string $value ): string {
		$term = taxonomy_exists( $taxonomy ) ? get_term_by( 'slug', $value, $taxonomy ) : false;
		return rawurldecode( $term instanceof \WP_Term && '' !== $term->name ? $term->name : $value );
	}
}
