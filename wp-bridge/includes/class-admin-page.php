<?php
/**
 * The page in wp-admin.
 *
 * @package StockRelay
 */

namespace StockRelay;

/**
 * "WooCommerce › Stock Relay": pairing, and what the shop's owner wants to know.
 */
final class Admin_Page {

	const SLUG       = 'stock-relay';
	const CAPABILITY = 'manage_options';

	/**
	 * Hooks the page up.
	 */
	public static function start(): void {
		add_action( 'admin_menu', array( self::class, 'add' ), 60 );
		foreach ( array( 'confirm', 'withdraw', 'unpair', 'open', 'door' ) as $deed ) {
			add_action( "admin_post_stock_relay_$deed", array( Admin_Deeds::class, $deed ) );
		}
	}

	/**
	 * Adds the page to the menu. Without WooCommerce's menu it lies under Tools, where it says what is missing.
	 */
	public static function add(): void {
		if ( self::is_allowed() ) {
			add_submenu_page(
				null === Requirements::woocommerce_version() ? 'tools.php' : 'woocommerce',
				__( 'Stock Relay', 'stock-relay' ),
				__( 'Stock Relay', 'stock-relay' ),
				self::CAPABILITY,
				self::SLUG,
				array( self::class, 'show' )
			);
		}
	}

	/**
	 * Whether the person may pair the shop: both rights, since the service acts in this person's name.
	 */
	public static function is_allowed(): bool {
		return current_user_can( self::CAPABILITY ) && current_user_can( 'manage_woocommerce' );
	}

	/**
	 * Address of the page.
	 *
	 * @param array<string, string> $query Query parameters.
	 */
	public static function url( array $query = array() ): string {
		return add_query_arg( array_merge( array( 'page' => self::SLUG ), $query ), admin_url( 'admin.php' ) );
	}

	/**
	 * Shows the page.
	 */
	public static function show(): void {
		if ( ! self::is_allowed() ) {
			wp_die( esc_html__( 'You are not allowed to pair this shop.', 'stock-relay' ), '', array( 'response' => 403 ) );
		}
		echo '<div class="wrap"><h1>' . esc_html__( 'Stock Relay', 'stock-relay' ) . '</h1>';
		self::show_notice();
		$pairing = Pairing::current();
		if ( null !== $pairing ) {
			self::show_pairing( $pairing );
		}
		self::show_code_form( $pairing );
		if ( null !== $pairing ) {
			self::show_door( $pairing );
			Admin_State::show();
		}
		echo '</div>';
	}

	/**
	 * Says what the last deed did.
	 */
	private static function show_notice(): void {
		$words = array(
			'waiting'   => array( 'info', __( 'The code is kept for ten minutes. The service now completes the pairing by itself; reload this page to see it.', 'stock-relay' ) ),
			'no_code'   => array( 'error', __( 'That is not a pairing code. It has twelve characters, shown as XXXX-XXXX-XXXX.', 'stock-relay' ) ),
			'no_url'    => array( 'error', __( 'The address of the service must begin with https:// (or http:// on a private network), or be left empty.', 'stock-relay' ) ),
			'withdrawn' => array( 'success', __( 'The code was withdrawn.', 'stock-relay' ) ),
			'door_on'   => array( 'success', __( 'SmartBill\'s address is answered by Stock Relay now.', 'stock-relay' ) ),
			'door_off'  => array( 'success', __( 'SmartBill\'s address is no longer answered by Stock Relay.', 'stock-relay' ) ),
			'door_held' => array( 'error', __( 'SmartBill\'s own plugin is active and answers at that address. Deactivate it first.', 'stock-relay' ) ),
			'unpaired'  => array( 'success', __( 'The pairing has ended. The service can no longer use this plugin.', 'stock-relay' ) ),
		);
		$said  = isset( $_GET['said'] ) ? sanitize_key( $_GET['said'] ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only chooses words.
		if ( isset( $words[ $said ] ) ) {
			printf( '<div class="notice notice-%s is-dismissible" role="status"><p>%s</p></div>', esc_attr( $words[ $said ][0] ), esc_html( $words[ $said ][1] ) );
		}
	}

	/**
	 * Shows whom the shop is paired with.
	 *
	 * @param Pairing $pairing Pairing.
	 */
	private static function show_pairing( Pairing $pairing ): void {
		$user = get_userdata( $pairing->user_id() );
		$rows = array(
			__( 'Service', 'stock-relay' )      => $pairing->service_name(),
			__( 'Address', 'stock-relay' )      => $pairing->service_url() ?? __( 'none: the service calls this shop', 'stock-relay' ),
			__( 'Paired by', 'stock-relay' )    => $user ? $user->display_name : __( 'a user who no longer exists', 'stock-relay' ),
			__( 'Paired since', 'stock-relay' ) => wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $pairing->paired_at() ),
		);
		echo '<h2>' . esc_html__( 'Pairing', 'stock-relay' ) . '</h2><table class="widefat striped" style="max-width:48em"><tbody>';
		foreach ( $rows as $name => $value ) {
			printf( '<tr><th scope="row">%s</th><td>%s</td></tr>', esc_html( $name ), esc_html( $value ) );
		}
		echo '</tbody></table><p>';
		if ( null !== $pairing->service_url() ) {
			self::show_button( 'open', __( 'Open the panel', 'stock-relay' ), 'button button-primary', '_blank' );
		}
		self::show_button( 'unpair', __( 'End the pairing', 'stock-relay' ), 'button' );
		echo '</p>';
	}

