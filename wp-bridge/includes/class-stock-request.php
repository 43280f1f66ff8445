<?php
/**
 * A stock call.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Reads the lines of a call. What names no line or product refuses the call; a number that cannot be read, its line.
 */
final class Stock_Request {

	const MAX_ITEMS = 1000;
	const MAX_REF   = 64;

	/**
	 * The lines in their order.
	 *
	 * @var array<int, Stock_Item>
	 */
	public $items = array();

	/**
	 * Seconds the caller waits, or null.
	 *
	 * @var float|null
	 */
	public $seconds = null;

	/**
	 * What is wrong with the call.
	 *
	 * @var array<int, array{path: string, message: string}>
	 */
	public $errors = array();

	/**
	 * Reads a call.
	 *
	 * @param array<string, mixed>|null $call JSON of the call.
	 */
	public function __construct( ?array $call ) {
		$lines = $call['items'] ?? null;
		if ( ! is_array( $lines ) || array() === $lines || array_keys( $lines ) !== range( 0, count( $lines ) - 1 ) || count( $lines ) > self::MAX_ITEMS ) {
			$this->errors[] = Refusal::fault( 'items', 'must be a list of 1 to ' . self::MAX_ITEMS . ' lines' );
			return;
		}
		$seconds = $call['seconds'] ?? null;
		if ( null !== $seconds && ! ( ( is_int( $seconds ) || is_float( $seconds ) ) && $seconds > 0 ) ) {
			$this->errors[] = Refusal::fault( 'seconds', 'must be a number above 0' );
		}
		$this->seconds = is_int( $seconds ) || is_float( $seconds ) ? (float) $seconds : null;
		$seen          = array();
		foreach ( $lines as $index => $line ) {
			$faults = count( $this->errors );
			$this->check( "items[$index]", $line, $seen );
			if ( count( $this->errors ) === $faults ) {
				$this->items[]        = new Stock_Item( $line );
				$seen[ $line['ref'] ] = true;
			}
		}
	}

	/**
	 * Checks what a line must have.
	 *
	 * @param string              $path Place of the line.
	 * @param mixed               $line Line.
	 * @param array<string, bool> $seen Refs so far.
	 */
	private function check( string $path, $line, array $seen ): void {
		if ( ! is_array( $line ) ) {
			$this->errors[] = Refusal::fault( $path, 'must be an object' );
			return;
		}
		$ref = $line['ref'] ?? null;
		if ( ! is_string( $ref ) || '' === $ref || strlen( $ref ) > self::MAX_REF || 1 !== preg_match( '/^[\x21-\x7e]+$/D', $ref ) ) {
			$this->errors[] = Refusal::fault( "$path.ref", 'must be 1 to ' . self::MAX_REF . ' printable ASCII characters' );
		} elseif ( isset( $seen[ $ref ] ) ) {
			$this->errors[] = Refusal::fault( "$path.ref", 'must be unique' );
		}
		if ( ! is_int( $line['id'] ?? null ) || $line['id'] < 1 ) {
			$this->errors[] = Refusal::fault( "$path.id", 'must be a whole number above 0' );
		}
		if ( array_key_exists( 'set', $line ) === array_key_exists( 'adjust', $line ) ) {
			$this->errors[] = Refusal::fault( $path, 'must have either "set" or "adjust"' );
		}
	}
}
