<?php

use PHPUnit\Framework\TestCase;
use StockRelay\Authorization_Header;
use StockRelay\Pairing_Code;
use StockRelay\Service_Address;
use StockRelay\Variation_Name;

final class TextsTest extends TestCase {

	protected function tearDown(): void {
		foreach ( array_keys( $_SERVER ) as $name ) {
			if ( false !== strpos( $name, 'AUTH' ) ) {
				unset( $_SERVER[ $name ] );
			}
		}
	}

	public function test_a_code_is_read_as_people_type_it(): void {
		$this->assertSame( 'ABCDEFGHJKMN', Pairing_Code::normalised( ' abcd-EFGH jkmn ' ) );
		foreach ( array( '', 'ABCD-EFGH-JKM', 'ABCD-EFGH-JKMI', 'ABCD-EFGH-JKMO', 'ABCD-EFGH-JKML', 'ABCD-EFGH-JKMU', 'ABCD-EFGH-JKMNP' ) as $typed ) {
			$this->assertNull( Pairing_Code::normalised( $typed ), $typed );
		}
	}

	/** @dataProvider headers */
	public function test_the_authorization_header_is_found_wherever_it_hides( array $server, ?string $header, string $way ): void {
		$_SERVER = $server + $_SERVER;
		$found   = Authorization_Header::find();
		$this->assertSame( $header, $found[0] ?? null );
		$this->assertSame( $way, Authorization_Header::way( $found ) );
	}

	public static function headers(): array {
		return array(
			array( array(), null, 'no' ),
			array( array( 'HTTP_AUTHORIZATION' => 'Bearer a' ), 'Bearer a', 'yes' ),
			array( array( 'REDIRECT_HTTP_AUTHORIZATION' => 'Bearer a' ), 'Bearer a', 'recovered' ),
			array( array( 'PHP_AUTH_USER' => 'u', 'PHP_AUTH_PW' => 'p:q' ), 'Basic ' . base64_encode( 'u:p:q' ), 'recovered' ),
			array( array( 'PHP_AUTH_DIGEST' => 'username="u"' ), 'Digest username="u"', 'recovered' ),
		);
	}

	public function test_the_service_s_address_keeps_its_secrets(): void {
		$this->assertSame( 'https://relay.example.com/x', Service_Address::normalised( 'https://relay.example.com/x/' ) );
		$this->assertSame( 'http://127.0.0.1:4080', Service_Address::normalised( 'http://127.0.0.1:4080' ) );
		$this->assertSame( 'http://[::1]:4080', Service_Address::normalised( 'http://[::1]:4080' ) );
		foreach ( array( '', 'relay.example.com', 'http://relay.example.com', 'http://8.8.8.8', 'https://user:pass@relay.example.com', 'https://relay.example.com/?a=b', 'ftp://relay.example.com' ) as $typed ) {
			$this->assertNull( Service_Address::normalised( $typed ), $typed );
		}
	}

	public function test_a_variation_is_named_by_its_chosen_options(): void {
		$attributes = serialize(
			array(
				'pa_color' => array( 'name' => 'pa_color', 'is_variation' => 1 ),
				'size'     => array( 'name' => 'Size', 'is_variation' => 1 ),
				'material' => array( 'name' => 'Material', 'is_variation' => 0 ),
			)
		);
		$meta       = array( '_sku' => 'x', 'attribute_pa_color' => 'red', 'attribute_size' => 'S', 'attribute_material' => 'wool', 'attribute_old' => 'gone' );
		$this->assertSame( 'Red & bright, S', Variation_Name::of( $meta, $attributes ) );
		$this->assertSame( 'S', Variation_Name::of( array( 'attribute_pa_color' => '' ) + $meta, $attributes ) );
		$this->assertSame( '', Variation_Name::of( $meta, '' ) );
	}
}
