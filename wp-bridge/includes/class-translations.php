<?php
/**
 * Translations of products.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Which products are translations of one, as WPML or Polylang knows it.
 */
final class Translations {

	/**
	 * Language, group and translations of products that have them.
	 *
	 * @param array<int, int> $ids Products.
	 * @return array<int, array{language: string, group: string, translations: array<int, int>}>
	 */
	public function of( array $ids ): array {
		if ( defined( 'ICL_SITEPRESS_VERSION' ) ) {
			return $this->of_wpml( $ids );
		}
		return function_exists( 'pll_get_post_translations' ) && function_exists( 'pll_get_post_language' ) ? $this->of_polylang( $ids ) : array();
	}

	/**
	 * As WPML knows it.
	 *
	 * @param array<int, int> $ids Products.
	 * @return array<int, array{language: string, group: string, translations: array<int, int>}>
	 */
	private function of_wpml( array $ids ): array {
		global $wpdb;
		$rows   = Database::rows(
			"SELECT mine.element_id AS id, mine.language_code AS language, mine.trid, twin.element_id AS twin
			FROM {$wpdb->prefix}icl_translations mine
			JOIN {$wpdb->prefix}icl_translations twin ON twin.trid = mine.trid AND twin.element_type = mine.element_type
			WHERE mine.element_type IN ('post_product', 'post_product_variation') AND mine.element_id IN (" . Database::places( $ids ) . ') ORDER BY twin.element_id',
			$ids
		);
		$groups = array();
		foreach ( $rows as $row ) {
			$id            = (int) $row['id'];
			$groups[ $id ] = ( $groups[ $id ] ?? array() ) + array(
				'language'     => (string) $row['language'],
				'group'        => (string) $row['trid'],
				'translations' => array(),
			);

			$groups[ $id ]['translations'][] = (int) $row['twin'];
		}
		return $groups;
	}

	/**
	 * As Polylang knows it.
	 *
	 * @param array<int, int> $ids Products.
	 * @return array<int, array{language: string, group: string, translations: array<int, int>}>
	 */
	private function of_polylang( array $ids ): array {
		update_object_term_cache( $ids, array( 'product', 'product_variation' ) );
		$groups = array();
		foreach ( $ids as $id ) {
			$language = pll_get_post_language( $id );
			$twins    = array_map( 'intval', array_values( pll_get_post_translations( $id ) ) );
			if ( is_string( $language ) && '' !== $language && array() !== $twins ) {
				sort( $twins );
				$groups[ $id ] = array(
					'language'     => $language,
					'group'        => (string) $twins[0],
					'translations' => $twins,
				);
			}
		}
		return $groups;
	}
}
