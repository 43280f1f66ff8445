<?php
/**
 * Who else listens when stock changes.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * Looks at the hooks of a save, tells whose callbacks hang there, and whether they need WooCommerce's own save.
 */
final class Listeners {

	/**
	 * Hooks that get a product after its stock has changed. The fast way calls them where somebody listens.
	 */
	const TOLD = array(
		'woocommerce_product_set_stock',
		'woocommerce_variation_set_stock',
		'woocommerce_product_object_updated_props',
		'woocommerce_after_product_object_save',
		'woocommerce_update_product',
		'woocommerce_update_product_variation',
	);

	/**
	 * Hooks by which others change what is read, written or saved: with these only the save itself does right.
	 */
	const CHANGING = array(
		'woocommerce_update_product_stock_query',
		'woocommerce_before_product_object_save',
		'woocommerce_product_get_manage_stock',
		'woocommerce_product_get_stock_quantity',
		'woocommerce_product_get_stock_status',
		'woocommerce_product_get_backorders',
		'woocommerce_product_variation_get_manage_stock',
		'woocommerce_product_variation_get_stock_quantity',
		'woocommerce_product_variation_get_stock_status',
		'woocommerce_product_variation_get_backorders',
	);

	const SAVES  = '/->\s*save\s*\(|\bwc_update_product_stock\s*\(|->\s*set_stock_quantity\s*\(|\bwp_(?:update|insert)_post\s*\(/';
	const OPTION = 'stock_relay_saving_listener';
	const OURS   = 'stock-relay';
	const MOST   = 50;

	/**
	 * Callbacks by hook, once read.
	 *
	 * @var array<string, array<int, array{by: string, name: string, saves: bool, calls: bool}>>
	 */
	private $read = array();

	/**
	 * Whether anybody who must be told listens. WooCommerce's own listeners of a save only forget caches, which the fast
	 * way does itself; its webhooks do not.
	 *
	 * @param string $hook Hook.
	 */
	public function must_tell( string $hook ): bool {
		return in_array( true, array_column( $this->of( $hook ), 'calls' ), true );
	}

	/**
	 * Whether any hook of a save has a listener that must be told.
	 */
	public function must_tell_any(): bool {
		return array() !== array_filter( self::TOLD, array( $this, 'must_tell' ) );
	}

	/**
	 * Why the slow way is taken.
	 *
	 * @return array<int, array{code: string, detail: string}>
	 */
	public function slow_because(): array {
		$reasons = array();
		foreach ( self::CHANGING as $hook ) {
			foreach ( $this->strangers( $hook ) as $listener ) {
				$reasons[] = self::reason( 'changing_listener', $hook, $listener );
			}
		}
		foreach ( self::TOLD as $hook ) {
			foreach ( $this->strangers( $hook ) as $listener ) {
				if ( $listener['saves'] ) {
					$reasons[] = self::reason( 'saving_listener', $hook, $listener );
				}
			}
		}
		if ( array() === $reasons && self::was_seen_saving() ) {
			$reasons[] = array(
				'code'   => 'saving_listener',
				'detail' => 'A listener saved a product while it was told of its new stock.',
			);
		}
		return array_slice( $reasons, 0, self::MOST );
	}

	/**
	 * Callbacks of other plugins by hook.
	 *
	 * @return array<string, array<int, string>>
	 */
	public function named(): array {
		$named = array();
		foreach ( array_merge( self::TOLD, self::CHANGING ) as $hook ) {
			foreach ( $this->strangers( $hook ) as $listener ) {
				$named[ $hook ][] = $listener['by'] . ': ' . $listener['name'];
			}
		}
		return $named;
	}

	/**
	 * Remembers, for as long as the same plugins are active, that a listener saves though its code does not show it.
	 */
	public static function remember_saving(): void {
		update_option( self::OPTION, self::plugins(), false );
	}

	/**
	 * Whether a listener was seen saving.
	 */
	private static function was_seen_saving(): bool {
		return get_option( self::OPTION ) === self::plugins();
	}

	/**
	 * A name for the active plugins.
	 */
	private static function plugins(): string {
		return md5( (string) wp_json_encode( array( get_option( 'active_plugins' ), get_site_option( 'active_sitewide_plugins' ) ) ) );
	}

	/**
	 * A reason.
	 *
	 * @param string                          $code     Code.
	 * @param string                          $hook     Hook.
	 * @param array{by: string, name: string} $listener Listener.
	 * @return array{code: string, detail: string}
	 */
	private static function reason( string $code, string $hook, array $listener ): array {
		return array(
			'code'   => $code,
			'detail' => substr( "$hook: {$listener['by']}: {$listener['name']}", 0, 300 ),
		);
	}

