import { previewRules, type RulesPreviewInput } from '../api/connections';
import { useQuietly } from './useQuietly';

/** Real products by rules that are still being typed; null rules = they cannot be read yet. */
export function useRulesPreview(connectionId: () => number, rules: () => RulesPreviewInput | null) {
  const { answer, ...rest } = useQuietly(rules, (wanted, signal) => previewRules(connectionId(), wanted, signal));
  return { rows: answer, ...rest };
}
