<?php
/**
 * Pairing over REST.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Answers the service that pairs, rotates the secret or ends the pairing.
 */
final class Pairing_Route {

	const UUID = '/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/D';

	/**
	 * Pairs with the caller who knows the code that a person typed in wp-admin.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function pair( $request ) {
		$refusal = self::refusal_of_way();
		$call    = Rest::json( $request );
		$errors  = self::faults( $call );
		if ( null === $refusal && array() !== $errors ) {
			$refusal = Refusal::bad_request( $errors );
		}
		if ( null === $refusal ) {
			$spent = Pairing_Code::spend( $call['code'], $call['pairingId'] . ' ' . $call['secret'] );
			if ( is_string( $spent ) ) {
				$refusal = Refusal::of( $spent );
			}
		}
		if ( null !== $refusal ) {
			Gate::log( $refusal, $request );
			return $refusal;
		}
		if ( ! $spent['repeated'] ) {
			$url = '' !== $spent['service'] ? $spent['service'] : Service_Address::normalised( (string) $call['service']['url'] );
			Pairing::replace(
				$call['pairingId'],
				$call['secret'],
				$spent['userId'],
				array(
					'name'    => sanitize_text_field( $call['service']['name'] ),
					'url'     => $url,
					'version' => sanitize_text_field( $call['service']['version'] ),
				)
			);
		}
		$user = get_userdata( $spent['userId'] );
		return array(
			'paired' => true,
			'site'   => array(
				'name'    => wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ),
				'url'     => site_url(),
				'home'    => home_url(),
				'version' => array( 'plugin' => VERSION ) + Status::versions(),
			),
			'user'   => array(
				'id'          => $spent['userId'],
				'email'       => $user ? $user->user_email : '',
				'displayName' => $user ? $user->display_name : '',
			),
		);
	}

	/**
	 * Ends the pairing, as the service asked.
	 */
	public static function unpair(): array {
		Pairing::forget();
		return array( 'paired' => false );
	}

	/**
	 * Takes a new secret.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function rotate( $request ) {
		$call   = Rest::json( $request );
		$secret = $call['secret'] ?? null;
		if ( ! is_string( $secret ) || '' === Signature::key( $secret ) ) {
			return Refusal::bad_request( array( Refusal::fault( 'secret', 'must be 32 bytes in base64url' ) ) );
		}
		Pairing::current()->rotate( $secret );
		return array( 'rotated' => true );
	}

	/**
	 * A secret travels over HTTPS, or does not leave a private network.
	 */
	private static function refusal_of_way(): ?\WP_Error {
		$home = wp_parse_url( home_url() );
		return is_ssl() || 'https' === $home['scheme'] || Service_Address::may_be_plain( $home['host'] ) ? null : Refusal::of( 'stock_relay_insecure' );
	}

	/**
	 * What is wrong with a call that pairs.
	 *
	 * @param array<string, mixed>|null $call JSON of the call.
	 * @return array<int, array{path: string, message: string}>
	 */
	private static function faults( ?array $call ): array {
		$errors  = array();
		$service = $call['service'] ?? null;
		if ( ! is_string( $call['code'] ?? null ) || strlen( $call['code'] ) > 40 ) {
			$errors[] = Refusal::fault( 'code', 'must be a text' );
		}
		if ( ! is_string( $call['pairingId'] ?? null ) || 1 !== preg_match( self::UUID, $call['pairingId'] ) ) {
			$errors[] = Refusal::fault( 'pairingId', 'must be a UUID in lower case' );
		}
		if ( ! is_string( $call['secret'] ?? null ) || '' === Signature::key( $call['secret'] ) ) {
			$errors[] = Refusal::fault( 'secret', 'must be 32 bytes in base64url' );
		}
		foreach ( array( 'name', 'version' ) as $name ) {
			if ( ! is_string( $service[ $name ] ?? null ) || strlen( $service[ $name ] ) > 200 ) {
				$errors[] = Refusal::fault( "service.$name", 'must be a text of at most 200 bytes' );
			}
		}
		$url = $service['url'] ?? null;
		if ( null !== $url && ( ! is_string( $url ) || null === Service_Address::normalised( $url ) ) ) {
			$errors[] = Refusal::fault( 'service.url', 'must be an https address, or null; http only on a private network' );
		}
		return $errors;
	}
}
