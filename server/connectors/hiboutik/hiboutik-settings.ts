import { z } from 'zod';
import type { SourceSettings } from '../../domain/ports/sources';
import type { CallAllowance } from '../../domain/ports/vendor-calls';
import { secretText } from '../vendor-api/read-settings';

const LEAST_CALLS = 100;
const MOST_CALLS = 1_000_000;
/** Of the 10,000 calls a shop has a month, for all its programs together. */
const USUAL_CALLS = '9000';
/** What Hiboutik's own plugin for WooCommerce puts before the number of an order. */
const USUAL_PREFIX = 'wc_';

const yes = z
  .string()
  .trim()
  .pipe(z.enum(['yes', ''], 'must be "yes", or empty'))
  .default('');

export const hiboutikSettings = z
  .strictObject({
    account: z
      .string()
      .trim()
      .toLowerCase()
      .regex(
        /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        'must be the first part of the address alone: "myshop" for https://myshop.hiboutik.com',
      ),
    user: z.string().trim().min(1, 'is needed: the user’s e-mail address, see Settings > API').max(300),
    apiKey: secretText.min(1, 'is needed: Settings > API'),
    webhookSecret: secretText.default(''),
    salePrefix: z.string().trim().max(50).default(USUAL_PREFIX),
    onlyOnline: yes,
    tellCashier: yes,
    monthlyCalls: z
      .string()
      .trim()
      .transform((text) => (text === '' ? USUAL_CALLS : text))
      .refine((text) => /^\d{1,7}$/.test(text) && Number(text) >= LEAST_CALLS && Number(text) <= MOST_CALLS, {
        error: `must be a whole number from ${LEAST_CALLS} to ${MOST_CALLS}`,
      })
      .transform((text) => String(Number(text)))
      .default(USUAL_CALLS),
  })
  // A secret that is not set must not be shown as if it were.
  .transform(({ webhookSecret, ...others }) => (webhookSecret === '' ? others : { ...others, webhookSecret }));

// Sources saved before these settings came to be lack them.
export const accountOf = (settings: SourceSettings): string => settings['account'] ?? '';
export const salePrefixOf = (settings: SourceSettings): string => settings['salePrefix'] ?? USUAL_PREFIX;
export const isOnlyOnline = (settings: SourceSettings): boolean => settings['onlyOnline'] === 'yes';
export const tellsCashier = (settings: SourceSettings): boolean => settings['tellCashier'] === 'yes';
export const allowanceOf = (settings: SourceSettings): CallAllowance => ({
  account: `hiboutik:${accountOf(settings)}`,
  most: Number(settings['monthlyCalls'] ?? USUAL_CALLS),
});
