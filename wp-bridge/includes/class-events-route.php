<?php
/**
 * Events, fetched.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Answers GET /events, for services that the shop cannot reach.
 */
final class Events_Route {

	/**
	 * Answers a call.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return array<string, mixed>|\WP_Error
	 */
	public static function answer( $request ) {
		$query  = $request->get_query_params();
		$errors = Rest::whole_number_faults( $query, array( 'after', 'ack', 'limit' ) );
		if ( array() !== $errors ) {
			return Refusal::bad_request( $errors );
		}
		if ( isset( $query['ack'] ) ) {
			Stock_Events::forget( (int) $query['ack'] );
		}
		Stock_Events::sweep();
		$limit  = max( 1, min( Stock_Events::MAX_SENT, (int) ( $query['limit'] ?? Stock_Events::MAX_SENT ) ) );
		$events = Stock_Events::hand_out( (int) ( $query['after'] ?? 0 ), $limit );
		return array(
			'events' => $events,
			'next'   => count( $events ) === $limit ? (string) max( array_map( 'intval', array_column( $events, 'seq' ) ) ) : null,
			'gap'    => Stock_Events::tell_gap(),
		);
	}
}
