<?php
/**
 * What follows a write.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Forgets caches and calls hooks after the rows are written, so that shop and plugins see what a save would have shown
 * them. Everything here is read anew from the database, so doing it twice, or late, is harmless.
 */
final class Finisher {

	/**
	 * Transients of a product that hold what depends on its stock.
	 */
	const TRANSIENTS = array( 'wc_product_children_', 'wc_var_prices_', 'wc_related_', 'wc_child_has_weight_', 'wc_child_has_dimensions_' );

	/**
	 * Transients of the reports that count products by stock.
	 */
	const COUNTS = array( 'wc_admin_stock_count_lowstock', 'wc_admin_product_count', 'wc_layered_nav_counts_product_brand' );

	/**
	 * Who listens.
	 *
	 * @var Listeners
	 */
	private $listeners;

	/**
	 * A finisher.
	 *
	 * @param Listeners $listeners Who listens.
	 */
	public function __construct( Listeners $listeners ) {
		$this->listeners = $listeners;
	}

	/**
	 * Finishes products that were written.
	 *
	 * @param array<int, array{id: int, parent: int, flipped: bool}> $products Products.
	 */
	public function finish( array $products ): void {
		if ( array() === $products ) {
			return;
		}
		$ids     = array_column( $products, 'id' );
		$parents = array_values( array_unique( array_filter( array_column( $products, 'parent' ) ) ) );
		$flipped = array_column( array_filter( $products, array( self::class, 'is_flipped' ) ), 'id' );
		Changes::mark_written( array_merge( $ids, $parents ) );
		$this->forget( array_merge( $ids, $parents ), array() !== $flipped );
		$counting = wp_defer_term_counting();
		wp_defer_term_counting( true );
		foreach ( $products as $product ) {
			$this->guarded(
				function () use ( $product ) {
					$this->tell( $product );
				}
			);
		}
		foreach ( array_unique( array_column( array_filter( $products, array( self::class, 'is_flipped_variation' ) ), 'parent' ) ) as $parent ) {
			$this->guarded(
				function () use ( $parent ) {
					$this->sync( $parent );
				}
			);
		}
		if ( array() !== $flipped && 0 !== Stock_Flips::term() ) {
			wp_update_term_count( array( Stock_Flips::term() ), 'product_visibility' );
		}
		wp_defer_term_counting( $counting );
	}

	/**
	 * Does work in which code of others may fail: the rows are written by now, and the other products have their turn.
	 *
	 * @param callable(): void $work Work.
	 */
	private function guarded( callable $work ): void {
		try {
			$work();
		} catch ( \Throwable $failure ) {
			wc_get_logger()->error( $failure->getMessage(), array( 'source' => 'stock-relay' ) );
		}
	}

	/**
	 * Whether a product's status changed.
	 *
	 * @param array{flipped: bool} $product Product.
	 */
	private static function is_flipped( array $product ): bool {
		return $product['flipped'];
	}

	/**
	 * Whether a product is a variation whose status changed.
	 *
	 * @param array{parent: int, flipped: bool} $product Product.
	 */
	private static function is_flipped_variation( array $product ): bool {
		return $product['flipped'] && 0 !== $product['parent'];
	}

	/**
	 * Forgets what is cached of products.
	 *
	 * @param array<int, int> $ids       Products and parents.
	 * @param bool            $has_flips Whether the status of any changed.
	 */
	private function forget( array $ids, bool $has_flips ): void {
		_prime_post_caches( $ids, false, false );
		foreach ( $ids as $id ) {
			$post = get_post( $id );
			if ( null !== $post ) {
				clean_post_cache( $post );
			}
			wp_cache_delete( 'lookup_table', 'object_' . $id );
			\WC_Cache_Helper::invalidate_cache_group( 'product_' . $id );
		}
		$this->forget_transients( $ids );
		foreach ( array_merge( self::COUNTS, array_map( array( self::class, 'count_of' ), array_keys( wc_get_product_stock_status_options() ) ) ) as $name ) {
			delete_transient( $name );
		}
		if ( $has_flips ) {
			foreach ( wc_get_attribute_taxonomy_names() as $taxonomy ) {
				delete_transient( 'wc_layered_nav_counts_' . $taxonomy );
			}
		}
		wc_delete_product_transients();
	}

