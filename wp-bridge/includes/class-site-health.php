<?php
/**
 * Site Health.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Tests, by a call of the shop to itself, whether the Authorization header gets through, as WordPress does for Basic.
 */
final class Site_Health {

	const TEST  = 'stock_relay_authorization';
	const ROUTE = '/authorization-test';
	const PROBE = 'stock_relay_probe';

	/**
	 * Hooks the test up.
	 */
	public static function start(): void {
		add_filter( 'site_status_tests', array( self::class, 'add' ) );
		add_action( 'rest_api_init', array( self::class, 'register' ) );
		add_action( 'wp_ajax_health-check-' . str_replace( '_', '-', self::TEST ), array( self::class, 'answer_ajax' ) );
	}

	/**
	 * Adds the test; it calls the shop, so it runs after the page is shown.
	 *
	 * @param array<string, array<string, mixed>> $tests Tests.
	 */
	public static function add( $tests ) {
		$tests['async'][ self::TEST ] = array(
			'label'             => __( 'Authorization header for Stock Relay', 'stock-relay' ),
			'test'              => str_replace( '_', '-', self::TEST ),
			'async_direct_test' => array( self::class, 'result' ),
		);
		return $tests;
	}

	/**
	 * Registers the address that the test calls.
	 */
	public static function register(): void {
		register_rest_route(
			Rest::NAME,
			self::ROUTE,
			array(
				'methods'             => 'GET',
				'callback'            => array( self::class, 'seen' ),
				'permission_callback' => array( Gate::class, 'admitted' ),
				'show_in_index'       => false,
			)
		);
	}

	/**
	 * Says how the header of this call came, to who knows the word of the test: in an address, since a header is at stake.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, string>|\WP_Error
	 */
	public static function seen( $request ) {
		$probe = get_transient( self::PROBE );
		if ( ! is_string( $probe ) || ! hash_equals( $probe, (string) $request->get_param( 'probe' ) ) ) {
			return Refusal::of( 'stock_relay_unsigned' );
		}
		$found = Authorization_Header::find();
		return array( 'authorization' => null === $found || "Bearer $probe" !== $found[0] ? 'no' : Authorization_Header::way( $found ) );
	}

	/**
	 * Answers Site Health's call.
	 */
	public static function answer_ajax(): void {
		check_ajax_referer( 'health-check-site-status' );
		if ( ! current_user_can( 'view_site_health_checks' ) ) {
			wp_send_json_error( null, 403 );
		}
		wp_send_json_success( self::result() );
	}

	/**
	 * The result as Site Health shows it.
	 *
	 * @return array<string, mixed>
	 */
	public static function result(): array {
		$reaches = self::probe();
		if ( 'unknown' !== $reaches ) {
			Authorization_Header::remember( $reaches );
		}
		$words = array(
			'yes'       => array( 'good', __( 'The Authorization header reaches this shop', 'stock-relay' ), __( 'Systems that push stock to this shop with a token are understood.', 'stock-relay' ) ),
			'recovered' => array( 'good', __( 'The Authorization header reaches this shop by a detour', 'stock-relay' ), __( 'The host hides the header, but Stock Relay finds it. Other plugins may not.', 'stock-relay' ) ),
			'no'        => array(
				'recommended',
				__( 'The Authorization header does not reach this shop', 'stock-relay' ),
				__( 'The host drops the header, so the token of a system that pushes to this shop is lost. With Apache, this line at the top of .htaccess lets it through: SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1. With nginx and PHP-FPM: fastcgi_param HTTP_AUTHORIZATION $http_authorization; otherwise ask the host.', 'stock-relay' ),
			),
			'unknown'   => array( 'recommended', __( 'Whether the Authorization header reaches this shop could not be tested', 'stock-relay' ), __( 'The shop cannot call itself. Its host may block that, or a password protects it.', 'stock-relay' ) ),
		);
		return array(
			'label'       => $words[ $reaches ][1],
			'status'      => $words[ $reaches ][0],
			'badge'       => array(
				'label' => __( 'Stock Relay', 'stock-relay' ),
				'color' => 'blue',
			),
			'description' => '<p>' . esc_html( $words[ $reaches ][2] ) . '</p>',
			'actions'     => '',
			'test'        => self::TEST,
		);
	}

	/**
	 * Calls the shop with a header, and asks what arrived.
	 */
	private static function probe(): string {
		$probe = bin2hex( random_bytes( 16 ) );
		set_transient( self::PROBE, $probe, MINUTE_IN_SECONDS );
		$answer = wp_remote_get(
			add_query_arg( 'probe', $probe, rest_url( Rest::NAME . self::ROUTE ) ),
			array(
				'timeout'   => 10,
				'headers'   => array( 'Authorization' => "Bearer $probe" ),
				/** This filter is documented in wp-includes/class-wp-http-streams.php */
				'sslverify' => apply_filters( 'https_local_ssl_verify', false ),
			)
		);
		delete_transient( self::PROBE );
		$seen = is_wp_error( $answer ) ? null : json_decode( wp_remote_retrieve_body( $answer ), true );
		return in_array( $seen['authorization'] ?? null, array( 'yes', 'recovered', 'no' ), true ) ? $seen['authorization'] : 'unknown';
	}
}
