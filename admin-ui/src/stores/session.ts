import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { setCsrfToken } from '../api/http';
import { asProblem, type ApiProblem } from '../api/problem';
import * as api from '../api/session';
import { useShownTokens } from '../composables/useShownTokens';

export const useSession = defineStore('session', () => {
  const session = shallowRef<api.Session | null>(null);
  /** Until the server was asked, nobody knows whether the cookie still counts. */
  const asked = ref(false);
  /** Why the server could not be asked. */
  const problem = shallowRef<ApiProblem | null>(null);

  const adopt = (current: api.Session | null) => {
    asked.value = true;
    problem.value = null;
    session.value = current;
    setCsrfToken(current?.csrfToken ?? null);
    if (current === null) useShownTokens().forgetAll();
  };

  async function load(): Promise<void> {
    if (asked.value) return;
    try {
      adopt(await api.getSession());
    } catch (thrown) {
      const found = asProblem(thrown);
      if (found.kind === 'unauthorised') adopt(null);
      else problem.value = found;
    }
  }

  /** Comes in, or answers what is still asked. */
  function enter(answer: api.LogInAnswer): api.LoginChallenge | null {
    if (answer.state === 'second_factor_needed') return answer;
    adopt(answer);
    return null;
  }

  const logIn = async (email: string, password: string) => enter(await api.logIn(email, password));

  const prove = async (challenge: string, proof: api.Proof) => {
    enter(await api.proveSecondFactor(challenge, proof));
  };

  const join = async (input: Parameters<typeof api.join>[0]) => enter(await api.join(input));

  const createFirstOwner = async (input: api.SetupInput) => adopt(await api.createFirstOwner(input));

  const markEnrolment = (mustEnrol: boolean) => {
    if (session.value !== null) session.value = { ...session.value, mustEnrol };
  };

  async function logOut(): Promise<void> {
    await api.logOut();
    adopt(null);
  }

  return {
    user: computed(() => session.value?.user ?? null),
    version: computed(() => session.value?.version ?? null),
    mustEnrol: computed(() => session.value?.mustEnrol === true),
    isOut: computed(() => asked.value && session.value === null),
    problem,
    load,
    logIn,
    prove,
    join,
    createFirstOwner,
    markEnrolment,
    logOut,
    forget: () => adopt(null),
  };
});
