import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LINE_REFUSALS } from '../../server/connectors/push-body/line-messages';
import { BRIDGE_GAINS } from '../../server/domain/bridge-words';
import { DIFFERENCE_WORDS } from '../../server/domain/difference-words';
import { FAILURES } from '../../server/domain/failure';
import { FLOW_KINDS, LINE_OUTCOMES, RUN_KINDS, RUN_PHASES, RUN_STEPS } from '../../server/domain/flow-run';
import { NOTIFICATION_KINDS } from '../../server/domain/notice';
import { NOTICE_WORDS } from '../../server/domain/notice-words';
import { PUSH_SAYS } from '../../server/domain/ports/pushes';
import { PROBLEM_WORDS } from '../../server/domain/problem';
import { SHOP_CHECK_WORDS, shopCheckWords } from '../../server/domain/shop-check-words';
import { SOURCE_CHECK_WORDS } from '../../server/domain/source-check-words';
import { TIMELINE_WORDS } from '../../server/domain/timeline-words';
import { WHY_WORDS } from '../../server/domain/why-not-moving';
import { itemStatuses } from '../../server/http/schemas/items';
import { languages } from '../../server/http/schemas/session';
import { i18n } from '../../admin-ui/src/i18n';
import { LANGUAGES, PLURAL_FORMS, pickLanguage, type Language } from '../../admin-ui/src/languages';

const src = join(__dirname, '../../admin-ui/src');
type Tree = { [key: string]: string | Tree };

const flat = (tree: Tree, path = ''): Record<string, string> =>
  Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) => {
      const here = path === '' ? key : `${path}.${key}`;
      return typeof value === 'string' ? { [here]: value } : flat(value, here);
    }),
  ) as Record<string, string>;

const read = (language: Language) =>
  flat(JSON.parse(readFileSync(join(src, 'locales', `${language}.json`), 'utf8')) as Tree);

const all = Object.fromEntries(languages.map((language) => [language, read(language)])) as Record<
  Language,
  Record<string, string>
>;
const english = all.en;
const others = languages.filter((language) => language !== 'en');
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });

describe('the languages', () => {
  it('are the ones the server knows', () => {
    expect(Object.keys(LANGUAGES).sort()).toEqual([...languages].sort());
  });

  it.each(others)('%s has every key and no other', (language) => {
    expect(Object.keys(all[language]).sort()).toEqual(Object.keys(english).sort());
  });

  it.each(others)('%s uses the same placeholders as English', (language) => {
    const differing = Object.keys(english).filter(
      (key) => placeholders(all[language][key] ?? '').join() !== placeholders(english[key] ?? '').join(),
    );
    expect(differing).toEqual([]);
  });

  it.each(languages)('%s gives every counted message as many forms as the language has', (language) => {
    const wrong = Object.keys(english)
      .filter((key) => english[key]?.includes(' | '))
      .filter((key) => all[language][key]?.split(' | ').length !== PLURAL_FORMS[language].length);
    expect(wrong).toEqual([]);
  });

  it.each(others)('%s is translated, not copied', (language) => {
    const copied = Object.keys(english).filter(
      (key) => english[key] === all[language][key] && /\p{L}{4,}.* \p{L}{3,}/u.test(english[key] ?? ''),
    );
    // Names and figures read the same in every language.
    expect(copied.filter((key) => !/^(app|doctor\.version\.supported|shop\.version)/.test(key))).toEqual([]);
  });

  it('counts the way each language counts', () => {
    const say = (language: Language, count: number) => {
      i18n.global.setLocaleMessage(
        language,
        JSON.parse(readFileSync(join(src, 'locales', `${language}.json`), 'utf8')),
      );
      i18n.global.locale.value = language;
      return i18n.global.t('overview.needYou', { n: String(count) }, count);
    };
    expect([1, 2, 20, 101].map((count) => say('ro', count))).toEqual([
      'Un produs are nevoie de tine',
      '2 produse au nevoie de tine',
      '20 de produse au nevoie de tine',
      '101 produse au nevoie de tine',
    ]);
    expect([1, 2].map((count) => say('en', count))).toEqual(['One product needs you', '2 products need you']);
    expect([1, 2_000_000].map((count) => say('fr', count))).toEqual([
      'Un produit a besoin de vous',
      '2000000 produits ont besoin de vous',
    ]);
  });

  it('picks the first language the browser asks for that we speak', () => {
    expect(pickLanguage(['de-AT', 'fr-CA', 'en'])).toBe('fr');
    expect(pickLanguage(['pt-PT'])).toBe('pt-BR');
    expect(pickLanguage(['pt-BR'])).toBe('pt-BR');
    expect(pickLanguage(['de'])).toBe('en');
  });
});

