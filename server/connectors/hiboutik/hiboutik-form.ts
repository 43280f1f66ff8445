import type { SettingField } from '../../domain/setting-field';

const rarely = { optional: true, group: 'more' } as const;

export const hiboutikForm: readonly SettingField[] = [
  { name: 'account', type: 'text', words: 'account' },
  { name: 'user', type: 'text', words: 'user' },
  { name: 'apiKey', type: 'secret', words: 'apiKey' },
  { name: 'webhookSecret', type: 'secret', words: 'webhookSecret', ...rarely },
  { name: 'salePrefix', type: 'text', words: 'salePrefix', initial: 'wc_', ...rarely },
  { name: 'monthlyCalls', type: 'number', words: 'monthlyCalls', initial: '9000', ...rarely },
  { name: 'onlyOnline', type: 'switch', words: 'onlyOnline', ...rarely },
  { name: 'tellCashier', type: 'switch', words: 'tellCashier', ...rarely },
];
