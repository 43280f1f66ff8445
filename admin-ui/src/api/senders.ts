/** Systems whose calls are known without a mapping, under the names their users know them by. */
export const SENDERS = [
  { value: 'square', name: 'Square' },
  { value: 'zettle', name: 'Zettle' },
  { value: 'shopify', name: 'Shopify' },
  { value: 'loyverse', name: 'Loyverse' },
  { value: 'lightspeed', name: 'Lightspeed' },
  { value: 'frappe', name: 'Frappe / ERPNext' },
  { value: 'dotypos', name: 'Dotypos' },
  { value: 'picqer', name: 'Picqer' },
  { value: 'kiotviet', name: 'KiotViet' },
  { value: 'shippingbo', name: 'Shippingbo' },
] as const;

export const senderName = (value: string | undefined): string | null =>
  SENDERS.find((sender) => sender.value === value)?.name ?? null;
