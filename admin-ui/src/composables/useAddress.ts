import { useRoute, useRouter } from 'vue-router';
import { beginOfDay } from './calendar-day';

/** What a list is narrowed by lives in the address: it can be shared, reloaded and gone back to. */
export function useAddress() {
  const route = useRoute();
  const router = useRouter();

  /** Empty where the address does not say. */
  const text = (key: string): string => {
    const value = route.query[key];
    return typeof value === 'string' ? value : '';
  };
  const id = (key: string): number | undefined => {
    const value = Number(text(key));
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const oneOf = <Value extends string>(key: string, known: readonly Value[]): Value | undefined =>
    known.find((each) => each === text(key));
  /** Days are those of the person who looks. */
  const day = (key: string, after = 0): string | undefined => beginOfDay(text(key), after);
  const withQuery = (change: Readonly<Record<string, string | undefined>>) => ({
    query: { ...route.query, item: undefined, ...change },
  });

  return {
    text,
    id,
    oneOf,
    day,
    withQuery,
    set: (key: string, value: string) => router.replace(withQuery({ [key]: value.trim() || undefined })),
    clear: () => router.replace({ query: {} }),
  };
}

/** Without what the address does not say. */
export const said = <Filter extends object>(filter: Filter): { [Key in keyof Filter]?: NonNullable<Filter[Key]> } =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')) as {
    [Key in keyof Filter]?: NonNullable<Filter[Key]>;
  };
