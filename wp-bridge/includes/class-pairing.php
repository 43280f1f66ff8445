<?php
/**
 * The pairing with a service.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Who the shop is paired with, and the secret they share. The option is never loaded by itself nor shown.
 */
final class Pairing {

	const OPTION = 'stock_relay_pairing';
	const GRACE  = 600;

	/**
	 * The pairing as stored.
	 *
	 * @var array<string, mixed>
	 */
	private $stored;

	/**
	 * Made by current() and replace() alone.
	 *
	 * @param array<string, mixed> $stored The pairing as stored.
	 */
	private function __construct( array $stored ) {
		$this->stored = $stored;
	}

	/**
	 * The pairing of this shop, if there is one.
	 */
	public static function current(): ?self {
		$stored = get_option( self::OPTION );
		return is_array( $stored ) ? new self( $stored ) : null;
	}

	/**
	 * Pairs the shop; what it was paired with before is forgotten.
	 *
	 * @param string                                             $id      Id of the pairing.
	 * @param string                                             $secret  Shared secret, base64url.
	 * @param int                                                $user_id Who typed the code.
	 * @param array{name: string, url: ?string, version: string} $service The service.
	 */
	public static function replace( string $id, string $secret, int $user_id, array $service ): void {
		update_option(
			self::OPTION,
			array(
				'id'       => $id,
				'secret'   => $secret,
				'userId'   => $user_id,
				'service'  => $service,
				'pairedAt' => time(),
			),
			false
		);
	}

	/**
	 * Ends the pairing.
	 */
	public static function forget(): void {
		delete_option( self::OPTION );
	}

	/**
	 * Takes a new secret; the old one still opens for ten minutes, for calls under way.
	 *
	 * @param string $secret New secret, base64url.
	 */
	public function rotate( string $secret ): void {
		if ( hash_equals( $this->secret(), $secret ) ) {
			return;
		}
		$this->stored['previous']      = $this->secret();
		$this->stored['previousUntil'] = time() + self::GRACE;
		$this->stored['secret']        = $secret;
		update_option( self::OPTION, $this->stored, false );
	}

	/**
	 * The pairing's id.
	 */
	public function id(): string {
		return $this->stored['id'];
	}

	/**
	 * The secret the shop signs with.
	 */
	public function secret(): string {
		return $this->stored['secret'];
	}

	/**
	 * The secrets a caller may sign with.
	 *
	 * @return array<int, string>
	 */
	public function accepted_secrets(): array {
		$secrets = array( $this->secret() );
		if ( isset( $this->stored['previous'] ) && $this->stored['previousUntil'] > time() ) {
			$secrets[] = $this->stored['previous'];
		}
		return $secrets;
	}

	/**
	 * The user who paired, whose rights every call has.
	 */
	public function user_id(): int {
		return (int) $this->stored['userId'];
	}

	/**
	 * The service's name.
	 */
	public function service_name(): string {
		return $this->stored['service']['name'];
	}

	/**
	 * The service's address without a slash at its end, or null where the shop cannot reach it.
	 */
	public function service_url(): ?string {
		return $this->stored['service']['url'];
	}

	/**
	 * When the shop was paired.
	 */
	public function paired_at(): int {
		return (int) $this->stored['pairedAt'];
	}
}
