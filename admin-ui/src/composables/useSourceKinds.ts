import { computed, shallowRef } from 'vue';
import type { Connection } from '../api/connections';
import { asProblem, type ApiProblem } from '../api/problem';
import { listSourceKinds, type SettingField, type Source, type SourceKind, type SourceKinds } from '../api/sources';

/** They are the same for as long as the panel is open. */
const kinds = shallowRef<SourceKinds['data'] | null>(null);
const problem = shallowRef<ApiProblem | null>(null);
let asked: Promise<void> | null = null;

async function ask(): Promise<void> {
  try {
    kinds.value = (await listSourceKinds()).data;
    problem.value = null;
  } catch (thrown) {
    problem.value = asProblem(thrown);
    asked = null;
  }
}

/** What can be connected, and what each kind's connector asks for. */
export function useSourceKinds() {
  const load = (): Promise<void> => (asked ??= ask());
  void load();
  const fieldsOf = (kind: SourceKind): readonly SettingField[] =>
    kinds.value?.find((one) => one.kind === kind)?.fields ?? [];
  /** When a source of this kind usually knows of a web order; null as long as that is not loaded. */
  const ordersOf = (kind: SourceKind): Connection['orders'] | null =>
    kinds.value?.find((one) => one.kind === kind)?.orders ?? null;
  /** Under which name its users know whoever calls this source. */
  const senderOf = ({ kind, settings }: Source): string | null =>
    fieldsOf(kind)
      .find(({ name }) => name === 'preset')
      ?.options?.find(({ value }) => value !== '' && value === settings['preset'])?.name ?? null;
  return {
    kinds: computed(() => kinds.value?.map(({ kind }) => kind) ?? null),
    problem,
    load,
    fieldsOf,
    ordersOf,
    senderOf,
  };
}
