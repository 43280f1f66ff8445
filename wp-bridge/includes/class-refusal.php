<?php
/**
 * Why a call is not done.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Makes the WordPress errors that a caller gets.
 */
final class Refusal {

	const STATUS = array(
		'stock_relay_unsigned'        => 401,
		'stock_relay_unpaired'        => 401,
		'stock_relay_late'            => 401,
		'stock_relay_bad_signature'   => 401,
		'stock_relay_replayed'        => 401,
		'stock_relay_capability'      => 403,
		'stock_relay_wrong_code'      => 403,
		'stock_relay_no_code'         => 404,
		'stock_relay_code_expired'    => 410,
		'stock_relay_oversized'       => 413,
		'stock_relay_bad_request'     => 400,
		'stock_relay_no_woocommerce'  => 503,
		'stock_relay_no_transactions' => 503,
		'stock_relay_unreachable'     => 503,
		'stock_relay_insecure'        => 403,
	);

	/**
	 * The messages are for a person who reads a log, and in English like the codes.
	 */
	const MESSAGES = array(
		'stock_relay_unsigned'        => 'The call is not signed.',
		'stock_relay_unpaired'        => 'This shop is not paired with the service that called.',
		'stock_relay_late'            => 'The call is more than five minutes away from this shop\'s clock.',
		'stock_relay_bad_signature'   => 'The signature does not fit the call.',
		'stock_relay_replayed'        => 'This call was made before.',
		'stock_relay_capability'      => 'The user who paired the shop may not edit its products any more.',
		'stock_relay_wrong_code'      => 'That is not the code that was typed in the shop.',
		'stock_relay_no_code'         => 'Nobody has typed a code in the shop yet.',
		'stock_relay_code_expired'    => 'The code has expired.',
		'stock_relay_oversized'       => 'The call is larger than 1 MiB.',
		'stock_relay_bad_request'     => 'The call cannot be read.',
		'stock_relay_no_woocommerce'  => 'WooCommerce is not active, or too old.',
		'stock_relay_no_transactions' => 'The shop\'s tables cannot take part in a transaction.',
		'stock_relay_unreachable'     => 'The service could not be reached.',
		'stock_relay_insecure'        => 'Secrets are exchanged over HTTPS only.',
	);

	/**
	 * An error of one of the codes.
	 *
	 * @param string               $code  Code.
	 * @param array<string, mixed> $extra What the answer carries besides.
	 */
	public static function of( string $code, array $extra = array() ): \WP_Error {
		return new \WP_Error( $code, self::MESSAGES[ $code ], array_merge( array( 'status' => self::STATUS[ $code ] ), $extra ) );
	}

	/**
	 * One fault of a call's content.
	 *
	 * @param string $path    Where.
	 * @param string $message What.
	 * @return array{path: string, message: string}
	 */
	public static function fault( string $path, string $message ): array {
		return array(
			'path'    => $path,
			'message' => $message,
		);
	}

	/**
	 * A call whose content is at fault.
	 *
	 * @param array<int, array{path: string, message: string}> $errors Each fault with its place.
	 */
	public static function bad_request( array $errors ): \WP_Error {
		return self::of( 'stock_relay_bad_request', array( 'errors' => $errors ) );
	}
}