	/**
	 * Name of a report's transient.
	 *
	 * @param string $status Stock status.
	 */
	private static function count_of( string $status ): string {
		return 'wc_admin_stock_count_' . $status;
	}

	/**
	 * Forgets the transients of products; in the database only those that are there, found by one query.
	 *
	 * @param array<int, int> $ids Products and parents.
	 */
	private function forget_transients( array $ids ): void {
		global $wpdb;
		$names = array();
		foreach ( $ids as $id ) {
			foreach ( self::TRANSIENTS as $prefix ) {
				$names[] = $prefix . $id;
			}
		}
		if ( ! wp_using_ext_object_cache() ) {
			$options = array();
			foreach ( $names as $name ) {
				$options[] = '_transient_' . $name;
			}
			$sql   = "SELECT SUBSTRING(option_name, 12) AS name FROM $wpdb->options WHERE option_name IN (" . Database::places( $options, '%s' ) . ')';
			$names = array_column( Database::rows( $sql, $options ), 'name' );
		}
		array_map( 'delete_transient', $names );
	}

	/**
	 * Calls the hooks of a save for one product.
	 *
	 * @param array{id: int, parent: int, flipped: bool} $written Product.
	 */
	private function tell( array $written ): void {
		$id   = $written['id'];
		$kind = 0 === $written['parent'] ? 'product' : 'variation';
		do_action( 'woocommerce_updated_product_stock', $id );
		$saved   = 'product' === $kind ? 'woocommerce_update_product' : 'woocommerce_update_product_variation';
		$hooks   = array( "woocommerce_{$kind}_set_stock", 'woocommerce_product_object_updated_props', $saved, 'woocommerce_after_product_object_save' );
		$needing = array_filter( $hooks, array( $this->listeners, 'must_tell' ) );
		if ( array() === $needing && ! $written['flipped'] ) {
			return;
		}
		$product = wc_get_product( $id );
		if ( ! $product instanceof \WC_Product ) {
			return;
		}
		$watch = static function ( $saved_product ) use ( $id ): void {
			if ( $saved_product->get_id() === $id ) {
				Listeners::remember_saving();
			}
		};
		add_action( 'woocommerce_before_product_object_save', $watch );
		if ( $this->listeners->must_tell( "woocommerce_{$kind}_set_stock" ) ) {
			do_action( "woocommerce_{$kind}_set_stock", $product );
		}
		if ( $written['flipped'] ) {
			do_action( "woocommerce_{$kind}_set_stock_status", $id, $product->get_stock_status(), $product );
			if ( 'product' === $kind ) {
				do_action( 'woocommerce_product_set_visibility', $id, $product->get_catalog_visibility() );
			}
		}
		if ( $this->listeners->must_tell( 'woocommerce_product_object_updated_props' ) ) {
			do_action( 'woocommerce_product_object_updated_props', $product, $written['flipped'] ? array( 'stock_quantity', 'stock_status' ) : array( 'stock_quantity' ) );
		}
		if ( $this->listeners->must_tell( $saved ) ) {
			do_action( $saved, $id, $product );
		}
		if ( $this->listeners->must_tell( 'woocommerce_after_product_object_save' ) ) {
			do_action( 'woocommerce_after_product_object_save', $product, $product->get_data_store() );
		}
		remove_action( 'woocommerce_before_product_object_save', $watch );
	}

	/**
	 * Lets a variable product show what its variations come to. Locked, since of two at once the later read must also be
	 * the later write.
	 *
	 * @param int $parent_id Variable product.
	 */
	private function sync( int $parent_id ): void {
		global $wpdb;
		Database::in_transaction(
			static function () use ( $wpdb, $parent_id ) {
				Database::value( "SELECT ID FROM $wpdb->posts WHERE ID = %d FOR UPDATE", array( $parent_id ) );
				clean_post_cache( $parent_id );
				\WC_Product_Variable::sync( $parent_id );
			}
		);
		clean_post_cache( $parent_id );
	}
}
