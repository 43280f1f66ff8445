<?php
/**
 * Finds whoever holds the stock of a product.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Reads what is needed of any number of products in four queries.
 */
final class Stock_Owners {

	const METAS  = array( '_manage_stock', '_stock', '_stock_status', '_backorders', '_product_version' );
	const HIDDEN = array( 'trash', 'auto-draft' );

	/**
	 * Posts by id.
	 *
	 * @var array<int, array<string, string|null>>
	 */
	private $posts = array();

	/**
	 * Product types by id.
	 *
	 * @var array<int, string>
	 */
	private $types = array();

	/**
	 * Metas by id, key and row.
	 *
	 * @var array<int, array<string, array<int, string>>>
	 */
	private $metas = array();

	/**
	 * Reads products, and the parents of variations among them.
	 *
	 * @param array<int, int> $ids Products and variations.
	 */
	public function __construct( array $ids ) {
		$this->read_posts( $ids );
		$this->read_posts( array_diff( array_filter( array_map( 'intval', array_column( $this->posts, 'post_parent' ) ) ), array_keys( $this->posts ) ) );
		$known = array_keys( $this->posts );
		if ( array() !== $known ) {
			$this->read_types( $known );
			$this->read_metas( $known );
		}
	}

	/**
	 * Whoever holds the stock of a product, or why nobody does.
	 *
	 * @param int  $id         Product or variation.
	 * @param bool $may_manage Whether stock management may be switched on.
	 * @return Stock_Owner|string Owner or outcome.
	 */
	public function of( int $id, bool $may_manage ) {
		$post = $this->live( $id );
		if ( null === $post ) {
			return 'not_found';
		}
		if ( 'product_variation' === $post['post_type'] ) {
			return $this->of_variation( $id, (int) $post['post_parent'], $may_manage );
		}
		$owner = $this->owner( $id, 0, $this->type( $id ) );
		if ( in_array( $owner->type, array( 'grouped', 'external' ), true ) || ( 'variable' === $owner->type && ! $owner->manages() ) ) {
			return 'wrong_type';
		}
		return $owner->manages() || $may_manage ? $owner : 'unmanaged';
	}

	/**
	 * Whoever holds the stock of a variation.
	 *
	 * @param int  $id         Variation.
	 * @param int  $parent_id  Its parent.
	 * @param bool $may_manage Whether stock management may be switched on.
	 * @return Stock_Owner|string Owner or outcome.
	 */
	private function of_variation( int $id, int $parent_id, bool $may_manage ) {
		if ( null === $this->live( $parent_id ) ) {
			return 'not_found';
		}
		$own = $this->owner( $id, $parent_id, 'variation' );
		if ( $own->manages() ) {
			return $own;
		}
		$parents = $this->owner( $parent_id, 0, $this->type( $parent_id ) );
		if ( $parents->manages() ) {
			return $parents;
		}
		return $may_manage ? $own : 'unmanaged';
	}

	/**
	 * A post that is a product and not thrown away.
	 *
	 * @param int $id Post.
	 * @return array<string, string|null>|null
	 */
	private function live( int $id ): ?array {
		$post = $this->posts[ $id ] ?? null;
		return null === $post || in_array( $post['post_status'], self::HIDDEN, true ) ? null : $post;
	}

	/**
	 * Type of a product; WooCommerce, too, takes one without a type for a simple one.
	 *
	 * @param int $id Product.
	 */
	private function type( int $id ): string {
		return $this->types[ $id ] ?? 'simple';
	}

	/**
	 * Puts an owner together.
	 *
	 * @param int    $id        Product or variation.
	 * @param int    $parent_id Parent of a variation, or 0.
	 * @param string $type      Product type.
	 */
	private function owner( int $id, int $parent_id, string $type ): Stock_Owner {
		return new Stock_Owner( $id, $parent_id, $type, $this->metas[ $id ] ?? array() );
	}

	/**
	 * Reads posts.
	 *
	 * @param array<int, int> $ids Ids.
	 */
	private function read_posts( array $ids ): void {
		global $wpdb;
		$ids = array_values( array_unique( $ids ) );
		if ( array() === $ids ) {
			return;
		}
		$sql = "SELECT ID, post_type, post_status, post_parent FROM $wpdb->posts
			WHERE ID IN (" . Database::places( $ids ) . ") AND post_type IN ('product', 'product_variation')";
		foreach ( Database::rows( $sql, $ids ) as $row ) {
			$this->posts[ (int) $row['ID'] ] = $row;
		}
	}

	/**
	 * Reads product types.
	 *
	 * @param array<int, int> $ids Ids.
	 */
	private function read_types( array $ids ): void {
		global $wpdb;
		$sql = "SELECT r.object_id, t.slug FROM $wpdb->term_relationships r
			JOIN $wpdb->term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id AND x.taxonomy = 'product_type'
			JOIN $wpdb->terms t ON t.term_id = x.term_id
			WHERE r.object_id IN (" . Database::places( $ids ) . ')';
		foreach ( Database::rows( $sql, $ids ) as $row ) {
			$this->types[ (int) $row['object_id'] ] = (string) $row['slug'];
		}
	}

	/**
	 * Reads the metas that stock is made of.
	 *
	 * @param array<int, int> $ids Ids.
	 */
	private function read_metas( array $ids ): void {
		global $wpdb;
		$sql = "SELECT meta_id, post_id, meta_key, meta_value FROM $wpdb->postmeta
			WHERE post_id IN (" . Database::places( $ids ) . ') AND meta_key IN (' . Database::places( self::METAS, '%s' ) . ') ORDER BY meta_id';
		foreach ( Database::rows( $sql, array_merge( $ids, self::METAS ) ) as $row ) {
			$this->metas[ (int) $row['post_id'] ][ $row['meta_key'] ][ (int) $row['meta_id'] ] = (string) $row['meta_value'];
		}
	}
}
