import { failureView, id, instant, z } from './common';

export const notification = z
  .object({
    id,
    /** circuit_open: a shop is not called any more; its changes wait. */
    kind: z.enum(['circuit_open']),
    shopId: id.nullable(),
    shopName: z.string().nullable(),
    failure: failureView.nullable(),
    raisedAt: instant,
    /** When it was over; null while it lasts. */
    healedAt: instant.nullable(),
  })
  .openapi('Notification');

export type Notification = z.infer<typeof notification>;
