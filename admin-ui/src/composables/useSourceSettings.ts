import { computed, ref, type Ref } from 'vue';
import type { SettingField, Source, SourceKind } from '../api/sources';
import { useSourceKinds } from './useSourceKinds';
import { useWords } from './useWords';

function stored(source: Source | undefined, { name }: SettingField): string | undefined {
  const [outer = '', inner] = name.split('.');
  const value = source?.settings[outer];
  if (inner === undefined || value === undefined) return value;
  // Nested settings come as JSON.
  return (JSON.parse(value) as Record<string, string | undefined>)[inner];
}

/** What a person enters into the settings of a source, and what of it is sent. */
export function useSourceSettings(source: () => Source | undefined, kind: Readonly<Ref<SourceKind>>) {
  const { t, te } = useWords();
  const { fieldsOf } = useSourceKinds();
  /** By the field's name; what was not touched is as it was. */
  const typed = ref<Record<string, string>>({});
  const replaced = ref<readonly string[]>([]);

  const labelOf = ({ words, of }: SettingField): string =>
    t(`source.field.${words}.label`, { field: of === undefined ? '' : t(`mapping.field.${of}`) });
  const hintOf = ({ words }: SettingField): string | undefined => {
    const key = `source.field.${words}.hint`;
    return te(key) ? t(key) : undefined;
  };
  const optionOf = ({ words }: SettingField, option: NonNullable<SettingField['options']>[number]): string =>
    option.name ?? t(`source.field.${words}.${option.words}`);
  const fields = computed(() => fieldsOf(kind.value));
  /** A secret that is set is never shown; it stays unless a new one is typed. */
  const isKept = (field: SettingField): boolean =>
    field.type === 'secret' && stored(source(), field) !== undefined && !replaced.value.includes(field.name);
  const asked = computed(() => fields.value.filter((field) => !isKept(field)));

  const valueOf = (field: SettingField): string =>
    typed.value[field.name] ?? (field.type === 'secret' ? '' : (stored(source(), field) ?? field.initial ?? ''));
  const set = (field: SettingField, value: string) => (typed.value = { ...typed.value, [field.name]: value });
  const replace = (field: SettingField) => (replaced.value = [...replaced.value, field.name]);
  const entered = (field: SettingField): string => valueOf(field).trim();

  const faults = (): Record<string, string> =>
    Object.fromEntries(
      asked.value.flatMap((field) => {
        const text = entered(field);
        if (text === '') return field.optional ? [] : [[field.name, t('form.missing', { field: labelOf(field) })]];
        if (field.type === 'email' && !/^\S+@\S+\.\S+$/.test(text)) return [[field.name, t('form.email')]];
        if (field.type === 'number' && !/^\d+$/.test(text)) return [[field.name, t('form.wholeNumber')]];
        if (field.type === 'url' && !/^https?:\/\/\S+$/.test(text)) return [[field.name, t('form.address')]];
        return [];
      }),
    );

  /** As the API takes them: what belongs to one nested setting together, or empty where nothing of it is filled in. */
  const settings = (): Record<string, unknown> => {
    const sent: Record<string, unknown> = {};
    for (const field of asked.value) {
      const [outer = '', inner] = field.name.split('.');
      if (inner === undefined) sent[outer] = entered(field);
      else if (entered(field) !== '') sent[outer] = { ...(sent[outer] as object), [inner]: entered(field) };
      else sent[outer] ??= '';
    }
    // A mapping goes before what we know of a sender, so one of the sender before must not stay.
    const sender = sent['preset'];
    if (sender && sender !== (source()?.settings['preset'] ?? '')) sent['mapping'] = '';
    return sent;
  };

  /** Once they are sent, nobody needs them here. */
  const forgetSecrets = () => {
    const secrets = fields.value.filter(({ type }) => type === 'secret').map(({ name }) => name);
    typed.value = Object.fromEntries(Object.entries(typed.value).filter(([name]) => !secrets.includes(name)));
    replaced.value = [];
  };

  return {
    fields,
    labelOf,
    hintOf,
    optionOf,
    isKept,
    valueOf,
    set,
    replace,
    faults,
    settings,
    forgetSecrets,
    clear: () => {
      typed.value = {};
      replaced.value = [];
    },
  };
}

export type SourceSettings = ReturnType<typeof useSourceSettings>;
