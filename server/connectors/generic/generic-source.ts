import type { Clock } from '../../domain/ports/clock';
import { knownByLevel } from '../../domain/order-rule';
import type { StockSource } from '../../domain/ports/stock-source';
import type { HttpClient } from '../../outbound/http-client';
import { LINE_REFUSALS } from '../push-body/line-messages';
import { createGenericApi } from './generic-api';
import { createGenericPull } from './generic-pull';
import { readGenericSettings, SECRET_SETTINGS, signatureOf, signsNothing } from './generic-settings';
import { PulledFiles } from './pulled-file';
import { replyOf } from './push-reply';
import { readGenericPush } from './read-generic-push';
import { sampleFields } from './sample-fields';
import { verifySignature } from './signature';
import { readUploadedFile } from './uploaded-file';
import { genericForm } from './generic-form';

/** Any system that can post to an address, or leaves its levels in a file at one. */
export function createGenericSource(http: HttpClient, clock: Clock): StockSource {
  const files = new PulledFiles(http, clock);
  return {
    kind: 'generic',
    readSettings: readGenericSettings,
    form: genericForm,
    // What it hears of web orders and when, only its owner knows.
    orders: knownByLevel(72),
    secretSettings: SECRET_SETTINGS,
    push: {
      acceptedStatus: 202,
      wrongTokenStatus: 401,
      sourceOffStatus: 409,
      tokenIgnoresCase: false,
      vendorToken: () => null,
      secretInAddress: (settings) => settings['keyInAddress'] === 'yes' || signsNothing(settings),
      signature: {
        isSetUp: (settings) => (settings['signatureSecret'] ?? '') !== '' && signatureOf(settings) !== null,
        verify: (call, settings) => {
          const scheme = signatureOf(settings);
          const secret = settings['signatureSecret'] ?? '';
          return scheme === null || secret === '' ? 'wrong' : verifySignature(call, scheme, secret);
        },
      },
      read: readGenericPush,
      reply: (_call, end, settings) => replyOf(end, settings),
      messageFor: ({ outcome, refused, change, chosenWarehouses }) => {
        if (refused) return LINE_REFUSALS[refused.refusal];
        if (outcome === 'superseded') return 'A newer level is already known; this one was recorded, not used.';
        if (outcome === 'not_chosen') {
          return `Recorded; warehouse "${change?.warehouse ?? ''}" is not one that feeds the shop (${chosenWarehouses}).`;
        }
        return undefined;
      },
      refusals: {
        sourceOff: 'This source is switched off in Stock Relay.',
        missingToken:
          'No token arrived. Send it as Authorization: Bearer; where that is sent, a proxy may have dropped the ' +
          'Authorization header: send it as X-Api-Token then.',
        wrongToken: 'The address or the token is wrong. Copy both again from the source’s page.',
        wrongSignature:
          'The signature is missing or wrong. Copy the sender’s signing secret again into the source’s settings.',
      },
    },
    api: createGenericApi(files),
    pull: createGenericPull(files),
    file: { read: readUploadedFile },
    sample: { fields: sampleFields },
  };
}
