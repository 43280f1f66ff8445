<?php
/**
 * The plugin's REST routes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Which address is answered by whom.
 */
final class Rest {

	const NAME = 'stock-relay/v1';

	/**
	 * Registers the routes. Every one of them goes through the gate; see Gate::OPEN for those that need no signature.
	 */
	public static function register(): void {
		self::route( 'GET', '/hello', array( Status::class, 'hello' ) );
		self::route( 'GET', '/status', array( Status::class, 'answer' ) );
		self::route( 'POST', '/pairing', array( Pairing_Route::class, 'pair' ) );
		self::route( 'DELETE', '/pairing', array( Pairing_Route::class, 'unpair' ) );
		self::route( 'POST', '/rotate', array( Pairing_Route::class, 'rotate' ) );
		self::route( 'GET', '/events', array( Events_Route::class, 'answer' ) );
		self::shop_route( 'POST', '/stock', array( Stock_Route::class, 'answer' ) );
		self::shop_route( 'GET', '/catalogue', array( Catalogue::class, 'answer' ) );
	}

	/**
	 * Lets no cache in front of WordPress keep an answer.
	 *
	 * @param \WP_REST_Response $response Answer.
	 * @param \WP_REST_Server   $server   Server.
	 * @param \WP_REST_Request  $request  Call.
	 */
	public static function forbid_caching( $response, $server, $request ) {
		if ( 0 === strpos( strtolower( $request->get_route() ), Gate::ROUTES ) ) {
			foreach ( array_merge( wp_get_nocache_headers(), array( 'Cache-Control' => 'no-store, private' ) ) as $name => $value ) {
				if ( false !== $value ) {
					$response->header( $name, $value );
				}
			}
		}
		return $response;
	}

	/**
	 * The JSON of a call's body.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, mixed>|null Null where it is no JSON object.
	 */
	public static function json( $request ): ?array {
		$json = json_decode( (string) $request->get_body(), true, 16, JSON_BIGINT_AS_STRING );
		return is_array( $json ) ? $json : null;
	}

	/**
	 * What is wrong with query parameters that have to be whole numbers, where they are given.
	 *
	 * @param array<string, mixed> $query Query parameters.
	 * @param array<int, string>   $names Names.
	 * @return array<int, array{path: string, message: string}>
	 */
	public static function whole_number_faults( array $query, array $names ): array {
		$errors = array();
		foreach ( $names as $name ) {
			if ( isset( $query[ $name ] ) && ( ! is_string( $query[ $name ] ) || 1 !== preg_match( '/^\d{1,18}$/D', $query[ $name ] ) ) ) {
				$errors[] = Refusal::fault( $name, 'must be a whole number' );
			}
		}
		return $errors;
	}

	/**
	 * Registers a route.
	 *
	 * @param string   $method HTTP method.
	 * @param string   $path   Path below the plugin's name.
	 * @param callable $answer Makes the answer of a call.
	 */
	private static function route( string $method, string $path, callable $answer ): void {
		register_rest_route(
			self::NAME,
			$path,
			array(
				'methods'             => $method,
				'callback'            => $answer,
				'permission_callback' => array( Gate::class, 'admitted' ),
				'show_in_index'       => false,
			)
		);
	}

	/**
	 * Registers a route that is of no use without WooCommerce.
	 *
	 * @param string   $method HTTP method.
	 * @param string   $path   Path below the plugin's name.
	 * @param callable $answer Makes the answer of a call.
	 */
	private static function shop_route( string $method, string $path, callable $answer ): void {
		self::route(
			$method,
			$path,
			static function ( $request ) use ( $answer ) {
				return Requirements::are_met() ? $answer( $request ) : Refusal::of( 'stock_relay_no_woocommerce' );
			}
		);
	}
}
