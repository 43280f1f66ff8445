<?php
/**
 * A line on its way.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * A line of a call, whoever holds its stock, and what became of it.
 */
final class Stock_Line {

	/**
	 * What is wanted.
	 *
	 * @var Stock_Item
	 */
	public $item;

	/**
	 * Whoever holds the stock, once known.
	 *
	 * @var Stock_Owner|null
	 */
	public $owner = null;

	/**
	 * The answer, once known.
	 *
	 * @var array<string, mixed>|null
	 */
	public $result = null;

	/**
	 * A line that nothing became of yet.
	 *
	 * @param Stock_Item $item What is wanted.
	 */
	public function __construct( Stock_Item $item ) {
		$this->item = $item;
	}

	/**
	 * Settles the line.
	 *
	 * @param string               $outcome Outcome.
	 * @param array<string, mixed> $more    What else is said; null is said too.
	 */
	public function settle( string $outcome, array $more = array() ): void {
		$this->result = array(
			'ref'     => $this->item->ref,
			'id'      => $this->item->id,
			'outcome' => $outcome,
		) + ( null === $this->owner ? array() : array( 'stockId' => $this->owner->id ) ) + $more;
	}

	/**
	 * Settles the line with what was seen under the lock.
	 *
	 * @param string        $outcome Outcome.
	 * @param Quantity|null $before  What the shop held.
	 * @param Quantity|null $after   What it holds now.
	 * @param string        $status  Its stock status now.
	 * @param string        $way     "bulk" or "save".
	 */
	public function settle_seen( string $outcome, ?Quantity $before, ?Quantity $after, string $status, string $way ): void {
		$this->settle(
			$outcome,
			array(
				'before' => Quantity::text_of( $before ),
				'after'  => Quantity::text_of( $after ),
				'status' => $status,
				'way'    => $way,
			)
		);
	}
}