describe('what the server says in English', () => {
  const from = (tree: Readonly<Record<string, string | null>>) =>
    Object.fromEntries(Object.entries(tree).filter(([, text]) => text !== null));
  const below = (prefix: string) =>
    Object.fromEntries(Object.entries(english).filter(([key]) => key.startsWith(prefix)));

  it('is what the panel says of every failure', () => {
    expect(below('failures.')).toEqual(
      from(
        Object.assign(
          {},
          ...Object.entries(FAILURES).map(([code, { cause, cure }]) => ({
            [`failures.${code}.cause`]: cause,
            [`failures.${code}.cure`]: cure,
          })),
        ) as Record<string, string>,
      ),
    );
  });

  it('is what the panel says of why a product does not move', () => {
    const words = Object.entries(WHY_WORDS).flatMap(([code, { cause, cure }]) => [
      [`why.cause.${code}`, cause],
      [`why.cure.${code}`, cure],
    ]);
    expect({ ...below('why.cause.'), ...below('why.cure.') }).toEqual(Object.fromEntries(words));
  });

  it('is what the panel says of a cause with many products', () => {
    const expected = Object.entries(PROBLEM_WORDS).map(([code, words]) => [`groups.says.${code}`, words]);
    expect(below('groups.says.')).toEqual(Object.fromEntries(expected));
  });

  it('is what the panel says of every check of a shop', () => {
    const expected = Object.entries(SHOP_CHECK_WORDS).flatMap(([id, codes]) =>
      Object.entries(codes).flatMap(([code, { message, cure }]) => [
        [`doctor.${id}.${code}.message`, message],
        ...(cure === null ? [] : [[`doctor.${id}.${code}.cure`, cure]]),
      ]),
    );
    const ids = Object.keys(SHOP_CHECK_WORDS).map((id) => `doctor.${id}.`);
    const said = Object.entries(english).filter(([key]) => ids.some((id) => key.startsWith(id)));
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
    expect(english['doctor.not_checked.message']).toBe(
      shopCheckWords({ id: 'tls', code: 'not_checked', params: {} }).message,
    );
    Object.keys(SHOP_CHECK_WORDS).forEach((id) => expect(english).toHaveProperty([`check.${id}`]));
  });

  it('is what the panel says of every check of a source', () => {
    const expected = Object.entries(SOURCE_CHECK_WORDS).flatMap(([key, { message, cure }]) => [
      [`sourceDoctor.${key}.message`, message],
      ...(cure === null ? [] : [[`sourceDoctor.${key}.cure`, cure]]),
    ]);
    expect(below('sourceDoctor.')).toEqual(Object.fromEntries(expected));
    Object.keys(SOURCE_CHECK_WORDS).forEach((key) => {
      expect(english).toHaveProperty([`check.${key.split('.')[0]}`]);
    });
  });

  it('is what the panel says in a timeline', () => {
    expect(below('timeline.outcome.')).toEqual(
      Object.fromEntries(Object.entries(TIMELINE_WORDS).map(([key, words]) => [`timeline.outcome.${key}`, words])),
    );
  });

  it('is what the panel says a plugin gains', () => {
    const expected = Object.entries(BRIDGE_GAINS).map(([code, words]) => [`plugin.gain.${code}`, words]);
    expect(below('plugin.gain.')).toEqual(Object.fromEntries(expected));
  });

  it('is what the panel says of every difference', () => {
    expect(below('run.reason.')).toEqual(
      Object.fromEntries(Object.entries(DIFFERENCE_WORDS).map(([code, words]) => [`run.reason.${code}`, words])),
    );
  });

  it.each(languages)('of causes with many products is what the panel says in %s too', (language) => {
    const said = Object.entries(all[language]).filter(([key]) => key.startsWith('groups.says.'));
    expect(Object.fromEntries(said)).toEqual(
      Object.fromEntries(
        Object.entries(NOTICE_WORDS[language].problems).map(([code, text]) => [`groups.says.${code}`, text]),
      ),
    );
  });

  it.each(languages)('of notices is what the panel says in %s too', (language) => {
    const said = Object.entries(all[language]).filter(([key]) => key.startsWith('notices.kind.'));
    expect(Object.fromEntries(said)).toEqual(
      Object.fromEntries(
        Object.entries(NOTICE_WORDS[language].kinds).flatMap(([kind, words]) =>
          Object.entries(words).map(([part, text]) => [`notices.kind.${kind}.${part}`, text]),
        ),
      ),
    );
  });

  it.each([
    ...Object.keys(LINE_REFUSALS).map((code) => `push.reason.${code}`),
    ...RUN_STEPS.map((step) => `run.step.${step}`),
    ...RUN_PHASES.map((phase) => `run.phase.${phase}`),
    ...RUN_KINDS.map((kind) => `run.kind.${kind}`),
    ...FLOW_KINDS.map((kind) => `flow.means.${kind}`),
    ...PUSH_SAYS.map((says) => `push.says.${says}`),
    ...NOTIFICATION_KINDS.map((kind) => `notify.kinds.${kind}`),
    ...LINE_OUTCOMES.flatMap((outcome) => [`run.outcome.${outcome}`, `run.count.${outcome}`]),
  ])('has words for %s', (key) => {
    expect(english).toHaveProperty([key]);
  });

  it('has a name and a reason for every status', () => {
    itemStatuses.forEach((status) => {
      expect(english).toHaveProperty([`status.${status}.name`]);
      expect(english).toHaveProperty([`status.${status}.why`]);
    });
  });
});

