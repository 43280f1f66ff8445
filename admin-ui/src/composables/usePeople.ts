import { ref, shallowRef } from 'vue';
import {
  changeAccessRules,
  changeRole,
  getAccessRules,
  invite,
  issueResetLink,
  listInvitations,
  listPeople,
  reissueInvitation,
  removePerson,
  revokeInvitation,
  switchOffTheirSecondFactor,
  type Invitation,
  type IssuedLink,
  type Person,
} from '../api/people';
import type { Role } from '../api/session';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 20_000;

/** A one-time link that was just issued: it is shown until it is put away, and never again. */
export interface ShownLink extends IssuedLink {
  readonly kind: 'join' | 'reset';
}

export function usePeople() {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const link = shallowRef<ShownLink | null>(null);
  const removing = ref<Person | null>(null);
  const disarming = ref<Person | null>(null);

  const live = useLive(
    async (signal) => {
      const [people, invitations, rules] = await Promise.all([
        listPeople(signal),
        listInvitations(signal),
        getAccessRules(signal),
      ]);
      return { people, invitations, rules };
    },
    { everyMs: EVERY_MS },
  );

  const setRole = (person: Person, role: Role): Promise<boolean> =>
    run(async () => {
      await changeRole(person.id, role);
      done(t('people.roleChanged', { email: person.email, role: t(`role.${role}`) }), {
        label: t('common.undo'),
        run: () => void putBack(person, role),
      });
      await live.refresh();
    });

  const putBack = (person: Person, from: Role) =>
    run(async () => {
      await changeRole(person.id, person.role);
      done(t('people.roleBack', { email: person.email, role: t(`role.${person.role}`), from: t(`role.${from}`) }));
      await live.refresh();
    });

  const remove = (person: Person) =>
    run(async () => {
      await removePerson(person.id);
      removing.value = null;
      done(t('people.removed', { email: person.email }));
      await live.refresh();
    });

  const switchOffSecondFactor = (person: Person) =>
    run(async () => {
      await switchOffTheirSecondFactor(person.id);
      disarming.value = null;
      done(t('people.factorOff', { email: person.email }));
      await live.refresh();
    });

  const resetPassword = (person: Person) =>
    run(async () => {
      link.value = { ...(await issueResetLink(person.id)), kind: 'reset' };
    });

  /** Throws what the server refuses. */
  async function inviteSomebody(email: string, role: Role): Promise<void> {
    link.value = { ...(await invite(email, role)), kind: 'join' };
    await live.refresh();
  }

  const reissue = ({ id }: Invitation) =>
    run(async () => {
      link.value = { ...(await reissueInvitation(id)), kind: 'join' };
      await live.refresh();
    });

  const revoke = (invitation: Invitation) =>
    run(async () => {
      await revokeInvitation(invitation.id);
      if (link.value?.id === invitation.id) link.value = null;
      done(t('people.revoked', { email: invitation.email }));
      await live.refresh();
    });

  const demand = (secondFactorRequired: boolean) =>
    run(async () => {
      await changeAccessRules({ secondFactorRequired });
      done(t(secondFactorRequired ? 'people.demanded' : 'people.notDemanded'));
      await live.refresh();
    });

  return {
    ...live,
    busy,
    link,
    removing,
    disarming,
    setRole,
    remove,
    switchOffSecondFactor,
    resetPassword,
    inviteSomebody,
    reissue,
    revoke,
    demand,
  };
}
