<?php
/**
 * The fast way to write stock.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Writes the rows that WooCommerce's save would write, of many products in one transaction.
 */
final class Bulk_Writer {

	/**
	 * The shop's rule.
	 *
	 * @var Stock_Rule
	 */
	private $rule;

	/**
	 * A writer.
	 *
	 * @param Stock_Rule $rule The shop's rule.
	 */
	public function __construct( Stock_Rule $rule ) {
		$this->rule = $rule;
	}

	/**
	 * Settles the lines of plain owners, as far as the fast way can.
	 *
	 * @param array<int, array<int, Stock_Line>> $groups Lines by owner.
	 * @return array{0: array<int, array{id: int, parent: int, flipped: bool}>, 1: array<int, array<int, Stock_Line>>}
	 *         Products to finish, and the groups that are left to WooCommerce's own save.
	 */
	public function write( array $groups ): array {
		return Database::in_transaction(
			function () use ( $groups ) {
				$lines = array_merge( ...array_values( $groups ) );
				foreach ( $lines as $line ) {
					$line->result = null;
				}
				Applied::recall( $lines );
				$locked = $this->lock( $groups );
				$left   = array_diff_key( $groups, $locked );
				$writes = array();
				foreach ( $locked as $id => $owner ) {
					$reckoning = new Stock_Reckoning(
						$this->rule,
						$groups[ $id ],
						Quantity::of_shop( $owner->meta( '_stock' ), $this->rule->is_whole ),
						$owner->meta( '_stock_status' ),
						$owner->meta( '_backorders' ),
						'bulk'
					);
					if ( $reckoning->flips() && 'variable' === $owner->type ) {
						// The variations without stock of their own show what this one shows: WooCommerce's save sees to them.
						$left[ $id ] = $groups[ $id ];
						foreach ( $groups[ $id ] as $line ) {
							$line->result = null;
						}
					} elseif ( $reckoning->changes() ) {
						$writes[ $id ] = array( $owner, $reckoning );
					}
				}
				$products = array();
				foreach ( $writes as $id => list( $owner, $reckoning ) ) {
					$products[] = array(
						'id'      => $id,
						'parent'  => $owner->parent_id,
						'flipped' => $reckoning->flips(),
					);
				}
				if ( array() !== $writes ) {
					$this->write_rows( $writes );
					Pending::add( $products );
					Stock_Events::add( $this->events( $groups, $writes ) );
				}
				Applied::remember( array_filter( $lines, array( Applied::class, 'is_new' ) ) );
				return array( $products, $left );
			}
		);
	}

	/**
	 * What the service is told of its own writes.
	 *
	 * @param array<int, array<int, Stock_Line>>                    $groups Lines by owner.
	 * @param array<int, array{0: Stock_Owner, 1: Stock_Reckoning}> $writes Owners with what they are to hold.
	 * @return array<int, array<string, mixed>>
	 */
	private function events( array $groups, array $writes ): array {
		$events = array();
		foreach ( $writes as $id => list( $owner, $reckoning ) ) {
			$cause    = Stock_Cause::relay( $groups[ $id ][0]->item->ref );
			$events[] = Stock_Watch::event( $id, $owner->parent_id, $reckoning->before, $reckoning->after, $cause );
		}
		return $events;
	}