	/**
	 * Callbacks that are neither WordPress's nor WooCommerce's nor ours.
	 *
	 * @param string $hook Hook.
	 * @return array<int, array{by: string, name: string, saves: bool, calls: bool}>
	 */
	private function strangers( string $hook ): array {
		return array_values(
			array_filter(
				$this->of( $hook ),
				static function ( array $listener ): bool {
					return 'core' !== $listener['by'];
				}
			)
		);
	}

	/**
	 * Callbacks of a hook, ours left out.
	 *
	 * @param string $hook Hook.
	 * @return array<int, array{by: string, name: string, saves: bool, calls: bool}>
	 */
	private function of( string $hook ): array {
		global $wp_filter;
		if ( ! isset( $this->read[ $hook ] ) ) {
			$this->read[ $hook ] = array();
			foreach ( isset( $wp_filter[ $hook ] ) ? $wp_filter[ $hook ]->callbacks : array() as $callbacks ) {
				foreach ( $callbacks as $callback ) {
					$listener = self::described( $hook, $callback['function'] );
					if ( null !== $listener ) {
						$this->read[ $hook ][] = $listener;
					}
				}
			}
		}
		return $this->read[ $hook ];
	}

	/**
	 * Whose a callback is and what it does, or null where it is ours.
	 *
	 * @param string   $hook     Hook.
	 * @param callable $callback Callback.
	 * @return array{by: string, name: string, saves: bool, calls: bool}|null
	 */
	private static function described( string $hook, $callback ): ?array {
		try {
			$code = self::code( $callback );
		} catch ( \ReflectionException $failure ) {
			// A callback that cannot be looked at, since its class is missing or answers by __call, may do anything.
			return array(
				'by'    => 'unknown',
				'name'  => is_string( $callback ) ? $callback : '?',
				'saves' => true,
				'calls' => true,
			);
		}
		$by = self::owner( wp_normalize_path( (string) $code->getFileName() ) );
		if ( self::OURS === $by ) {
			return null;
		}
		$is_webhook = is_array( $callback ) && $callback[0] instanceof \WC_Webhook;
		$is_benign  = 'core' === $by && in_array( $hook, array( 'woocommerce_after_product_object_save', 'woocommerce_update_product', 'woocommerce_update_product_variation' ), true );
		return array(
			'by'    => $by,
			'name'  => ( $code instanceof \ReflectionMethod ? $code->class . '::' : '' ) . $code->getName(),
			'saves' => 'core' !== $by && self::saves( $code ),
			'calls' => $is_webhook || ! $is_benign,
		);
	}

	/**
	 * The code of a callback.
	 *
	 * @param callable $callback Callback.
	 * @return \ReflectionFunctionAbstract
	 */
	private static function code( $callback ): \ReflectionFunctionAbstract {
		if ( is_string( $callback ) && false !== strpos( $callback, '::' ) ) {
			$callback = explode( '::', $callback, 2 );
		}
		if ( is_array( $callback ) ) {
			return new \ReflectionMethod( $callback[0], $callback[1] );
		}
		if ( is_object( $callback ) && ! $callback instanceof \Closure ) {
			return new \ReflectionMethod( $callback, '__invoke' );
		}
		return new \ReflectionFunction( $callback );
	}

	/**
	 * Whether a callback's own code saves a product.
	 *
	 * @param \ReflectionFunctionAbstract $code Code.
	 */
	private static function saves( \ReflectionFunctionAbstract $code ): bool {
		$lines = is_string( $code->getFileName() ) && is_readable( $code->getFileName() ) ? file( $code->getFileName() ) : false;
		if ( false === $lines ) {
			return true;
		}
		$first = $code->getStartLine() - 1;
		return 1 === preg_match( self::SAVES, implode( '', array_slice( $lines, $first, $code->getEndLine() - $first ) ) );
	}

	/**
	 * Who a file belongs to.
	 *
	 * @param string $file File, or an empty string of a built-in function.
	 */
	public static function owner( string $file ): string {
		if ( 0 === strpos( $file, wp_normalize_path( __DIR__ ) . '/' ) ) {
			return self::OURS;
		}
		$woocommerce = wp_normalize_path( defined( 'WC_ABSPATH' ) ? (string) realpath( WC_ABSPATH ) : '' ) . '/';
		foreach ( array( $woocommerce, wp_normalize_path( ABSPATH . 'wp-admin/' ), wp_normalize_path( ABSPATH . WPINC . '/' ), wp_normalize_path( realpath( ABSPATH . WPINC ) . '/' ) ) as $folder ) {
			if ( '' === $file || ( '/' !== $folder && 0 === strpos( $file, $folder ) ) ) {
				return 'core';
			}
		}
		foreach ( array( 'plugins', 'mu-plugins', 'themes' ) as $kind ) {
			if ( 1 === preg_match( "#/$kind/([^/]+)#", $file, $part ) ) {
				return 'plugins' === $kind ? $part[1] : "$kind/$part[1]";
			}
		}
		return basename( $file );
	}
}
