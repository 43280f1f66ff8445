<?php

use PHPUnit\Framework\TestCase;
use StockRelay\Quantity;

final class QuantityTest extends TestCase {

	/** @dataProvider readable */
	public function test_a_quantity_of_a_call_is_exact( $given, string $text ): void {
		$this->assertSame( $text, Quantity::of_call( $given )->text() );
	}

	public static function readable(): array {
		return array(
			array( 7, '7' ),
			array( '7', '7' ),
			array( '-2', '-2' ),
			array( '-0.5', '-0.5' ),
			array( '2.50', '2.5' ),
			array( '0', '0' ),
			array( '-0', '0' ),
			array( '0.000001', '0.000001' ),
			array( '999999999999.999999', '999999999999.999999' ),
		);
	}

	/** @dataProvider unreadable */
	public function test_what_is_no_quantity_is_never_0( $given ): void {
		$this->assertNull( Quantity::of_call( $given ) );
	}

	public static function unreadable(): array {
		return array_map(
			static function ( $given ) {
				return array( $given );
			},
			array( null, '', ' ', 'abc', '1e3', '1,5', '.5', '5.', '+5', '0x1', true, 1.5, array(), '1234567890123', '0.1234567', "7\n" )
		);
	}

	public function test_the_shop_s_own_text_is_read_as_WooCommerce_writes_it(): void {
		$this->assertSame( '7', Quantity::of_shop( '7.000000', true )->text() );
		$this->assertSame( '7', Quantity::of_shop( '7.9', true )->text() );
		$this->assertSame( '-7', Quantity::of_shop( '-7.9', true )->text() );
		$this->assertSame( '7.9', Quantity::of_shop( '7.9', false )->text() );
		$this->assertSame( '0.333333', Quantity::of_shop( '0.33333333333', false )->text() );
		$this->assertNull( Quantity::of_shop( '', true ) );
		$this->assertNull( Quantity::of_shop( null, true ) );
		$this->assertNull( Quantity::of_shop( 'many', true ) );
	}

	public function test_sums_lose_no_digit_and_do_not_overflow(): void {
		$tenth = Quantity::of_call( '0.1' );
		$this->assertSame( '0.3', $tenth->plus( Quantity::of_call( '0.2' ) )->text() );
		$this->assertSame( '-1', Quantity::zero()->plus( Quantity::of_call( '-1' ) )->text() );
		$most = Quantity::of_call( '999999999999.999999' );
		$this->assertNull( $most->plus( Quantity::of_call( '0.000001' ) ) );
		$this->assertNull( $most->plus( $most ) );
	}

	public function test_none_is_not_0(): void {
		$this->assertFalse( Quantity::same( null, Quantity::zero() ) );
		$this->assertTrue( Quantity::same( null, null ) );
		$this->assertTrue( Quantity::same( Quantity::of_call( '2.0' ), Quantity::of_shop( '2', false ) ) );
		$this->assertNull( Quantity::text_of( null ) );
	}
}
