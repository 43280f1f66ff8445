<?php
/**
 * Plugin Name:          Stock Relay
 * Description:          Keeps WooCommerce stock true to your accounting or till system, faster and more safely than the REST API allows: the shop's side of a Stock Relay service.
 * Version:              0.1.0
 * Requires at least:    6.1
 * Requires PHP:         7.4
 * Author:               Stock Relay contributors
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          stock-relay
 * Domain Path:          /languages
 * WC requires at least: 8.0
 * WC tested up to:      10.5
 *
 * @package StockRelay
 */

namespace StockRelay;

defined( 'ABSPATH' ) || exit;

const VERSION     = '0.1.0';
const API_VERSION = 1;
const PLUGIN_FILE = __FILE__;

require_once __DIR__ . '/includes/autoload.php';

register_activation_hook( __FILE__, array( Schema::class, 'activate' ) );
register_deactivation_hook( __FILE__, array( Housekeeping::class, 'unschedule' ) );

add_action( 'before_woocommerce_init', array( Plugin::class, 'declare_compatibility' ) );
add_action( 'plugins_loaded', array( Plugin::class, 'start' ) );
