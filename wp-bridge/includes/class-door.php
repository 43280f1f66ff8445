<?php
/**
 * The drop-in door.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * SmartBill's own address in the shop, for who cannot change it: what it sends is passed on to the service, and the
 * service's answer back. Off unless its owner switches it on, and never while SmartBill's own plugin is there.
 */
final class Door {

	const OPTION     = 'stock_relay_door';
	const NAME       = 'smartbill_woocommerce/v1';
	const PATH       = '/stocks';
	const TIMEOUT    = 20;
	const RELAY_PATH = '/bridge/v1/relay/smartbill';

	/**
	 * Hooks the door up, where it is switched on.
	 */
	public static function start(): void {
		if ( self::is_enabled() ) {
			// Late, so that the vendor's own route is seen if there is one; before WordPress reads a body that may not be JSON.
			add_action( 'rest_api_init', array( self::class, 'register' ), 99 );
			add_filter( 'rest_pre_dispatch', array( self::class, 'answer' ), 2, 3 );
			add_filter( 'rest_pre_serve_request', array( self::class, 'serve' ), 10, 2 );
		}
	}

	/**
	 * Whether the owner switched the door on.
	 */
	public static function is_enabled(): bool {
		return 'yes' === get_option( self::OPTION );
	}

	/**
	 * Switches the door on or off.
	 *
	 * @param bool $on Whether it is to be on.
	 */
	public static function switch_to( bool $on ): void {
		update_option( self::OPTION, $on ? 'yes' : 'no' );
	}

	/**
	 * The plugin that has the address, or null.
	 */
	public static function blocked_by(): ?string {
		$active = array_merge( (array) get_option( 'active_plugins', array() ), array_keys( (array) get_site_option( 'active_sitewide_plugins', array() ) ) );
		foreach ( $active as $plugin ) {
			if ( is_string( $plugin ) && 0 === strpos( strtolower( $plugin ), 'smartbill' ) ) {
				return dirname( $plugin );
			}
		}
		return null;
	}

	/**
	 * Registers the address, unless somebody has it.
	 */
	public static function register(): void {
		if ( ! self::is_taken() ) {
			register_rest_route(
				self::NAME,
				self::PATH,
				array(
					'methods'             => 'POST',
					'callback'            => '__return_null', // Every call is answered before.
					'permission_callback' => '__return_true', // The service asks for the token.
					'show_in_index'       => false,
				)
			);
		}
	}

	/**
	 * Answers a call to the address.
	 *
	 * @param mixed            $answer  What somebody else answered already.
	 * @param \WP_REST_Server  $server  Server.
	 * @param \WP_REST_Request $request Call.
	 * @return mixed
	 */
	public static function answer( $answer, $server, $request ) {
		if ( null !== $answer || '/' . self::NAME . self::PATH !== $request->get_route() || 'POST' !== $request->get_method() || ! self::is_ours( $server ) ) {
			return $answer;
		}
		$relayed = self::relay( $request );
		if ( is_wp_error( $relayed ) ) {
			Gate::log( $relayed, $request );
		}
		return $relayed;
	}

	/**
	 * Sends what the service answered, as it is.
	 *
	 * @param bool                                $is_served Whether somebody served the call already.
	 * @param \WP_REST_Response|\WP_HTTP_Response $result    Answer.
	 */
	public static function serve( $is_served, $result ) {
		$headers = $result->get_headers();
		if ( $is_served || ! isset( $headers['X-Stock-Relay-Door'] ) ) {
			return $is_served;
		}
		echo $result->get_data(); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- The service's answer, with its own content type.
		return true;
	}

	/**
	 * Passes a call on.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return \WP_REST_Response|\WP_Error
	 */
	private static function relay( $request ) {
		$body = (string) $request->get_body();
		if ( strlen( $body ) > Gate::MAX_BYTES ) {
			return Refusal::of( 'stock_relay_oversized' );
		}
		$pairing = Pairing::current();
		if ( null === $pairing ) {
			return Refusal::of( 'stock_relay_unreachable' );
		}
		$authorization = Authorization_Header::find();
		$answer        = Service_Call::post(
			$pairing,
			self::RELAY_PATH,
			$body,
			self::TIMEOUT,
			array( 'Content-Type' => (string) ( $request->get_header( 'content_type' ) ?? 'application/json' ) )
				+ ( null === $authorization ? array() : array( 'X-Stock-Relay-Forwarded-Authorization' => $authorization[0] ) )
		);
		// The bridge's own refusals are not the sender's business: it must try again.
		$refused = ! is_wp_error( $answer ) && 0 === strpos( (string) ( json_decode( wp_remote_retrieve_body( $answer ), true )['code'] ?? '' ), 'stock_relay_' );
		if ( is_wp_error( $answer ) || $refused || wp_remote_retrieve_response_code( $answer ) < 200 ) {
			return Refusal::of( 'stock_relay_unreachable' );
		}
		$type = (string) wp_remote_retrieve_header( $answer, 'content-type' );
		return new \WP_REST_Response(
			wp_remote_retrieve_body( $answer ),
			(int) wp_remote_retrieve_response_code( $answer ),
			array(
				'Content-Type'       => '' === $type ? 'application/json' : $type,
				'Cache-Control'      => 'no-store',
				'X-Stock-Relay-Door' => '1',
			)
		);
	}

	/**
	 * Whether the vendor's plugin has the address.
	 */
	private static function is_taken(): bool {
		return null !== self::blocked_by() || in_array( self::NAME, rest_get_server()->get_namespaces(), true );
	}

	/**
	 * Whether the address is the one we registered.
	 *
	 * @param \WP_REST_Server $server Server.
	 */
	private static function is_ours( $server ): bool {
		$handlers = $server->get_routes( self::NAME )[ '/' . self::NAME . self::PATH ] ?? array();
		return 1 === count( $handlers ) && '__return_null' === $handlers[0]['callback'];
	}
}
