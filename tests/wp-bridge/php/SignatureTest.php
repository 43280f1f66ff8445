<?php

use PHPUnit\Framework\TestCase;
use StockRelay\Signature;

/** The same vectors that the service is held to. */
final class SignatureTest extends TestCase {

	private static function vectors(): array {
		return json_decode( file_get_contents( dirname( __DIR__, 2 ) . '/fixtures/bridge-signatures.json' ), true );
	}

	private static function text( array $call ): string {
		return Signature::text( $call['direction'], $call['method'], $call['path'], $call['timestamp'], $call['nonce'], $call['body'] );
	}

	public function test_calls_are_signed_as_the_service_signs_them(): void {
		$vectors = self::vectors();
		$this->assertNotEmpty( $vectors['calls'] );
		foreach ( $vectors['calls'] as $call ) {
			$this->assertSame( $call['text'], self::text( $call ), $call['name'] );
			$this->assertSame( $call['signature'], Signature::sign( self::text( $call ), $vectors['secret'] ), $call['name'] );
			$this->assertTrue( Signature::is_valid( $call['signature'], self::text( $call ), $vectors['secret'] ), $call['name'] );
			$this->assertFalse( Signature::is_valid( $call['signature'], self::text( $call ), $vectors['otherSecret'] ), $call['name'] );
		}
	}

	public function test_paths_are_the_service_s(): void {
		foreach ( self::vectors()['paths'] as $path ) {
			$this->assertSame( $path['path'], Signature::canonical_path( $path['route'], $path['query'] ), $path['name'] );
		}
	}

	public function test_sign_ins_are_the_service_s(): void {
		$vectors = self::vectors();
		foreach ( $vectors['signIns'] as $one ) {
			$this->assertSame( $one['signature'], Signature::sign( $one['text'], $vectors['secret'] ), $one['name'] );
		}
	}

	public function test_a_change_anywhere_is_refused(): void {
		$vectors = self::vectors();
		$calls   = array_column( $vectors['calls'], null, 'name' );
		$this->assertNotEmpty( $vectors['refused'] );
		foreach ( $vectors['refused'] as $refused ) {
			$call = array_merge( $calls[ $refused['of'] ], $refused['change'] );
			$this->assertFalse( Signature::is_valid( $call['signature'], self::text( $call ), $vectors['secret'] ), $refused['name'] );
		}
	}

	public function test_a_secret_that_is_no_key_opens_nothing(): void {
		foreach ( array( '', 'short', str_repeat( 'A', 44 ), str_repeat( '+', 43 ) ) as $secret ) {
			$this->assertSame( '', Signature::key( $secret ) );
			$this->assertFalse( Signature::is_valid( 'v1=' . hash_hmac( 'sha256', 'x', '' ), 'x', $secret ) );
		}
	}

	public function test_the_window_is_five_minutes_to_either_side(): void {
		$this->assertTrue( Signature::is_in_time( 1000, 1300 ) );
		$this->assertTrue( Signature::is_in_time( 1300, 1000 ) );
		$this->assertFalse( Signature::is_in_time( 1000, 1301 ) );
		$this->assertFalse( Signature::is_in_time( 1301, 1000 ) );
	}
}
