import { ref } from 'vue';
import { askForApproval, isApprovalPossible, type ApprovalInput } from '../api/shops';
import { asProblem } from '../api/problem';

/** How the owner answered on the shop's page, as the address says on the way back. */
export type ApprovalAnswer = 'approved' | 'declined';

export const answerOf = (success: unknown): ApprovalAnswer | null =>
  success === '1' ? 'approved' : success === '0' ? 'declined' : null;

/** Leaving the panel is the browser's affair, which a test has no browser for. */
export const leaving = { to: (url: string): void => window.location.assign(url) };

/** WooCommerce's own page on which the owner approves, where this service can be given keys so. */
export function useShopApproval() {
  const isPossible = ref(false);

  async function look(): Promise<void> {
    try {
      isPossible.value = await isApprovalPossible();
    } catch (thrown) {
      // The keys can be entered by hand all the same; whatever is wrong shows with the next call.
      asProblem(thrown);
    }
  }
  void look();

  /** Leaves the panel; the shop sends the person back. */
  async function leaveFor(shop: ApprovalInput): Promise<void> {
    const { authorizeUrl } = await askForApproval(shop);
    leaving.to(authorizeUrl);
  }

  return { isPossible, leaveFor };
}
