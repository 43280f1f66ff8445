<?php
/**
 * One page of the catalogue.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Reads a page and prints it as JSON, slice by slice, so that its size does not matter to PHP's memory.
 */
final class Catalogue_Stream {

	const SLICE = 500;

	/**
	 * The entry before the page.
	 *
	 * @var int
	 */
	private $after;

	/**
	 * Entries of the page at most.
	 *
	 * @var int
	 */
	private $limit;

	/**
	 * Only what changed after this count; null for everything.
	 *
	 * @var string|null
	 */
	private $since;

	/**
	 * A page.
	 *
	 * @param int         $after The entry before the page.
	 * @param int         $limit Entries at most.
	 * @param string|null $since Only what changed after this count; null for everything.
	 */
	public function __construct( int $after, int $limit, ?string $since ) {
		$this->after = $after;
		$this->limit = $limit;
		$this->since = $since;
	}

	/**
	 * Prints the page. The counter is read before the first entry: what changes from now on has a higher one.
	 */
	public function send(): void {
		printf( '{"counter":%s,"complete":%s,"entries":[', wp_json_encode( Changes::count() ), null === $this->since ? 'true' : 'false' );
		$budget = new Budget();
		$rows   = new Catalogue_Rows();
		$posts  = $this->posts();
		$sent   = 0;
		foreach ( array_chunk( $posts, self::SLICE ) as $slice ) {
			foreach ( $rows->entries( $slice ) as $entry ) {
				echo ( 0 === $sent ? '' : ",\n" ) . wp_json_encode( $entry ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- JSON.
				++$sent;
			}
			flush();
			if ( $budget->is_spent() ) {
				break;
			}
		}
		$is_over = count( $posts ) === $sent && $sent < $this->limit;
		$at      = 0 === $sent ? $this->after : (int) $posts[ $sent - 1 ]['ID'];
		printf( '],"deleted":%s,"next":%s}', wp_json_encode( $this->deleted( $is_over ? PHP_INT_MAX : $at ) ), $is_over ? 'null' : (int) $at );
	}

	/**
	 * The posts of the page.
	 *
	 * @return array<int, array<string, string|null>>
	 */
	private function posts(): array {
		global $wpdb;
		$changes = Database::table( 'changes' );
		// What a parent shows is part of what its variations show.
		$changed = 'GREATEST(COALESCE(own.seq, 0), COALESCE(parents.seq, 0))';
		return Database::rows(
			"SELECT p.ID, p.post_parent, p.post_type, p.post_status, p.post_title, p.post_modified_gmt, $changed AS changed
			FROM $wpdb->posts p
			LEFT JOIN $changes own ON own.product_id = p.ID
			LEFT JOIN $changes parents ON parents.product_id = p.post_parent AND p.post_parent > 0
			WHERE p.ID > %d AND p.post_type IN ('product', 'product_variation') AND p.post_status NOT IN ('trash', 'auto-draft')"
			. ( null === $this->since ? '' : " AND $changed > %d" ) . ' ORDER BY p.ID LIMIT %d',
			array_merge( array( $this->after ), null === $this->since ? array() : array( $this->since ), array( $this->limit ) )
		);
	}

	/**
	 * Ids within the page that are no entries any more.
	 *
	 * @param int $last The last id of the page.
	 * @return array<int, int>
	 */
	private function deleted( int $last ): array {
		global $wpdb;
		if ( null === $this->since ) {
			return array();
		}
		$rows = Database::rows(
			'SELECT c.product_id FROM ' . Database::table( 'changes' ) . " c
			LEFT JOIN $wpdb->posts p ON p.ID = c.product_id AND p.post_type IN ('product', 'product_variation') AND p.post_status NOT IN ('trash', 'auto-draft')
			WHERE c.seq > %d AND c.product_id > %d AND c.product_id <= %d AND p.ID IS NULL ORDER BY c.product_id",
			array( $this->since, $this->after, $last )
		);
		return array_map( 'intval', array_column( $rows, 'product_id' ) );
	}
}
