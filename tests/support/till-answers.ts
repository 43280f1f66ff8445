import type http from 'node:http';

export interface TillProduct {
  readonly id: number;
  /** 0 = the product comes in one size. */
  readonly size?: number;
  readonly barcode: string;
  readonly name: string;
  /** By warehouse id; a warehouse that never held it has no row. */
  readonly levels: Record<number, number>;
  /** Not shown online, or laid aside. */
  offline?: boolean;
  archived?: boolean;
}

export interface TillAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: http.OutgoingHttpHeaders;
}

const ROWS_A_PAGE = 250;

export const refusal = (status: number, error: string, details?: object): TillAnswer => ({
  status,
  body: { error, code: status, error_description: error, ...(details && { details }) },
});

/** As the list of products has them. */
export const productRow = ({ id, name, barcode, offline = false, archived = false }: TillProduct) => ({
  product_id: id,
  product_model: name,
  product_barcode: barcode,
  product_stock_management: 1,
  product_display: 1,
  product_display_www: offline ? 0 : 1,
  product_arch: archived ? 1 : 0,
});

/** A row for each warehouse that ever held it. */
export const stockRows = ({ id, size = 0, barcode, levels }: TillProduct) =>
  Object.entries(levels).map(([warehouse, level]) => ({
    product_id: id,
    product_size: size,
    warehouse_id: Number(warehouse),
    // Seen both ways: text of one product, a number of the next.
    stock_available: id % 2 === 0 ? String(level) : level,
    inventory_alert: '0',
    product_barcode: barcode,
  }));

export function pageOf(list: readonly unknown[], url: URL): TillAnswer {
  const page = Number(url.searchParams.get('p') ?? 1);
  const from = (page - 1) * ROWS_A_PAGE;
  const rows = list.slice(from, from + ROWS_A_PAGE);
  const last = Math.max(1, Math.ceil(list.length / ROWS_A_PAGE));
  const to = (p: number, rel: string) => `<http://localhost${url.pathname}?p=${p}>; rel="${rel}"`;
  const links = [to(1, 'start'), ...(page > 1 ? [to(page - 1, 'prev')] : []), to(page, 'current')];
  if (page < last) links.push(to(page + 1, 'next'));
  return {
    status: 200,
    body: rows,
    headers: {
      'content-range': `${from}-${from + rows.length - 1}/${list.length}`,
      link: [...links, to(last, 'last')].join(', '),
    },
  };
}
