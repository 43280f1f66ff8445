import { computed, ref, shallowRef } from 'vue';
import { asProblem, type ApiProblem } from '../api/problem';

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

/** Faults tied to their fields, whether the panel or the server found them. */
export function useForm<Field extends string>(
  given: readonly Field[] | (() => readonly Field[]),
  validate: () => FieldErrors<Field>,
) {
  const errors = ref<FieldErrors<Field>>({});
  const problem = shallowRef<ApiProblem | null>(null);
  const busy = ref(false);
  /** Counts the refusals, so that the summary takes the focus each time, not only the first. */
  const refusals = ref(0);

  const fieldOf = (path: string): Field | undefined =>
    (typeof given === 'function' ? given() : given).find((field) => path === field || path.endsWith(`.${field}`));

  async function submit(send: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    problem.value = null;
    errors.value = validate();
    if (Object.keys(errors.value).length > 0) {
      refusals.value += 1;
      return false;
    }
    busy.value = true;
    try {
      await send();
      return true;
    } catch (thrown) {
      const found = asProblem(thrown);
      problem.value = found;
      const byField: FieldErrors<Field> = {};
      for (const { path, message } of found.errors) {
        const field = fieldOf(path);
        if (field !== undefined) byField[field] ??= message;
      }
      errors.value = byField;
      refusals.value += 1;
      return false;
    } finally {
      busy.value = false;
    }
  }

  return {
    errors,
    problem,
    busy,
    refusals,
    submit,
    hasErrors: computed(() => problem.value !== null || Object.keys(errors.value).length > 0),
  };
}