	/**
	 * Locks the rows, by their primary keys in ascending order: by meta_key InnoDB would lock the whole catalogue, and in
	 * another order two writers could wait for each other.
	 *
	 * @param array<int, array<int, Stock_Line>> $groups Lines by owner.
	 * @return array<int, Stock_Owner> Owners whose rows are as they were found, with what they hold now.
	 */
	private function lock( array $groups ): array {
		global $wpdb;
		$owners   = array();
		$meta_ids = array();
		foreach ( $groups as $id => $lines ) {
			$owners[ $id ] = $lines[0]->owner;
			array_push( $meta_ids, $lines[0]->owner->only_meta_id( '_stock' ), $lines[0]->owner->only_meta_id( '_stock_status' ) );
		}
		sort( $meta_ids );
		$found = array();
		$sql   = "SELECT meta_id, post_id, meta_key, meta_value FROM $wpdb->postmeta FORCE INDEX (PRIMARY)
			WHERE meta_id IN (" . Database::places( $meta_ids ) . ') ORDER BY meta_id FOR UPDATE';
		foreach ( Database::rows( $sql, $meta_ids ) as $row ) {
			$owner = $owners[ (int) $row['post_id'] ] ?? null;
			if ( null !== $owner && $owner->only_meta_id( (string) $row['meta_key'] ) === (int) $row['meta_id'] ) {
				$owner->refresh( $row['meta_key'], (int) $row['meta_id'], (string) $row['meta_value'] );
				$found[ $owner->id ] = 1 + ( $found[ $owner->id ] ?? 0 );
			}
		}
		$ids = array_keys( $groups );
		sort( $ids );
		$sql    = "SELECT product_id FROM {$wpdb->prefix}wc_product_meta_lookup FORCE INDEX (PRIMARY)
			WHERE product_id IN (" . Database::places( $ids ) . ') ORDER BY product_id FOR UPDATE';
		$locked = array();
		foreach ( array_column( Database::rows( $sql, $ids ), 'product_id' ) as $id ) {
			if ( 2 === ( $found[ $id ] ?? 0 ) ) {
				$locked[ (int) $id ] = $owners[ (int) $id ];
			}
		}
		return $locked;
	}

	/**
	 * Writes all rows.
	 *
	 * @param array<int, array{0: Stock_Owner, 1: Stock_Reckoning}> $writes Owners with what they are to hold.
	 */
	private function write_rows( array $writes ): void {
		global $wpdb;
		$metas   = array();
		$lookups = array();
		$dated   = array();
		$flips   = array();
		foreach ( $writes as $id => list( $owner, $reckoning ) ) {
			$this->add_meta( $metas, $owner, '_stock', Quantity::text_of( $reckoning->after ) );
			if ( WC_VERSION !== $owner->meta( '_product_version' ) ) {
				$this->add_meta( $metas, $owner, '_product_version', WC_VERSION );
			}
			if ( $reckoning->flips() ) {
				$this->add_meta( $metas, $owner, '_stock_status', $reckoning->status_after );
				$flips[ $id ] = $reckoning->status_after;
			}
			array_push( $lookups, $id, Quantity::text_of( $reckoning->after ), $reckoning->status_after );
			$dated[ $id ]               = $id;
			$dated[ $owner->parent_id ] = $owner->parent_id;
		}
		unset( $dated[0] );
		sort( $dated );
		$this->upsert( $wpdb->postmeta, 'meta_id, post_id, meta_key, meta_value', '(%d, %d, %s, %s)', array( 'meta_value' ), $metas );
		$this->upsert(
			$wpdb->prefix . 'wc_product_meta_lookup',
			'product_id, stock_quantity, stock_status',
			'(%d, %s, %s)',
			array( 'stock_quantity', 'stock_status' ),
			$lookups
		);
		Database::run(
			"UPDATE $wpdb->posts SET post_modified = %s, post_modified_gmt = %s WHERE ID IN (" . Database::places( $dated ) . ') ORDER BY ID',
			array_merge( array( current_time( 'mysql' ), current_time( 'mysql', true ) ), $dated )
		);
		if ( array() !== $flips ) {
			Stock_Flips::write( $flips );
		}
	}

	/**
	 * Adds a meta row.
	 *
	 * @param array<int, mixed> $values Values of rows so far.
	 * @param Stock_Owner       $owner  Owner.
	 * @param string            $key    Key.
	 * @param string            $value  Value.
	 */
	private function add_meta( array &$values, Stock_Owner $owner, string $key, string $value ): void {
		array_push( $values, $owner->only_meta_id( $key ), $owner->id, $key, $value );
	}

	/**
	 * Writes rows that are there, many in one statement.
	 *
	 * @param string             $table   Table.
	 * @param string             $columns Columns, the primary key first.
	 * @param string             $row     Placeholders of a row.
	 * @param array<int, string> $written Columns that are written.
	 * @param array<int, mixed>  $values  Values of all rows.
	 */
	private function upsert( string $table, string $columns, string $row, array $written, array $values ): void {
		$sets = array();
		foreach ( $written as $column ) {
			$sets[] = "$column = VALUES($column)";
		}
		$rows = array_fill( 0, intdiv( count( $values ), substr_count( $row, '%' ) ), $row );
		Database::run( "INSERT INTO $table ($columns) VALUES " . implode( ', ', $rows ) . ' ON DUPLICATE KEY UPDATE ' . implode( ', ', $sets ), $values );
	}
}
