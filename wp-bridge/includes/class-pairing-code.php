<?php
/**
 * The one-time code of a pairing.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * A code that a person typed in wp-admin and that the service has to know. Only its digest is kept.
 */
final class Pairing_Code {

	const OPTION = 'stock_relay_code';
	const GOOD   = 600;
	const TRIES  = 5;

	/**
	 * A code as typed, or null where it cannot be one: case, blanks and dashes do not count.
	 *
	 * @param string $typed What a person typed.
	 */
	public static function normalised( string $typed ): ?string {
		$code = strtoupper( (string) preg_replace( '/[\s-]+/', '', $typed ) );
		return 1 === preg_match( '/^[0-9A-HJKMNP-TV-Z]{12}$/D', $code ) ? $code : null;
	}

	/**
	 * Keeps the code that a person confirmed.
	 *
	 * @param string $code    Normalised code.
	 * @param int    $user_id Who typed it.
	 * @param string $service Address of the service, or an empty string.
	 */
	public static function keep( string $code, int $user_id, string $service ): void {
		update_option(
			self::OPTION,
			array(
				'hash'    => self::digest( $code ),
				'userId'  => $user_id,
				'service' => $service,
				'until'   => time() + self::GOOD,
				'wrong'   => 0,
			),
			false
		);
	}

	/**
	 * What waits for the service, if anything.
	 *
	 * @return array{until: int, service: string}|null
	 */
	public static function waiting(): ?array {
		$kept = get_option( self::OPTION );
		return is_array( $kept ) && ! isset( $kept['usedBy'] ) && $kept['until'] > time() ? $kept : null;
	}

	/**
	 * Takes a code back.
	 */
	public static function forget(): void {
		delete_option( self::OPTION );
	}

	/**
	 * Uses the code up. The same caller may repeat it, since its answer may have been lost.
	 *
	 * @param string $typed  Code as the caller sent it.
	 * @param string $caller What a repeat must be equal in: pairing id and secret.
	 * @return array{userId: int, service: string, repeated: bool}|string The person's part, or the code of a refusal.
	 */
	public static function spend( string $typed, string $caller ) {
		$kept     = get_option( self::OPTION );
		$code     = self::normalised( $typed );
		$is_known = is_array( $kept ) && null !== $code && hash_equals( $kept['hash'], self::digest( $code ) );
		$is_over  = is_array( $kept ) && $kept['until'] <= time();
		$used     = $kept['usedBy'] ?? null;
		if ( ! is_array( $kept ) || ( ! $is_known && ( $is_over || null !== $used ) ) ) {
			return 'stock_relay_no_code'; // What is kept has had its time: the caller's is another, which nobody has typed yet.
		}
		if ( $is_over || $kept['wrong'] >= self::TRIES ) {
			return 'stock_relay_code_expired';
		}
		if ( ! $is_known || ( null !== $used && ! hash_equals( $used, self::digest( $caller ) ) ) ) {
			++$kept['wrong'];
			update_option( self::OPTION, $kept, false );
			return 'stock_relay_wrong_code';
		}
		$kept['usedBy'] = self::digest( $caller );
		update_option( self::OPTION, $kept, false );
		return array(
			'userId'   => (int) $kept['userId'],
			'service'  => $kept['service'],
			'repeated' => null !== $used,
		);
	}

	/**
	 * SHA-256: a code has 60 random bits and lives for ten minutes.
	 *
	 * @param string $text Text.
	 */
	private static function digest( string $text ): string {
		return hash( 'sha256', $text );
	}
}
