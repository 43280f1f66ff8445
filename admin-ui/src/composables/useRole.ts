import { computed } from 'vue';
import type { Role } from '../api/session';
import { useSession } from '../stores/session';

const RANK: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, owner: 3 };

export const mayAct = (role: Role, least: Role): boolean => RANK[role] >= RANK[least];

/** What the person may do: the server refuses the rest anyway, so nobody is shown a button that cannot work. */
export function useRole() {
  const session = useSession();
  const may = (least: Role) => computed(() => session.user !== null && mayAct(session.user.role, least));
  return { mayOperate: may('operator'), mayOwn: may('owner') };
}
