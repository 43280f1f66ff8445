<?php

use PHPUnit\Framework\TestCase;

/** What WordPress asks for and PHP_CodeSniffer's own sniffs do not look at. */
final class CodeStyleTest extends TestCase {

	/** @dataProvider files */
	public function test_comparisons_are_strict_and_names_in_snake_case( string $file ): void {
		$before = array( 0, '' );
		foreach ( token_get_all( file_get_contents( $file ) ) as $token ) {
			if ( ! is_array( $token ) || T_WHITESPACE === $token[0] ) {
				continue;
			}
			$this->assertNotContains( $token[0], array( T_IS_EQUAL, T_IS_NOT_EQUAL ), "$file:$token[2]" );
			if ( T_FUNCTION === $before[0] && T_STRING === $token[0] ) {
				$this->assertMatchesRegularExpression( '/^_*[a-z][a-z0-9_]*$/D', $token[1], "$file:$token[2]" );
			}
			if ( T_VARIABLE === $token[0] && '$GLOBALS' !== $token[1] ) {
				$this->assertMatchesRegularExpression( '/^\$(?:[a-z][a-z0-9_]*|_[A-Z]+)$/D', $token[1], "$file:$token[2]" );
			}
			$before = $token;
		}
	}

	/** @dataProvider files */
	public function test_a_file_is_named_for_its_class( string $file ): void {
		if ( 1 === preg_match( '/^(?:final )?class (\w+)/m', file_get_contents( $file ), $found ) ) {
			$this->assertSame( 'class-' . strtolower( str_replace( '_', '-', $found[1] ) ) . '.php', basename( $file ) );
		} else {
			$this->assertContains( basename( $file ), array( 'stock-relay.php', 'uninstall.php', 'autoload.php' ) );
		}
	}

	public static function files(): array {
		$plugin = dirname( __DIR__, 3 ) . '/wp-bridge';
		return array_map(
			static function ( $file ) {
				return array( $file );
			},
			array_merge( glob( "$plugin/*.php" ), glob( "$plugin/includes/*.php" ) )
		);
	}
}
