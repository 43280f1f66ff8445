import type { SettingField } from '../../domain/setting-field';

export const smartbillForm: readonly SettingField[] = [
  { name: 'email', type: 'email', words: 'email' },
  { name: 'apiToken', type: 'secret', words: 'apiToken' },
  { name: 'vatCode', type: 'text', words: 'vatCode' },
];