	/**
	 * Shows where the code is typed, or that one waits.
	 *
	 * @param Pairing|null $pairing Pairing.
	 */
	private static function show_code_form( ?Pairing $pairing ): void {
		if ( null !== Pairing_Code::waiting() ) {
			echo '<h2>' . esc_html__( 'A code is waiting', 'stock-relay' ) . '</h2>';
			echo '<p>' . esc_html__( 'The service has not called yet. It does so within seconds, if its panel is open.', 'stock-relay' ) . '</p>';
			self::show_button( 'withdraw', __( 'Withdraw the code', 'stock-relay' ), 'button' );
			return;
		}
		// phpcs:disable WordPress.Security.NonceVerification.Recommended -- Fills the form in; it takes a person and a nonce to send it.
		$code    = isset( $_GET['pair'] ) ? sanitize_text_field( wp_unslash( $_GET['pair'] ) ) : '';
		$service = isset( $_GET['service'] ) ? esc_url_raw( wp_unslash( $_GET['service'] ), array( 'http', 'https' ) ) : '';
		// phpcs:enable
		echo '<h2>' . esc_html( null === $pairing ? __( 'Pair this shop', 'stock-relay' ) : __( 'Pair this shop anew', 'stock-relay' ) ) . '</h2>';
		if ( null !== $pairing ) {
			echo '<p>' . esc_html__( 'A new pairing replaces the one above.', 'stock-relay' ) . '</p>';
		}
		?>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
			<input type="hidden" name="action" value="stock_relay_confirm">
			<?php wp_nonce_field( 'stock_relay_confirm' ); ?>
			<table class="form-table" role="presentation"><tbody>
				<tr>
					<th scope="row"><label for="stock-relay-code"><?php esc_html_e( 'Pairing code', 'stock-relay' ); ?></label></th>
					<td>
						<input id="stock-relay-code" name="code" type="text" class="regular-text code" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="stock-relay-code-help" value="<?php echo esc_attr( $code ); ?>">
						<p class="description" id="stock-relay-code-help"><?php esc_html_e( 'The panel of your Stock Relay service shows it with the shop. It is good for ten minutes.', 'stock-relay' ); ?></p>
					</td>
				</tr>
				<tr>
					<th scope="row"><label for="stock-relay-service"><?php esc_html_e( 'Address of the service', 'stock-relay' ); ?></label></th>
					<td>
						<input id="stock-relay-service" name="service" type="url" class="regular-text code" aria-describedby="stock-relay-service-help" value="<?php echo esc_attr( $service ); ?>">
						<p class="description" id="stock-relay-service-help"><?php esc_html_e( 'Leave it empty where this shop cannot reach the service.', 'stock-relay' ); ?></p>
					</td>
				</tr>
			</tbody></table>
			<p><?php esc_html_e( 'Whoever knows this code may then read products and write stock in your name. Confirm only a code that you made yourself.', 'stock-relay' ); ?></p>
			<?php submit_button( __( 'Pair', 'stock-relay' ) ); ?>
		</form>
		<?php
	}

	/**
	 * Shows the drop-in door.
	 *
	 * @param Pairing $pairing Pairing.
	 */
	private static function show_door( Pairing $pairing ): void {
		$is_on   = Door::is_enabled();
		$blocked = Door::blocked_by();
		echo '<h2>' . esc_html__( 'SmartBill\'s address in this shop', 'stock-relay' ) . '</h2>';
		echo '<p>' . esc_html__( 'Where SmartBill Cloud already pushes stock to this shop and its address cannot be changed, Stock Relay can answer there. What arrives is passed on to the service.', 'stock-relay' ) . '</p>';
		echo '<p><code>' . esc_html( rest_url( Door::NAME . Door::PATH ) ) . '</code></p>';
		if ( null !== $blocked ) {
			/* translators: %s: name of a plugin. */
			echo '<p><strong>' . esc_html( sprintf( __( 'The plugin %s answers at this address; Stock Relay leaves it alone.', 'stock-relay' ), $blocked ) ) . '</strong></p>';
		} elseif ( null === $pairing->service_url() ) {
			echo '<p><strong>' . esc_html__( 'This needs a service that the shop can reach.', 'stock-relay' ) . '</strong></p>';
		}
		if ( $is_on || ( null === $blocked && null !== $pairing->service_url() ) ) {
			self::show_button( 'door', $is_on ? __( 'Stop answering', 'stock-relay' ) : __( 'Answer at this address', 'stock-relay' ), 'button' );
		}
	}

	/**
	 * Shows a form of one button.
	 *
	 * @param string $deed       What it does.
	 * @param string $label      What it says.
	 * @param string $class_name Its looks.
	 * @param string $target     Where the answer opens.
	 */
	public static function show_button( string $deed, string $label, string $class_name, string $target = '' ): void {
		printf( '<form method="post" action="%s" style="display:inline-block;margin-right:.5em"%s>', esc_url( admin_url( 'admin-post.php' ) ), '' === $target ? '' : ' target="' . esc_attr( $target ) . '"' );
		printf( '<input type="hidden" name="action" value="%s">', esc_attr( "stock_relay_$deed" ) );
		// Not by wp_nonce_field(): several forms on a page would have fields of one id.
		printf( '<input type="hidden" name="_wpnonce" value="%s">', esc_attr( wp_create_nonce( "stock_relay_$deed" ) ) );
		printf( '<button type="submit" class="%s">%s</button></form>', esc_attr( $class_name ), esc_html( $label ) );
	}
}
