<?php
/**
 * Entries of the catalogue.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Makes entries of posts, with the same values that WooCommerce's REST API shows; five queries for any number of them.
 */
final class Catalogue_Rows {

	const METAS        = array( '_sku', '_global_unique_id', '_manage_stock', '_stock', '_stock_status', '_backorders', '_price' );
	const PARENT_METAS = array( '_manage_stock', '_stock', '_backorders', '_product_attributes' );

	/**
	 * Whether the shop counts whole pieces.
	 *
	 * @var bool
	 */
	private $is_whole;

	/**
	 * Translations, where a plugin for them is active.
	 *
	 * @var Translations
	 */
	private $translations;

	/**
	 * Reads the shop's settings.
	 */
	public function __construct() {
		$this->is_whole     = Stock_Rule::of_shop()->is_whole;
		$this->translations = new Translations();
	}

	/**
	 * Entries of posts.
	 *
	 * @param array<int, array<string, string|null>> $posts Rows of posts, with the count of their last change.
	 * @return array<int, array<string, mixed>>
	 */
	public function entries( array $posts ): array {
		if ( array() === $posts ) {
			return array();
		}
		$ids          = array_map( 'intval', array_column( $posts, 'ID' ) );
		$parents      = array_values( array_unique( array_filter( array_map( 'intval', array_column( $posts, 'post_parent' ) ) ) ) );
		$metas        = $this->metas( $ids, self::METAS, true );
		$parent_metas = array() === $parents ? array() : $this->metas( $parents, self::PARENT_METAS, false );
		$terms        = $this->terms( $ids );
		$groups       = $this->translations->of( $ids );
		$entries      = array();
		foreach ( $posts as $post ) {
			$id        = (int) $post['ID'];
			$entries[] = $this->entry( $post, $metas[ $id ] ?? array(), $parent_metas[ (int) $post['post_parent'] ] ?? array(), $terms[ $id ] ?? array() ) + ( $groups[ $id ] ?? array() );
		}
		return $entries;
	}

	/**
	 * One entry.
	 *
	 * @param array<string, string|null>                            $post    Row of the post.
	 * @param array<string, string>                                 $meta    Its metas.
	 * @param array<string, string>                                 $parents Its parent's metas.
	 * @param array<string, array<int, array<string, string|null>>> $terms   Its terms by taxonomy.
	 * @return array<string, mixed>
	 */
	private function entry( array $post, array $meta, array $parents, array $terms ): array {
		$is_variation = 'product_variation' === $post['post_type'];
		$manages      = self::manages( $meta, $is_variation ? $parents : array() );
		$holder       = 'parent' === $manages ? $parents : $meta;
		$backorders   = $holder['_backorders'] ?? '';
		$price        = $meta['_price'] ?? '';
		return array(
			'id'          => (int) $post['ID'],
			'parentId'    => $is_variation ? (int) $post['post_parent'] : 0,
			'type'        => $is_variation ? 'variation' : ( $terms['product_type'][0]['slug'] ?? 'simple' ),
			'sku'         => $meta['_sku'] ?? '',
			'gtin'        => $meta['_global_unique_id'] ?? '',
			'name'        => $post['post_title'],
			'status'      => $post['post_status'],
			'manages'     => $manages,
			'quantity'    => 'no' === $manages ? null : Quantity::text_of( Quantity::of_shop( $holder['_stock'] ?? '', $this->is_whole ) ),
			'stockStatus' => $meta['_stock_status'] ?? 'instock',
			'backorders'  => '' === $backorders ? 'no' : $backorders,
			'modified'    => Moment::of_database( (string) $post['post_modified_gmt'] ),
			'changed'     => (string) $post['changed'],
			'categories'  => array_map( array( self::class, 'category' ), $terms['product_cat'] ?? array() ),
		)
			+ ( $is_variation ? array( 'attributes' => Variation_Name::of( $meta, $parents['_product_attributes'] ?? '' ) ) : array() )
			+ ( '' === $price ? array() : array( 'price' => $price ) );
	}

	/**
	 * Who keeps the stock.
	 *
	 * @param array<string, string> $meta    Metas.
	 * @param array<string, string> $parents The parent's metas, of a variation.
	 */
	private static function manages( array $meta, array $parents ): string {
		if ( 'yes' === ( $meta['_manage_stock'] ?? '' ) ) {
			return 'yes';
		}
		return 'yes' === ( $parents['_manage_stock'] ?? '' ) ? 'parent' : 'no';
	}

	/**
	 * A category of an entry.
	 *
	 * @param array<string, string|null> $term Term.
	 * @return array{id: int, name: string}
	 */
	private static function category( array $term ): array {
		return array(
			'id'   => (int) $term['term_id'],
			'name' => (string) $term['name'],
		);
	}

	/**
	 * Metas by id and key; of a key with several rows, the first, as WooCommerce reads it.
	 *
	 * @param array<int, int>    $ids             Ids.
	 * @param array<int, string> $keys            Keys.
	 * @param bool               $with_attributes Whether the attributes of variations are read as well.
	 * @return array<int, array<string, string>>
	 */
	private function metas( array $ids, array $keys, bool $with_attributes ): array {
		global $wpdb;
		$rows  = Database::rows(
			"SELECT post_id, meta_key, meta_value FROM $wpdb->postmeta WHERE post_id IN (" . Database::places( $ids ) . ')
			AND (meta_key IN (' . Database::places( $keys, '%s' ) . ')' . ( $with_attributes ? ' OR meta_key LIKE %s' : '' ) . ') ORDER BY meta_id',
			array_merge( $ids, $keys, $with_attributes ? array( $wpdb->esc_like( 'attribute_' ) . '%' ) : array() )
		);
		$metas = array();
		foreach ( $rows as $row ) {
			$metas[ (int) $row['post_id'] ] = ( $metas[ (int) $row['post_id'] ] ?? array() ) + array( $row['meta_key'] => (string) $row['meta_value'] );
		}
		return $metas;
	}

	/**
	 * Types and categories by id and taxonomy.
	 *
	 * @param array<int, int> $ids Ids.
	 * @return array<int, array<string, array<int, array<string, string|null>>>>
	 */
	private function terms( array $ids ): array {
		global $wpdb;
		$rows  = Database::rows(
			"SELECT r.object_id, x.taxonomy, t.term_id, t.slug, t.name FROM $wpdb->term_relationships r
			JOIN $wpdb->term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id AND x.taxonomy IN ('product_type', 'product_cat')
			JOIN $wpdb->terms t ON t.term_id = x.term_id
			WHERE r.object_id IN (" . Database::places( $ids ) . ') ORDER BY t.name, t.term_id',
			$ids
		);
		$terms = array();
		foreach ( $rows as $row ) {
			$terms[ (int) $row['object_id'] ][ $row['taxonomy'] ][] = $row;
		}
		return $terms;
	}
}
