<?php
/**
 * The counter of changes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Which product changed when, by a counter instead of dates: a date has seconds, and misses what changes in the same one.
 *
 * The counter is a row of the same table (product 0), and every change is written together with it in one statement. So
 * a reader who sees a count sees all that was counted up to it, in whatever order transactions end.
 */
final class Changes {

	/**
	 * Counts from before the plugin was last switched on, when nobody counted.
	 */
	const FLOOR = 'stock_relay_counted_since';

	/**
	 * Metas whose change a catalogue shows.
	 */
	const METAS = array( '_sku', '_global_unique_id', '_stock', '_stock_status', '_manage_stock', '_backorders', '_price' );

	/**
	 * Products that changed in this request.
	 *
	 * @var array<int, bool>
	 */
	private static $marked = array();

	/**
	 * Hooks up everything by which products change.
	 */
	public static function watch(): void {
		foreach ( array( 'new_product', 'update_product', 'delete_product', 'trash_product', 'new_product_variation', 'update_product_variation', 'delete_product_variation', 'trash_product_variation', 'updated_product_stock', 'updated_product_price', 'product_set_stock', 'variation_set_stock', 'product_set_stock_status', 'variation_set_stock_status' ) as $hook ) {
			add_action( "woocommerce_$hook", array( self::class, 'on_product' ), 1, 1 );
		}
		foreach ( array( 'save_post_product', 'save_post_product_variation' ) as $hook ) {
			add_action( $hook, array( self::class, 'on_product' ), 1, 1 );
		}
		foreach ( array( 'trashed_post', 'untrashed_post', 'before_delete_post', 'deleted_post' ) as $hook ) {
			add_action( $hook, array( self::class, 'on_post' ), 1, 2 );
		}
		foreach ( array( 'added_post_meta', 'updated_post_meta', 'deleted_post_meta' ) as $hook ) {
			add_action( $hook, array( self::class, 'on_meta' ), 1, 3 );
		}
		add_action( 'set_object_terms', array( self::class, 'on_terms' ), 1, 4 );
		add_action( 'shutdown', array( self::class, 'flush' ), 1 );
	}

	/**
	 * Begins to count, at the activation.
	 */
	public static function begin(): void {
		$table = Database::table( 'changes' );
		Database::run( "INSERT IGNORE INTO $table (product_id, seq) VALUES (0, 0)" );
		Database::run( "UPDATE $table SET seq = seq + 1 WHERE product_id = 0" );
		update_option( self::FLOOR, self::count(), false );
	}

	/**
	 * Begins anew after a change could not be counted.
	 */
	public static function mend(): void {
		if ( PHP_INT_MAX === (int) get_option( self::FLOOR ) ) {
			self::begin();
		}
	}

	/**
	 * The counter.
	 */
	public static function count(): string {
		return (string) Database::value( 'SELECT seq FROM ' . Database::table( 'changes' ) . ' WHERE product_id = 0' );
	}

	/**
	 * Whether all changes after a count are known.
	 *
	 * @param string $count Count.
	 */
	public static function are_known_since( string $count ): bool {
		return (int) $count >= (int) get_option( self::FLOOR ) && (int) $count <= (int) self::count();
	}

	/**
	 * Marks products as changed.
	 *
	 * @param array<int, int> $ids Products.
	 */
	public static function mark( array $ids ): void {
		$table = Database::table( 'changes' );
		foreach ( array_chunk( array_unique( $ids ), 1000 ) as $some ) {
			Database::run(
				"INSERT INTO $table (product_id, seq)
				SELECT ids.id, counter.n + 1 FROM (SELECT seq AS n FROM $table WHERE product_id = 0 FOR UPDATE) AS counter
				JOIN (SELECT 0 AS id" . str_repeat( ' UNION ALL SELECT %d', count( $some ) ) . ') AS ids
				WHERE ids.id >= 0
				ON DUPLICATE KEY UPDATE seq = VALUES(seq)',
				$some
			);
		}
	}

	/**
	 * Marks products that were written in bulk: at once, and at the end of the request with all others.
	 *
	 * @param array<int, int> $ids Products.
	 */
	public static function mark_written( array $ids ): void {
		self::$marked += array_fill_keys( $ids, true );
		self::mark_quietly( $ids );
	}

	/**
	 * A product changed.
	 *
	 * @param int|\WC_Product $product Product or its id.
	 */
	public static function on_product( $product ): void {
		$id = is_object( $product ) ? (int) $product->get_id() : (int) $product;
		if ( $id < 1 ) {
			return;
		}
		// At once, in case this request ends badly, and once more when it ends: a reader may come in between.
		if ( ! isset( self::$marked[ $id ] ) ) {
			self::$marked[ $id ] = true;
			self::mark_quietly( array( $id ) );
		}
	}

	/**
	 * A post was thrown away, taken back or deleted.
	 *
	 * @param int           $id   Post.
	 * @param \WP_Post|null $post Post, where WordPress gives it.
	 */
	public static function on_post( $id, $post = null ): void {
		$type = $post instanceof \WP_Post ? $post->post_type : get_post_type( $id );
		if ( in_array( $type, array( 'product', 'product_variation' ), true ) ) {
			self::on_product( (int) $id );
		}
	}

	/**
	 * A meta of a post changed.
	 *
	 * @param mixed  $meta_id Meta or metas.
	 * @param int    $id      Post.
	 * @param string $key     Key.
	 */
	public static function on_meta( $meta_id, $id, $key ): void {
		if ( in_array( $key, self::METAS, true ) ) {
			self::on_post( (int) $id );
		}
	}

	/**
	 * Terms of an object were set.
	 *
	 * @param int    $id       Object.
	 * @param mixed  $terms    Terms.
	 * @param mixed  $tt_ids   Their rows.
	 * @param string $taxonomy Taxonomy.
	 */
	public static function on_terms( $id, $terms, $tt_ids, $taxonomy ): void {
		if ( in_array( $taxonomy, array( 'product_type', 'product_cat', 'language', 'post_translations' ), true ) ) {
			self::on_post( (int) $id );
		}
	}

	/**
	 * Marks what changed in this request once more, at its end.
	 */
	public static function flush(): void {
		if ( array() !== self::$marked ) {
			self::mark_quietly( array_keys( self::$marked ) );
			self::$marked = array();
		}
	}

	/**
	 * Marks products. Where that fails, the shop's own work must not: nobody can rely on the counts before it any more.
	 *
	 * @param array<int, int> $ids Products.
	 */
	private static function mark_quietly( array $ids ): void {
		try {
			self::mark( $ids );
		} catch ( Database_Failure $failure ) {
			wc_get_logger()->error( $failure->getMessage(), array( 'source' => 'stock-relay' ) );
			update_option( self::FLOOR, PHP_INT_MAX, false );
		}
	}
}
