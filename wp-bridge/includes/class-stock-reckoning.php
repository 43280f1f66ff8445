<?php
/**
 * What the lines for one stock come to.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Works through the lines for one owner, one after the other, on what was read under the lock.
 */
final class Stock_Reckoning {

	/**
	 * What the shop held.
	 *
	 * @var Quantity|null
	 */
	public $before;

	/**
	 * What it is to hold.
	 *
	 * @var Quantity|null
	 */
	public $after;

	/**
	 * The status it showed.
	 *
	 * @var string
	 */
	public $status_before;

	/**
	 * The status it is to show.
	 *
	 * @var string
	 */
	public $status_after;

	/**
	 * Settles the lines.
	 *
	 * @param Stock_Rule             $rule       The shop's rule.
	 * @param array<int, Stock_Line> $lines      Lines for the owner; those that are settled stay as they are.
	 * @param Quantity|null          $held       What the shop holds.
	 * @param string                 $status     The status it shows.
	 * @param string                 $backorders The owner's setting.
	 * @param string                 $way        "bulk" or "save".
	 */
	public function __construct( Stock_Rule $rule, array $lines, ?Quantity $held, string $status, string $backorders, string $way ) {
		$this->before        = $held;
		$this->after         = $held;
		$this->status_before = $status;
		$this->status_after  = $status;
		$level               = null;
		foreach ( $lines as $line ) {
			if ( null !== $line->result ) {
				continue;
			}
			if ( ! $line->item->is_adjust && null !== $level ) {
				$line->settle( $level['outcome'], array_diff_key( $level, array_flip( array( 'ref', 'id', 'outcome', 'stockId' ) ) ) );
				continue;
			}
			$this->settle( $rule, $line, $backorders, $way );
			$level = $line->item->is_adjust ? null : $line->result;
		}
	}

	/**
	 * Whether there is something to write.
	 */
	public function changes(): bool {
		return $this->flips() || ! Quantity::same( $this->before, $this->after );
	}

	/**
	 * Whether the status changes.
	 */
	public function flips(): bool {
		return $this->status_before !== $this->status_after;
	}

	/**
	 * Settles one line.
	 *
	 * @param Stock_Rule $rule       The shop's rule.
	 * @param Stock_Line $line       Line.
	 * @param string     $backorders The owner's setting.
	 * @param string     $way        "bulk" or "save".
	 */
	private function settle( Stock_Rule $rule, Stock_Line $line, string $backorders, string $way ): void {
		list( $outcome, $value ) = $rule->decide( $line->item, $this->after );
		if ( 'conflict' === $outcome ) {
			$line->settle(
				$outcome,
				array(
					'before' => Quantity::text_of( $this->after ),
					'status' => $this->status_after,
				)
			);
			return;
		}
		if ( 'write' !== $outcome ) {
			$line->settle( $outcome, array( 'reason' => $value ) );
			return;
		}
		$status  = $rule->status( $value, $backorders );
		$is_same = Quantity::same( $value, $this->after ) && $status === $this->status_after;
		$line->settle_seen( $is_same ? 'unchanged' : 'written', $this->after, $value, $status, $way );
		$this->after        = $value;
		$this->status_after = $status;
	}
}
