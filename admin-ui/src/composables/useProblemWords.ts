import type { ApiProblem } from '../api/problem';
import { useWords } from './useWords';

/** A failed call in the person's language; the server's own (English) detail stands behind as proof. */
export function useProblemWords() {
  const { t } = useWords();
  const says = (problem: ApiProblem): string => t(`problem.${problem.kind}`);
  const proof = (problem: ApiProblem): string | null =>
    problem.errors.length > 0
      ? problem.errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
      : problem.detail;
  return { says, proof };
}
