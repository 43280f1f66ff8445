<?php
/**
 * Calls to the service.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Signs and sends a call.
 */
final class Service_Call {

	/**
	 * Posts to the service, and follows no redirection: a signature is meant for one address.
	 *
	 * @param Pairing               $pairing Pairing.
	 * @param string                $path    Path below the service's address.
	 * @param string                $body    Raw body.
	 * @param int                   $timeout Seconds.
	 * @param array<string, string> $headers Further headers.
	 * @return array<string, mixed>|\WP_Error Answer as wp_remote_post() gives it.
	 */
	public static function post( Pairing $pairing, string $path, string $body, int $timeout, array $headers = array() ) {
		$url = $pairing->service_url();
		if ( null === $url ) {
			return Refusal::of( 'stock_relay_unreachable' );
		}
		$timestamp = (string) time();
		$nonce     = bin2hex( random_bytes( 16 ) );
		$text      = Signature::text( Signature::TO_SERVICE, 'POST', $path, $timestamp, $nonce, $body );
		return wp_remote_post(
			$url . $path,
			array(
				'timeout'             => $timeout,
				'redirection'         => 0,
				'limit_response_size' => Gate::MAX_BYTES,
				'body'                => $body,
				'headers'             => array_merge(
					array( 'Content-Type' => 'application/json' ),
					$headers,
					array(
						'X-Stock-Relay-Pairing'   => $pairing->id(),
						'X-Stock-Relay-Timestamp' => $timestamp,
						'X-Stock-Relay-Nonce'     => $nonce,
						'X-Stock-Relay-Signature' => Signature::sign( $text, $pairing->secret() ),
					)
				),
			)
		);
	}
}
