<?php
/**
 * The gate of the plugin's REST routes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Lets signed calls in, before WordPress looks at their content, and writes down whom it did not let in.
 */
final class Gate {

	const ROUTES    = '/stock-relay/v1/';
	const MAX_BYTES = 1048576;

	/**
	 * Routes that anybody may call.
	 */
	const OPEN = array( 'GET /hello', 'HEAD /hello', 'POST /pairing', 'GET /authorization-test' );

	/**
	 * The call that was let in last.
	 *
	 * @var \WP_REST_Request|null
	 */
	private static $admitted = null;

	/**
	 * Sits before every dispatch.
	 *
	 * @param mixed            $answer  What somebody else answered already.
	 * @param \WP_REST_Server  $server  Server.
	 * @param \WP_REST_Request $request Call.
	 * @return mixed Null to go on, or a refusal.
	 */
	public static function watch( $answer, $server, $request ) {
		if ( null !== $answer || 0 !== strpos( strtolower( $request->get_route() ), self::ROUTES ) || 'OPTIONS' === $request->get_method() ) {
			return $answer;
		}
		$refusal = self::refusal( $request );
		if ( null === $refusal ) {
			self::$admitted = $request;
			return $answer;
		}
		self::log( $refusal, $request );
		return $refusal;
	}

	/**
	 * Whether this very call was let in; routes have this as their permission, so that none can be reached past the gate.
	 *
	 * @param \WP_REST_Request $request Call.
	 */
	public static function admitted( $request ): bool {
		return self::$admitted === $request;
	}

	/**
	 * Writes a refusal down.
	 *
	 * @param \WP_Error        $refusal Refusal.
	 * @param \WP_REST_Request $request Call.
	 */
	public static function log( $refusal, $request ): void {
		$address = isset( $_SERVER['REMOTE_ADDR'] ) ? sanitize_text_field( wp_unslash( $_SERVER['REMOTE_ADDR'] ) ) : '';
		Refusal_Log::add( (string) $refusal->get_error_code(), $request->get_method(), $request->get_route(), $address );
	}

	/**
	 * Why a call is not let in, or null. Nothing is remembered of a call that is not signed rightly.
	 *
	 * @param \WP_REST_Request $request Call.
	 */
	private static function refusal( $request ): ?\WP_Error {
		$body = (string) $request->get_body();
		if ( max( strlen( $body ), (int) $request->get_header( 'content_length' ) ) > self::MAX_BYTES ) {
			return Refusal::of( 'stock_relay_oversized' );
		}
		if ( in_array( $request->get_method() . ' /' . substr( strtolower( $request->get_route() ), strlen( self::ROUTES ) ), self::OPEN, true ) ) {
			return null;
		}
		$pairing = Pairing::current();
		$id      = (string) $request->get_header( 'x_stock_relay_pairing' );
		if ( '' === $id ) {
			return Refusal::of( 'stock_relay_unsigned' );
		}
		if ( null === $pairing || ! hash_equals( $pairing->id(), $id ) ) {
			return Refusal::of( 'stock_relay_unpaired' );
		}
		$timestamp = (string) $request->get_header( 'x_stock_relay_timestamp' );
		$nonce     = (string) $request->get_header( 'x_stock_relay_nonce' );
		$signature = (string) $request->get_header( 'x_stock_relay_signature' );
		if ( 1 !== preg_match( '/^\d{1,12}$/D', $timestamp ) || 1 !== preg_match( '/^[0-9a-f]{32}$/D', $nonce ) || 1 !== preg_match( '/^v1=[0-9a-f]{64}$/D', $signature ) ) {
			return Refusal::of( 'stock_relay_unsigned' );
		}
		if ( ! Signature::is_in_time( (int) $timestamp, time() ) ) {
			return Refusal::of( 'stock_relay_late', array( 'serverTime' => Moment::iso( time() ) ) );
		}
		$path = Signature::canonical_path( $request->get_route(), $request->get_query_params() );
		$text = Signature::text( Signature::TO_SHOP, $request->get_method(), $path, $timestamp, $nonce, $body );
		$fits = false;
		foreach ( $pairing->accepted_secrets() as $secret ) {
			$fits = Signature::is_valid( $signature, $text, $secret ) || $fits;
		}
		if ( ! $fits ) {
			return Refusal::of( 'stock_relay_bad_signature' );
		}
		if ( ! Nonces::spend( $nonce ) ) {
			return Refusal::of( 'stock_relay_replayed' );
		}
		$user = $pairing->user_id();
		if ( ! user_can( $user, 'manage_woocommerce' ) || ! user_can( $user, 'edit_others_products' ) ) {
			return Refusal::of( 'stock_relay_capability' );
		}
		wp_set_current_user( $user );
		return null;
	}
}
