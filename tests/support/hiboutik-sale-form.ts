import { phpForm } from './php-form';

export interface SoldLine {
  readonly product: number;
  readonly size?: number;
  readonly barcode?: string;
  readonly name?: string;
  readonly warehouse: number;
  readonly quantity: number;
}

export interface Sale {
  readonly id: number;
  readonly at: string;
  readonly externalReference: string;
  readonly lines: readonly SoldLine[];
}

/** Fields a line has besides. */
const NOT_OF_THE_STOCK = `
  item_name original_price discounted_price discount_eur discount_perc vat tax_id tax_value supply_price
  points_in points_out commission vendor_id vendor_name product_brand product_brand_name product_supplier
  product_supplier_name product_category product_category_name product_size_type product_size_name
  product_supplier_reference product_specific_rule_name_1 product_specific_rule_1 products_desc package_id
  package_model tag tags print_group kitchen_step accounting_account product_vat product_font_color
  product_bck_btn_color weight image storage_location serial_number
`;

/** What a till posts when a sale is closed: the whole sale, some 55 fields a line, none of them a stock. */
export const saleForm = ({ id, at, externalReference, lines }: Sale): string =>
  phpForm({
    // Of earlier days, and still sent.
    order_id: id,
    unique_order_id: `1-${id}`,
    shop_id: 1,
    date_time: at,
    sale_id: id,
    unique_sale_id: `1-${id}`,
    store_id: 1,
    vendor_id: 1,
    customer_id: 0,
    created_at: at,
    completed_at: at,
    currency: 'EUR',
    payment: 'CB',
    total: '10.00',
    sale_ext_ref: externalReference,
    line_items: lines.map(({ product, size = 0, barcode = '', name = '', warehouse, quantity }, n) => ({
      ...Object.fromEntries(
        NOT_OF_THE_STOCK.trim()
          .split(/\s+/)
          .map((field) => [field, '']),
      ),
      line_item_id: id * 1_000 + n,
      line_item_id_return: 0,
      date_return: '0000-00-00 00:00:00',
      product_id: product,
      product_size: size,
      product_barcode: barcode,
      product_model: name,
      products_ref_ext: '',
      product_price: '10.00',
      product_currency: 'EUR',
      product_stock_management: 1,
      stock_withdrawal: 1,
      warehouse_id: warehouse,
      quantity,
      product_comments: '',
    })),
  });
