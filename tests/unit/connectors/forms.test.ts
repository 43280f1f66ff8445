import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { PRESET_NAMES } from '../../../server/connectors/generic/presets';
import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import { createOblioSource } from '../../../server/connectors/oblio/oblio-source';
import { createSmartbillSource } from '../../../server/connectors/smartbill/smartbill-source';
import type { SettingField } from '../../../server/domain/setting-field';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const http = new ScriptedHttp(() => ({}));
const clock = new TestClock();
const calls = new CountedVendorCalls();
const kinds = [
  createSmartbillSource(http, 'https://smartbill.example', clock, calls),
  createHiboutikSource(http, 'https://hiboutik.example', clock, calls),
  createOblioSource(http, 'https://oblio.example', clock),
  createGenericSource(http, clock),
];

/** Something a person could have entered. */
const entered = ({ type, initial, options }: SettingField): string =>
  initial ??
  options?.at(-1)?.value ??
  {
    text: '12345678',
    email: 'a@b.example',
    url: 'https://a.example/f.csv',
    secret: 's',
    switch: 'yes',
    number: '5',
    select: '',
  }[type];

/** As the panel sends them. */
function settingsOf(fields: readonly SettingField[]): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const field of fields) {
    const [outer = '', inner] = field.name.split('.');
    if (inner === undefined) settings[outer] = entered(field);
    else settings[outer] = { ...Object(settings[outer]), [inner]: entered(field) };
  }
  return settings;
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))('The form of %s', (_, kind) => {
  const required = kind.form.filter(({ optional }) => optional !== true);

  it('asks for all that is needed: filled in, its settings are taken', () => {
    expect(kind.readSettings(settingsOf(required))).toMatchObject({ ok: true });
  });

  it('asks for nothing that is not needed but as optional', () => {
    for (const left of required) {
      const rest = required.filter((field) => field !== left);
      expect({ left: left.name, ...kind.readSettings(settingsOf(rest)) }).toMatchObject({ left: left.name, ok: false });
    }
  });

  it('offers no field and no choice that the connector does not take', () => {
    for (const field of kind.form.filter(({ optional }) => optional === true)) {
      const values = field.options?.map(({ value }) => value) ?? [entered(field)];
      for (const value of values) {
        const read = kind.readSettings(settingsOf([...required, { ...field, initial: value }]));
        const faults = read.ok ? [] : read.errors.filter(({ path }) => path === `settings.${field.name}`);
        expect({ field: field.name, value, faults }).toEqual({ field: field.name, value, faults: [] });
      }
    }
  });

  it('hides what the connector keeps as a secret, and nothing else', () => {
    const secrets = kind.form.filter(({ type }) => type === 'secret').map(({ name }) => name);
    expect([...secrets].sort()).toEqual([...kind.secretSettings].sort());
  });
});

it('The form of generic offers every sender that is known', () => {
  const offered = kinds.at(-1)?.form.find(({ name }) => name === 'preset')?.options;
  expect(offered?.map(({ value }) => value).sort()).toEqual(['', ...PRESET_NAMES].sort());
});
