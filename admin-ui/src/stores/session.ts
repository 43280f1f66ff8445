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

  const logIn = async (email: string, password: string) => adopt(await api.logIn(email, password));

  const createFirstOwner = async (input: api.SetupInput) => adopt(await api.createFirstOwner(input));

  async function logOut(): Promise<void> {
    await api.logOut();
    adopt(null);
  }

  return {
    user: computed(() => session.value?.user ?? null),
    version: computed(() => session.value?.version ?? null),
    isOut: computed(() => asked.value && session.value === null),
    problem,
    load,
    logIn,
    createFirstOwner,
    logOut,
    forget: () => adopt(null),
  };
});
