import { NOTIFICATION_KINDS } from '../../domain/ports/notifications';
import { failureView, id, instant, z } from './common';

export const notification = z
  .object({
    id,
    /** circuit_open: a shop is not called any more; its changes wait. mass_zero: products are held back from going
     * to 0. source_silent: a source has been quiet for longer than it ever was. levels_unread: levels that calls only
     * named cannot be read. flow_missed: a flow started late, or not at all. */
    kind: z.enum(NOTIFICATION_KINDS),
    shopId: id.nullable(),
    shopName: z.string().nullable(),
    sourceId: id.nullable(),
    failure: failureView.nullable(),
    raisedAt: instant,
    /** When it was over; null while it lasts. */
    healedAt: instant.nullable(),
  })
  .openapi('Notification');

export type Notification = z.infer<typeof notification>;