describe('the keys', () => {
  const code = filesBelow(src)
    .filter((file) => /\.(vue|ts)$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  it('that the code names all exist', () => {
    const named = [...code.matchAll(/\b(?:t|tn|te)\(\s*(['`])([\w.$\-{}[\]' ]+?)\1/g)].map((found) => found[2] ?? '');
    const keypaths = [...code.matchAll(/keypath="([\w.]+)"/g)].map((found) => found[1] ?? '');
    expect(named.length).toBeGreaterThan(150);
    const missing = [...named, ...keypaths].filter((key) => {
      const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[^.]+')}$`);
      return !Object.keys(english).some((known) => pattern.test(known));
    });
    expect(missing.filter((key) => !/^(push\.reason|run\.reason|check|connection\.rule)\.\$/.test(key))).toEqual([]);
  });

  it('all are used', () => {
    const spoken = /^(failures|doctor|sourceDoctor|timeline\.outcome|push\.reason|run\.reason|check|status|problem)\./;
    const unused = Object.keys(english).filter((key) => {
      if (spoken.test(key)) return false;
      const parts = key.split('.');
      // Named whole, or by a path whose end is filled in: `deed.${action}.done`.
      const candidates = [key, ...parts.slice(1).map((_, at) => `${parts.slice(0, at + 1).join('.')}.\${`)];
      return !candidates.some((one) => code.includes(one));
    });
    expect(unused).toEqual([]);
  });
});
