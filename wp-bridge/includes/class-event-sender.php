<?php
/**
 * Sends events to the service.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Sends what waits in signed batches, after the answer to whoever made the change, and later again where it fails.
 */
final class Event_Sender {

	const HOOK    = 'stock_relay_send_events';
	const OPTION  = 'stock_relay_sending';
	const LOCK    = 'stock_relay_sending';
	const TIMEOUT = 5;
	const SECONDS = 20;
	const LONGEST = HOUR_IN_SECONDS;

	/**
	 * At the end of a request that added events. Where PHP can end the answer first, they are sent at once; elsewhere
	 * WordPress's cron does it, in a request of its own.
	 */
	public static function send_later(): void {
		$pairing = Pairing::current();
		if ( ! Stock_Events::are_added() || null === $pairing || null === $pairing->service_url() || ! self::is_due() ) {
			return;
		}
		foreach ( array( 'fastcgi_finish_request', 'litespeed_finish_request' ) as $finish ) {
			if ( function_exists( $finish ) ) {
				$finish();
				self::send( 1 );
				return;
			}
		}
		if ( ! wp_next_scheduled( self::HOOK ) ) {
			wp_schedule_single_event( time(), self::HOOK );
		}
		if ( ! wp_doing_cron() && ! ( defined( 'DISABLE_WP_CRON' ) && DISABLE_WP_CRON ) ) {
			spawn_cron();
		}
	}

	/**
	 * Sends what waits. One sender at a time: the database knows who.
	 *
	 * @param int $batches Batches at most.
	 */
	public static function send( int $batches = PHP_INT_MAX ): void {
		global $wpdb;
		$pairing = Pairing::current();
		$lock    = self::LOCK . '_' . md5( DB_NAME . $wpdb->prefix );
		if ( null === $pairing || null === $pairing->service_url() || ! self::is_due() || '1' !== Database::value( 'SELECT GET_LOCK(%s, 0)', array( $lock ) ) ) {
			return;
		}
		try {
			Stock_Events::sweep();
			$until = time() + self::SECONDS;
			do {
				$sent = self::send_batch( $pairing );
			} while ( $sent && --$batches > 0 && time() < $until );
		} finally {
			Database::value( 'SELECT RELEASE_LOCK(%s)', array( $lock ) );
		}
	}

	/**
	 * By WordPress's cron: all batches that time allows.
	 */
	public static function send_by_cron(): void {
		self::send();
		$waiting = Stock_Events::waiting();
		$pairing = Pairing::current();
		if ( $waiting['pending'] > 0 && null !== $pairing && null !== $pairing->service_url() && ! wp_next_scheduled( self::HOOK ) ) {
			wp_schedule_single_event( max( time() + 10, self::state()['next'] ), self::HOOK );
		}
	}

	/**
	 * How sending goes.
	 *
	 * @return array{failures: int, next: int, lastSent: int|null, lastError: string|null}
	 */
	public static function state(): array {
		$state = get_option( self::OPTION );
		return is_array( $state ) ? $state : array(
			'failures'  => 0,
			'next'      => 0,
			'lastSent'  => null,
			'lastError' => null,
		);
	}

	/**
	 * Sends one batch.
	 *
	 * @param Pairing $pairing Pairing.
	 * @return bool Whether there may be more to send.
	 */
	private static function send_batch( Pairing $pairing ): bool {
		$gap    = Stock_Events::tell_gap();
		$events = Stock_Events::hand_out( 0, Stock_Events::MAX_SENT );
		if ( array() === $events && ! $gap ) {
			return false;
		}
		$answer = Service_Call::post( $pairing, '/bridge/v1/events', (string) wp_json_encode( compact( 'events', 'gap' ) ), self::TIMEOUT );
		$stored = is_wp_error( $answer ) ? null : json_decode( wp_remote_retrieve_body( $answer ), true );
		if ( is_wp_error( $answer ) || 200 !== wp_remote_retrieve_response_code( $answer ) || ! is_string( $stored['stored'] ?? null ) || ! ctype_digit( $stored['stored'] ) ) {
			self::put_off( is_wp_error( $answer ) ? $answer->get_error_message() : 'HTTP ' . wp_remote_retrieve_response_code( $answer ) );
			return false;
		}
		Stock_Events::forget( (int) $stored['stored'] );
		update_option(
			self::OPTION,
			array(
				'failures'  => 0,
				'next'      => 0,
				'lastSent'  => time(),
				'lastError' => null,
			),
			false
		);
		return count( $events ) === Stock_Events::MAX_SENT;
	}

	/**
	 * Whether it is time to try: after failures, ever later.
	 */
	private static function is_due(): bool {
		return self::state()['next'] <= time();
	}

	/**
	 * Tries again later.
	 *
	 * @param string $error What went wrong.
	 */
	private static function put_off( string $error ): void {
		$state = self::state();
		++$state['failures'];
		$state['next']      = time() + min( self::LONGEST, 15 * 2 ** min( 10, $state['failures'] ) );
		$state['lastError'] = substr( sanitize_text_field( $error ), 0, 200 );
		update_option( self::OPTION, $state, false );
		if ( ! wp_next_scheduled( self::HOOK ) ) {
			wp_schedule_single_event( $state['next'], self::HOOK );
		}
	}
}
