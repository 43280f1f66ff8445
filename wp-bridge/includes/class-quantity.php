<?php
/**
 * Quantities.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * An exact decimal, kept as a whole number of millionths: floats lose digits, and not every host has bcmath.
 */
final class Quantity {

	const DECIMALS = 6;
	const SCALE    = 1000000;

	/**
	 * Millionths.
	 *
	 * @var int
	 */
	private $millionths;

	/**
	 * Made by the named constructors alone.
	 *
	 * @param int $millionths Millionths.
	 */
	private function __construct( int $millionths ) {
		$this->millionths = $millionths;
	}

	/**
	 * A quantity of a call: decimal text or a whole JSON number; at most 12 digits, and 6 decimals.
	 *
	 * @param mixed $value Value as it came.
	 */
	public static function of_call( $value ): ?self {
		if ( is_int( $value ) ) {
			$value = (string) $value;
		}
		return is_string( $value ) ? self::parsed( $value, '/^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/D' ) : null;
	}

	/**
	 * A quantity as the shop stored it; null where it stored none. Decimals beyond the sixth are those of a float.
	 *
	 * @param string|null $stored   Stored text.
	 * @param bool        $is_whole Whether the shop counts whole pieces, and so reads no decimals.
	 */
	public static function of_shop( ?string $stored, bool $is_whole ): ?self {
		$quantity = self::parsed( trim( (string) $stored ), '/^([-+]?)(\d{1,12})(?:\.(\d{0,6})\d*)?$/D' );
		if ( null === $quantity || ! $is_whole ) {
			return $quantity;
		}
		return new self( $quantity->millionths - $quantity->millionths % self::SCALE );
	}

	/**
	 * None.
	 */
	public static function zero(): self {
		return new self( 0 );
	}

	/**
	 * The sum, or null where it is too large to be written.
	 *
	 * @param self $other What is added.
	 */
	public function plus( self $other ): ?self {
		$sum = $this->millionths + $other->millionths;
		return abs( $sum ) < 1000000000000 * self::SCALE ? new self( $sum ) : null;
	}

	/**
	 * Whether two are the same number, or both none.
	 *
	 * @param self|null $one   A quantity.
	 * @param self|null $other Another.
	 */
	public static function same( ?self $one, ?self $other ): bool {
		return null === $one || null === $other ? $one === $other : $one->millionths === $other->millionths;
	}

	/**
	 * Whether there are decimals.
	 */
	public function has_decimals(): bool {
		return 0 !== $this->millionths % self::SCALE;
	}

	/**
	 * Whole pieces, decimals cut off: what WooCommerce compares with its thresholds.
	 */
	public function pieces(): int {
		return intdiv( $this->millionths, self::SCALE );
	}

	/**
	 * The shortest decimal text.
	 */
	public function text(): string {
		$whole    = intdiv( abs( $this->millionths ), self::SCALE );
		$decimals = rtrim( str_pad( (string) ( abs( $this->millionths ) % self::SCALE ), self::DECIMALS, '0', STR_PAD_LEFT ), '0' );
		return ( $this->millionths < 0 ? '-' : '' ) . $whole . ( '' === $decimals ? '' : '.' . $decimals );
	}

	/**
	 * The text of a quantity, or null of none.
	 *
	 * @param self|null $quantity Quantity.
	 */
	public static function text_of( ?self $quantity ): ?string {
		return null === $quantity ? null : $quantity->text();
	}

	/**
	 * Reads text of the given form.
	 *
	 * @param string $text Text.
	 * @param string $form Pattern with sign, whole part and decimals.
	 */
	private static function parsed( string $text, string $form ): ?self {
		if ( 1 !== preg_match( $form, $text, $part ) ) {
			return null;
		}
		$millionths = (int) $part[2] * self::SCALE + (int) str_pad( $part[3] ?? '', self::DECIMALS, '0' );
		return new self( '-' === $part[1] ? -$millionths : $millionths );
	}
}
