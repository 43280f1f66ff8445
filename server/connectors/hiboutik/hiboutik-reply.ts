import type { PushCall, PushEnd, PushReply } from '../../domain/ports/stock-source';
import type { SourceSettings } from '../../domain/ports/sources';
import { isAboutContent } from '../vendor-api/content-refusal';
import { readHiboutikPush } from './hiboutik-push';
import { isStockOrder } from './hiboutik-references';
import { tellsCashier } from './hiboutik-settings';

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => HTML[char] ?? char);

/**
 * Hiboutik shows what it is answered to the cashier, who waits for it: a call nobody can use is answered 200 too, and
 * left to the owner, who finds it among the pushes.
 */
export function hiboutikReply(call: PushCall, end: PushEnd, settings: SourceSettings): PushReply | null {
  if ('refusal' in end && !isAboutContent(end.refusal)) return null;
  const alert = tellsCashier(settings) ? alertOf(call, end, settings) : null;
  return {
    status: 200,
    contentType: 'application/json',
    body: JSON.stringify(alert === null ? {} : { alerte: alert }),
  };
}

function alertOf(call: PushCall, end: PushEnd, settings: SourceSettings): string | null {
  if ('refusal' in end) {
    return alertBox('warning', `le stock en ligne n’a pas pu être mis à jour. ${end.refusal.detail}`);
  }
  const reading = readHiboutikPush(call, settings);
  if (reading.says !== 'asks') return null;
  const { length } = reading.references;
  // Of a stock order nobody knows yet how many products it holds.
  const what = reading.references.some(isStockOrder)
    ? 'la commande de stock'
    : length === 1
      ? '1 produit'
      : `${length} produits`;
  return alertBox('success', `mise à jour du stock en ligne pour ${what}.`);
}

const alertBox = (tone: 'success' | 'warning', words: string): string =>
  `<div class="alert alert-${tone}">Stock Relay : ${escaped(words)}</div>`;
