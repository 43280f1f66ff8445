<?php
/**
 * The fast catalogue.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Answers GET /catalogue: thousands of entries in one call, in the order of their ids.
 */
final class Catalogue {

	const MAX_LIMIT = 5000;

	/**
	 * Answers a call.
	 *
	 * @param \WP_REST_Request $request Call.
	 * @return \WP_REST_Response|\WP_Error
	 */
	public static function answer( $request ) {
		$query  = $request->get_query_params();
		$errors = Rest::whole_number_faults( $query, array( 'since', 'after', 'limit' ) );
		if ( array() !== $errors ) {
			return Refusal::bad_request( $errors );
		}
		$after = (int) ( $query['after'] ?? 0 );
		$limit = max( 1, min( self::MAX_LIMIT, (int) ( $query['limit'] ?? self::MAX_LIMIT ) ) );
		$since = $query['since'] ?? null;
		return new \WP_REST_Response( new Catalogue_Stream( $after, $limit, null !== $since && Changes::are_known_since( $since ) ? $since : null ) );
	}

	/**
	 * Sends the answer as it is read. What fails in the middle leaves JSON that is cut off, which nobody can take for
	 * the whole.
	 *
	 * @param bool                                $is_served Whether somebody served the call already.
	 * @param \WP_REST_Response|\WP_HTTP_Response $result    Answer.
	 */
	public static function serve( $is_served, $result ) {
		$stream = $result->get_data();
		if ( $is_served || ! $stream instanceof Catalogue_Stream ) {
			return $is_served;
		}
		$stream->send();
		return true;
	}
}
