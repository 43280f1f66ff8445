import { CHANGE_TOPICS } from '../../domain/ports/change-marks';
import { z } from './common';

/** The data of an event "change". */
export const change = z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) }).openapi('Change');

export type ChangeTopic = (typeof CHANGE_TOPICS)[number];
