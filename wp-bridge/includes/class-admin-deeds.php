<?php
/**
 * What the page in wp-admin does.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * The forms of the page. Each deed is posted, with its own nonce, by a person who may pair the shop.
 */
final class Admin_Deeds {

	/**
	 * Keeps a code that a person typed.
	 */
	public static function confirm(): void {
		self::check( 'confirm' );
		// phpcs:disable WordPress.Security.NonceVerification.Missing -- Checked one line up.
		$code    = Pairing_Code::normalised( isset( $_POST['code'] ) ? sanitize_text_field( wp_unslash( $_POST['code'] ) ) : '' );
		$service = isset( $_POST['service'] ) ? trim( sanitize_text_field( wp_unslash( $_POST['service'] ) ) ) : '';
		// phpcs:enable
		if ( null === $code ) {
			self::back( 'no_code' );
		}
		if ( '' !== $service && null === Service_Address::normalised( $service ) ) {
			self::back( 'no_url' );
		}
		Pairing_Code::keep( $code, get_current_user_id(), (string) Service_Address::normalised( $service ) );
		self::back( 'waiting' );
	}

	/**
	 * Takes a code back.
	 */
	public static function withdraw(): void {
		self::check( 'withdraw' );
		Pairing_Code::forget();
		self::back( 'withdrawn' );
	}

	/**
	 * Ends the pairing; the service is told if it can be.
	 */
	public static function unpair(): void {
		self::check( 'unpair' );
		$pairing = Pairing::current();
		if ( null !== $pairing ) {
			Service_Call::post( $pairing, '/bridge/v1/unpaired', '{}', 5 );
			Pairing::forget();
		}
		Pairing_Code::forget();
		self::back( 'unpaired' );
	}

	/**
	 * Switches the drop-in door on or off.
	 */
	public static function door(): void {
		self::check( 'door' );
		if ( Door::is_enabled() ) {
			Door::switch_to( false );
			self::back( 'door_off' );
		}
		if ( null !== Door::blocked_by() ) {
			self::back( 'door_held' );
		}
		Door::switch_to( true );
		self::back( 'door_on' );
	}

	/**
	 * Opens the panel, signed in: a form that sends itself, since the moment it is signed for is short.
	 */
	public static function open(): void {
		self::check( 'open' );
		$pairing = Pairing::current();
		if ( null === $pairing || null === $pairing->service_url() ) {
			self::back( 'unpaired' );
		}
		$user   = wp_get_current_user();
		$fields = array(
			'pairing'   => $pairing->id(),
			'timestamp' => (string) time(),
			'nonce'     => bin2hex( random_bytes( 16 ) ),
			'user'      => (string) $user->ID,
			'email'     => $user->user_email,
		);

		$fields['signature'] = Signature::sign( implode( "\n", array_merge( array( 'sign-in' ), array_values( $fields ) ) ), $pairing->secret() );

		nocache_headers();
		header( 'Content-Type: text/html; charset=utf-8' );
		header( 'Referrer-Policy: no-referrer' );
		printf( '<!doctype html><html lang="%s"><head><meta charset="utf-8"><title>%s</title></head><body>', esc_attr( get_bloginfo( 'language' ) ), esc_html__( 'Stock Relay', 'stock-relay' ) );
		printf( '<form id="open" method="post" action="%s">', esc_url( $pairing->service_url() . '/bridge/v1/sign-in' ) );
		foreach ( $fields as $name => $value ) {
			printf( '<input type="hidden" name="%s" value="%s">', esc_attr( $name ), esc_attr( $value ) );
		}
		printf( '<button type="submit">%s</button></form>', esc_html__( 'Open the panel', 'stock-relay' ) );
		wp_print_inline_script_tag( 'document.getElementById( "open" ).submit();' );
		echo '</body></html>';
		exit;
	}

	/**
	 * Ends where the person may not, or did not send the form.
	 *
	 * @param string $deed Deed.
	 */
	private static function check( string $deed ): void {
		if ( ! Admin_Page::is_allowed() ) {
			wp_die( esc_html__( 'You are not allowed to pair this shop.', 'stock-relay' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( "stock_relay_$deed" );
	}

	/**
	 * Goes back to the page, which says what was done.
	 *
	 * @param string $said Key of the words.
	 * @return never
	 */
	private static function back( string $said ): void {
		wp_safe_redirect( Admin_Page::url( array( 'said' => $said ) ) );
		exit;
	}
}
