<?php

use PHPUnit\Framework\TestCase;
use StockRelay\Quantity;
use StockRelay\Stock_Item;
use StockRelay\Stock_Line;
use StockRelay\Stock_Reckoning;
use StockRelay\Stock_Request;
use StockRelay\Stock_Rule;

final class StockLinesTest extends TestCase {

	private static function line( array $line ): Stock_Line {
		return new Stock_Line( new Stock_Item( $line + array( 'ref' => 'r', 'id' => 1 ) ) );
	}

	private static function reckon( array $lines, ?string $held, string $status = 'instock', string $backorders = 'no', ?Stock_Rule $rule = null ): Stock_Reckoning {
		return new Stock_Reckoning( $rule ?? new Stock_Rule( 0, true ), $lines, Quantity::of_shop( $held, true ), $status, $backorders, 'bulk' );
	}

	/** @dataProvider calls */
	public function test_a_call_that_names_no_line_or_product_is_refused_with_the_place( array $call, string $path ): void {
		$request = new Stock_Request( $call );
		$this->assertSame( array( $path ), array_column( $request->errors, 'path' ) );
	}

	public static function calls(): array {
		$good = array( 'ref' => 'a', 'id' => 1, 'set' => '1' );
		return array(
			array( array(), 'items' ),
			array( array( 'items' => array() ), 'items' ),
			array( array( 'items' => array( 'a' => $good ) ), 'items' ),
			array( array( 'items' => array_fill( 0, 1001, $good ) ), 'items' ),
			array( array( 'items' => array( 'x' ) ), 'items[0]' ),
			array( array( 'items' => array( array( 'ref' => '' ) + $good ) ), 'items[0].ref' ),
			array( array( 'items' => array( array( 'ref' => str_repeat( 'a', 65 ) ) + $good ) ), 'items[0].ref' ),
			array( array( 'items' => array( $good, $good ) ), 'items[1].ref' ),
			array( array( 'items' => array( array( 'id' => '1' ) + $good ) ), 'items[0].id' ),
			array( array( 'items' => array( array( 'id' => 0 ) + $good ) ), 'items[0].id' ),
			array( array( 'items' => array( $good + array( 'adjust' => '1' ) ) ), 'items[0]' ),
			array( array( 'items' => array( array( 'ref' => 'a', 'id' => 1 ) ) ), 'items[0]' ),
			array( array( 'items' => array( $good ), 'seconds' => 'x' ), 'seconds' ),
		);
	}

	public function test_a_number_that_cannot_be_read_is_its_own_line_s_matter(): void {
		$request = new Stock_Request( array( 'items' => array( array( 'ref' => 'a', 'id' => 1, 'set' => 'abc' ), array( 'ref' => 'b', 'id' => 2, 'set' => '1', 'expected' => 1.5 ) ) ) );
		$this->assertSame( array(), $request->errors );
		$this->assertFalse( $request->items[0]->is_readable );
		$this->assertFalse( $request->items[1]->is_readable );
	}

	public function test_nothing_expected_is_not_the_same_as_none_expected(): void {
		$set = self::line( array( 'set' => '5' ) );
		self::reckon( array( $set ), null );
		$this->assertSame( 'written', $set->result['outcome'] );
		$this->assertNull( $set->result['before'] );
		$none = self::line( array( 'set' => '5', 'expected' => null ) );
		self::reckon( array( $none ), '0' );
		$this->assertSame( array( 'conflict', '0' ), array( $none->result['outcome'], $none->result['before'] ) );
	}

	public function test_a_stale_value_writes_nothing(): void {
		$line      = self::line( array( 'set' => '5', 'expected' => '9' ) );
		$reckoning = self::reckon( array( $line ), '8' );
		$this->assertFalse( $reckoning->changes() );
		$this->assertSame( 'conflict', $line->result['outcome'] );
	}

	public function test_what_is_right_is_left_alone_and_a_contradiction_is_healed(): void {
		$line = self::line( array( 'set' => '5' ) );
		$this->assertFalse( self::reckon( array( $line ), '5' )->changes() );
		$this->assertSame( 'unchanged', $line->result['outcome'] );
		$line = self::line( array( 'set' => '5' ) );
		$this->assertTrue( self::reckon( array( $line ), '5', 'outofstock' )->flips() );
		$this->assertSame( array( 'written', 'instock' ), array( $line->result['outcome'], $line->result['status'] ) );
	}

	public function test_changes_add_up_one_after_the_other(): void {
		$lines     = array( self::line( array( 'adjust' => '-2' ) ), self::line( array( 'adjust' => '-3' ) ) );
		$reckoning = self::reckon( $lines, '10' );
		$this->assertSame( '5', $reckoning->after->text() );
		$this->assertSame( array( '8', '8', '5' ), array( $lines[0]->result['after'], $lines[1]->result['before'], $lines[1]->result['after'] ) );
	}

	public function test_a_change_of_none_starts_from_0(): void {
		$this->assertSame( '-2', self::reckon( array( self::line( array( 'adjust' => '-2' ) ) ), null )->after->text() );
	}

	public function test_lines_that_agree_get_the_same_answer(): void {
		$lines = array( self::line( array( 'set' => '4', 'expected' => '9', 'ref' => 'a' ) ), self::line( array( 'set' => '4', 'expected' => '9', 'ref' => 'b' ) ) );
		self::reckon( $lines, '9' );
		$this->assertSame( array( 'a', 'written', 'b', 'written' ), array( $lines[0]->result['ref'], $lines[0]->result['outcome'], $lines[1]->result['ref'], $lines[1]->result['outcome'] ) );
	}

	/** @dataProvider pairs */
	public function test_which_lines_for_one_stock_agree( array $one, array $other, bool $agree ): void {
		$this->assertSame( $agree, self::line( $one )->item->agrees_with( self::line( $other )->item ) );
	}

	public static function pairs(): array {
		return array(
			array( array( 'set' => '4' ), array( 'set' => '4.0' ), true ),
			array( array( 'set' => '4' ), array( 'set' => '5' ), false ),
			array( array( 'set' => '4' ), array( 'set' => '4', 'expected' => null ), false ),
			array( array( 'set' => '4' ), array( 'adjust' => '4' ), false ),
			array( array( 'adjust' => '-1' ), array( 'adjust' => '-2' ), true ),
		);
	}

	/** @dataProvider statuses */
	public function test_the_status_is_WooCommerce_s( ?string $held, int $threshold, string $backorders, string $status ): void {
		$this->assertSame( $status, ( new Stock_Rule( $threshold, false ) )->status( Quantity::of_shop( $held, false ), $backorders ) );
	}

	public static function statuses(): array {
		return array(
			array( '1', 0, 'no', 'instock' ),
			array( '0', 0, 'no', 'outofstock' ),
			array( '0.9', 0, 'no', 'outofstock' ),
			array( '0', 0, 'notify', 'onbackorder' ),
			array( '-3', 0, 'yes', 'onbackorder' ),
			array( '2', 2, 'no', 'outofstock' ),
			array( '3', 2, 'yes', 'instock' ),
			array( null, 0, '', 'outofstock' ),
		);
	}

	public function test_a_shop_of_whole_pieces_takes_no_decimals(): void {
		$line = self::line( array( 'set' => '0.5' ) );
		$this->assertFalse( self::reckon( array( $line ), '3' )->changes() );
		$this->assertSame( array( 'refused', 'whole_pieces_only' ), array( $line->result['outcome'], $line->result['reason'] ) );
	}
}
