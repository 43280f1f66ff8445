import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { inShop } from '../../wp-bridge/support/real-shop';

/** What a shop's own tables say of a product at one moment. */
export interface Figure {
  readonly stock: number;
  /** What the lines of its orders have taken and not given back. */
  readonly held: number;
}

/** One change of stock as the plugin wrote it down. */
export interface StockChange {
  readonly product: number;
  readonly before: number;
  readonly after: number;
  readonly cause: string;
}

interface Row extends RowDataPacket {
  readonly product: number;
  readonly stock: string;
  readonly held: string;
}

interface EventRow extends RowDataPacket {
  readonly event: string;
}

interface Address {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly prefix: string;
}

/** Reads the tables of the shop that the environment names, past WordPress: a look costs a millisecond and moves nothing. */
export class ShopFigures {
  private constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
    private readonly products: readonly number[],
    private readonly firstLine: number,
  ) {}

  static async open(products: readonly number[]): Promise<ShopFigures> {
    const { prefix, host, ...address } = await inShop<Address>(
      `return array('host' => DB_HOST, 'user' => DB_USER, 'password' => DB_PASSWORD, 'database' => DB_NAME, 'prefix' => $wpdb->prefix);`,
    );
    const [name = '', port] = host.split(':');
    const connection = await createConnection({ ...address, host: name, port: Number(port ?? 3306) });
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT COALESCE(MAX(order_item_id), 0) AS last FROM ${prefix}woocommerce_order_items`,
    );
    return new ShopFigures(connection, prefix, products, Number(rows[0]?.['last'] ?? 0));
  }

  /** One statement, so that stock and orders are of the same moment. */
  async read(): Promise<ReadonlyMap<number, Figure>> {
    const { prefix, products, firstLine } = this;
    const [rows] = await this.connection.query<Row[]>(
      `SELECT s.post_id AS product, s.meta_value AS stock, COALESCE(h.held, 0) AS held
       FROM ${prefix}postmeta s LEFT JOIN (
         SELECT CAST(p.meta_value AS UNSIGNED) AS product, SUM(t.meta_value) AS held
         FROM ${prefix}woocommerce_order_itemmeta t
         JOIN ${prefix}woocommerce_order_itemmeta p ON p.order_item_id = t.order_item_id AND p.meta_key = '_product_id'
         WHERE t.meta_key = '_reduced_stock' AND t.order_item_id > ? GROUP BY CAST(p.meta_value AS UNSIGNED)
       ) h ON h.product = s.post_id
       WHERE s.meta_key = '_stock' AND s.post_id IN (?)`,
      [firstLine, products],
    );
    return new Map(rows.map(({ product, stock, held }) => [product, { stock: Number(stock), held: Number(held) }]));
  }

  /** From now on everything the plugin writes down is kept, also what it hands over and forgets. */
  async keepChanges(): Promise<void> {
    const { prefix } = this;
    await this.forgetChanges();
    await this.connection.query(
      `CREATE TABLE ${this.kept} AS SELECT seq, event FROM ${prefix}stock_relay_events WHERE 0`,
    );
    await this.connection.query(
      `CREATE TRIGGER ${this.kept} AFTER INSERT ON ${prefix}stock_relay_events FOR EACH ROW
       INSERT INTO ${this.kept} VALUES (NEW.seq, NEW.event)`,
    );
  }

  async changes(): Promise<readonly StockChange[]> {
    const [rows] = await this.connection.query<EventRow[]>(`SELECT event FROM ${this.kept} ORDER BY seq`);
    return rows.map(({ event }) => {
      const { id, before, after, cause } = JSON.parse(event) as Record<string, unknown>;
      return { product: Number(id), before: Number(before), after: Number(after), cause: String(cause) };
    });
  }

  async forgetChanges(): Promise<void> {
    await this.connection.query(`DROP TRIGGER IF EXISTS ${this.kept}`);
    await this.connection.query(`DROP TABLE IF EXISTS ${this.kept}`);
  }

  close(): Promise<void> {
    return this.connection.end();
  }

  private get kept(): string {
    return `${this.prefix}stock_relay_test_changes`;
  }
}
