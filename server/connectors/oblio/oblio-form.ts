import type { SettingField } from '../../domain/setting-field';

export const oblioForm: readonly SettingField[] = [
  { name: 'email', type: 'email', words: 'oblioEmail' },
  { name: 'secret', type: 'secret', words: 'secret' },
  { name: 'cif', type: 'text', words: 'cif' },
];
