/**
 * One setting of a kind of source, as its connector describes it: the panel draws its forms from these alone. The words
 * stand in the panel's languages under `words`; where a label names something else, `of` says what.
 */
export interface SettingField {
  /** As in the settings; `a.b` is the field b of the nested setting a. */
  readonly name: string;
  /** A switch is `yes` or empty. */
  readonly type: 'text' | 'email' | 'url' | 'secret' | 'switch' | 'number' | 'select';
  readonly words: string;
  readonly of?: string;
  readonly optional?: boolean;
  /** What holds as long as nothing else is said. */
  readonly initial?: string;
  /** Of a select: a name that is the same in every language, or the key of its words. */
  readonly options?: readonly { readonly value: string; readonly words?: string; readonly name?: string }[];
  /** Needed rarely, and so folded away under this title. */
  readonly group?: 'more' | 'file';
}
