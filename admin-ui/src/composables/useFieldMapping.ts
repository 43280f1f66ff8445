import { computed, ref, watch, type Ref } from 'vue';
import { changeSource, listSamples, tryMapping, type Sample, type SampleField, type Source } from '../api/sources';
import { useLive } from './useLive';
import { useQuietly } from './useQuietly';

const EVERY_MS = 2_000;

export const MAPPED_FIELDS = [
  'code',
  'barcode',
  'name',
  'id',
  'warehouse',
  'quantity',
  'observedAt',
  'eventId',
] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];
export const MAPPING_MODES = ['levels', 'changes', 'trigger'] as const;
export type MappingMode = (typeof MAPPING_MODES)[number];

export interface DraftCondition {
  readonly field: string;
  /** As typed, with commas between. */
  readonly is: string;
  /** As saved, as long as nobody has typed: a value may hold a comma itself. */
  readonly saved?: readonly string[];
}

/** As the API keeps it. */
interface Mapping extends Partial<Record<MappedField, string>> {
  readonly items?: string;
  readonly mode?: MappingMode;
  readonly only?: readonly { readonly field: string; readonly is: readonly string[] }[];
}

export type MappingLack = 'needsCall' | 'needsQuantity' | 'needsIdentity' | 'needsValues';

const valuesOf = ({ is, saved }: DraftCondition): readonly string[] =>
  saved ??
  is
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');

const isPlain = ({ kind }: SampleField): boolean => kind !== 'list' && kind !== 'object';

/** A source's mapping as a person builds it from a call that came in, and how that call would be read by it. */
export function useFieldMapping(source: Readonly<Ref<Source>>, wantedPush: () => number | null) {
  const live = useLive((signal) => listSamples(source.value.id, signal), { everyMs: EVERY_MS });
  const samples = computed<readonly Sample[]>(() => live.data.value ?? []);

  const before = JSON.parse(source.value.settings['mapping'] ?? '{}') as Mapping;
  const items = ref<string | null>(before.items ?? (source.value.settings['mapping'] === undefined ? null : ''));
  const mode = ref<MappingMode>(before.mode ?? 'levels');
  const fields = ref<Partial<Record<MappedField, string>>>(
    Object.fromEntries(MAPPED_FIELDS.flatMap((name) => (before[name] === undefined ? [] : [[name, before[name]]]))),
  );
  const conditions = ref<readonly DraftCondition[]>(
    (before.only ?? []).map(({ field, is }) => ({ field, is: is.join(', '), saved: is })),
  );

  const pushId = ref<number | null>(null);
  const sample = computed(
    () => samples.value.find((one) => one.pushId === (pushId.value ?? wantedPush())) ?? samples.value[0] ?? null,
  );
  // A call that comes in later must not take the chosen one's place.
  watch(sample, (now) => (pushId.value ??= now?.pushId ?? null));

  const lists = computed(() => sample.value?.fields?.lists ?? []);
  /** The longest list is most likely the one of the lines. */
  const likeliest = computed(() =>
    lists.value.reduce<{ path: string; length: number } | null>(
      (best, list) => (best === null || list.length > best.length ? list : best),
      null,
    ),
  );
  const itemsPath = computed(() => items.value ?? likeliest.value?.path ?? '');
  const ofLine = computed(() => lists.value.find(({ path }) => path === itemsPath.value)?.fields.filter(isPlain) ?? []);
  const ofCall = computed(() => sample.value?.fields?.root.filter(isPlain) ?? []);

  const lack = computed<MappingLack | null>(() => {
    if (sample.value === null) return 'needsCall';
    if (conditions.value.some((one) => one.field === '' || valuesOf(one).length === 0)) return 'needsValues';
    if (mode.value === 'trigger') return null;
    if (!fields.value.quantity) return 'needsQuantity';
    const { code, barcode, name, id } = fields.value;
    return code || barcode || name || id ? null : 'needsIdentity';
  });

  /** Nothing is chosen yet, and a call that was understood is read as it is already. */
  const isUnderstood = computed(
    () =>
      sample.value?.says === 'levels' &&
      !source.value.settings['mapping'] &&
      mode.value === 'levels' &&
      conditions.value.length === 0 &&
      Object.values(fields.value).every((path) => path === ''),
  );

  const mapping = computed<Mapping>(() => ({
    ...(itemsPath.value !== '' && { items: itemsPath.value }),
    ...Object.fromEntries(Object.entries(fields.value).filter(([, path]) => path !== '')),
    mode: mode.value,
    ...(conditions.value.length > 0 && {
      only: conditions.value.map((one) => ({ field: one.field, is: valuesOf(one) })),
    }),
  }));

  const tried = useQuietly(
    () => {
      if (sample.value === null) return null;
      const { pushId: id } = sample.value;
      if (isUnderstood.value) return { pushId: id, settings: {} };
      return lack.value === null ? { pushId: id, settings: { mapping: mapping.value } } : null;
    },
    (input, signal) => tryMapping(source.value.id, input, signal),
  );

  const save = () => changeSource(source.value.id, { settings: { mapping: mapping.value } });
  const forget = () => changeSource(source.value.id, { settings: { mapping: '' } });

  return {
    live,
    samples,
    sample,
    pushId,
    lists,
    itemsPath,
    items,
    mode,
    fields,
    conditions,
    ofLine,
    ofCall,
    lack,
    isUnderstood,
    tried,
    save,
    forget,
  };
}
