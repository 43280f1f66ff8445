<?php
/**
 * What is done now and then.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * The hourly clean-up by WordPress's cron; each part takes a bounded number of rows at a time.
 */
final class Housekeeping {

	const HOOK = 'stock_relay_housekeeping';

	/**
	 * Sees to it that the clean-up is scheduled.
	 */
	public static function schedule(): void {
		if ( ! wp_next_scheduled( self::HOOK ) ) {
			wp_schedule_event( time() + HOUR_IN_SECONDS, 'hourly', self::HOOK );
		}
	}

	/**
	 * Takes everything off the schedule.
	 */
	public static function unschedule(): void {
		wp_unschedule_hook( self::HOOK );
		wp_unschedule_hook( Event_Sender::HOOK );
	}

	/**
	 * Forgets what is no longer needed.
	 */
	public static function clean_up(): void {
		Nonces::sweep();
		Applied::sweep();
		Changes::mend();
		Stock_Events::sweep();
		if ( Requirements::are_met() ) {
			Pending::finish_others();
		}
		Event_Sender::send_by_cron();
	}
}
