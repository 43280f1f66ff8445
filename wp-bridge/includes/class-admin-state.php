<?php
/**
 * How the bridge does, in wp-admin.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Shows what the fast lane is slowed down by, what waits to be sent, and which calls were refused.
 */
final class Admin_State {

	/**
	 * Shows it all.
	 */
	public static function show(): void {
		if ( Requirements::are_met() ) {
			self::show_lane();
			self::show_events();
		}
		self::show_refusals();
	}

	/**
	 * Shows whether stock is written the fast way.
	 */
	private static function show_lane(): void {
		$reasons = ( new Listeners() )->slow_because();
		echo '<h2>' . esc_html__( 'Writing stock', 'stock-relay' ) . '</h2>';
		if ( array() === $reasons ) {
			echo '<p>' . esc_html__( 'Stock is written the fast way.', 'stock-relay' ) . '</p>';
			return;
		}
		echo '<p>' . esc_html__( 'Stock is written one product at a time, since these plugins change or save products while stock changes:', 'stock-relay' ) . '</p><ul class="ul-disc">';
		foreach ( $reasons as $reason ) {
			echo '<li><code>' . esc_html( $reason['detail'] ) . '</code></li>';
		}
		echo '</ul>';
	}

	/**
	 * Shows what waits to be sent.
	 */
	private static function show_events(): void {
		$waiting = Stock_Events::waiting();
		$sending = Event_Sender::state();
		echo '<h2>' . esc_html__( 'Changes of stock for the service', 'stock-relay' ) . '</h2><p>';
		/* translators: %s: a number. */
		echo esc_html( sprintf( _n( '%s change waits to be sent or fetched.', '%s changes wait to be sent or fetched.', $waiting['pending'], 'stock-relay' ), number_format_i18n( $waiting['pending'] ) ) );
		if ( null !== $sending['lastError'] ) {
			/* translators: %s: an error message. */
			echo ' ' . esc_html( sprintf( __( 'The last attempt failed: %s', 'stock-relay' ), $sending['lastError'] ) );
		}
		echo '</p>';
	}

	/**
	 * Shows the last refused calls.
	 */
	private static function show_refusals(): void {
		$log = Refusal_Log::read();
		echo '<h2>' . esc_html__( 'Refused calls', 'stock-relay' ) . '</h2>';
		if ( array() === $log['last'] ) {
			echo '<p>' . esc_html__( 'None.', 'stock-relay' ) . '</p>';
			return;
		}
		echo '<table class="widefat striped" style="max-width:64em"><thead><tr>';
		foreach ( array( __( 'When (UTC)', 'stock-relay' ), __( 'Why', 'stock-relay' ), __( 'Call', 'stock-relay' ), __( 'From', 'stock-relay' ) ) as $name ) {
			echo '<th scope="col">' . esc_html( $name ) . '</th>';
		}
		echo '</tr></thead><tbody>';
		foreach ( array_reverse( $log['last'] ) as $refusal ) {
			printf( '<tr><td>%s</td><td><code>%s</code></td><td>%s</td><td>%s</td></tr>', esc_html( $refusal['at'] ), esc_html( $refusal['code'] ), esc_html( $refusal['call'] ), esc_html( $refusal['address'] ) );
		}
		echo '</tbody></table>';
	}
}
