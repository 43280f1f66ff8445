import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pluginFolder } from './support/wordpress';

interface Entry {
  msgctxt?: string;
  msgid: string;
  msgid_plural?: string;
  strings: string[];
  fuzzy?: boolean;
}

const languages = ['ro_RO', 'fr_FR', 'es_ES', 'pt_BR'];
const inPlugin = (...parts: string[]) => readFileSync(path.join(pluginFolder, ...parts), 'utf8');

/** What the plugin's code gives to gettext. */
function shownTexts(): string[] {
  const files = readdirSync(path.join(pluginFolder, 'includes')).map((name) => inPlugin('includes', name));
  const texts = files
    .join('\n')
    .matchAll(/\b(?:__|_e|_n|esc_html__|esc_html_e|esc_attr__)\(\s*'((?:[^'\\]|\\.)*)'(?:,\s*'((?:[^'\\]|\\.)*)')?/g);
  return [...new Set([...texts].flatMap(([, one, other]) => [one, other === 'stock-relay' ? undefined : other]))]
    .filter((text): text is string => text !== undefined)
    .map((text) => text.replace(/\\(['\\])/g, '$1'));
}

const placeholders = (text: string): string[] => (text.match(/%(?:\d\$)?[sd]/g) ?? []).sort();

describe('The plugin’s translations', () => {
  let readPo: (text: string) => Entry[];
  let writeMo: (entries: Entry[]) => Buffer;
  const entries = (file: string) => readPo(inPlugin('languages', file)).filter(({ msgid }) => msgid !== '');

  beforeAll(async () => {
    const module = path.join(path.dirname(pluginFolder), 'server', 'bin', 'translations.mjs');
    ({ readPo, writeMo } = (await import(module)) as { readPo: typeof readPo; writeMo: typeof writeMo });
  });

  test('the template has every text that is shown, and no other but the plugin’s description', () => {
    const known = entries('stock-relay.pot').flatMap(({ msgid, msgid_plural: plural }) => [msgid, plural]);
    const description = /^ \* Description:\s+(.*)$/m.exec(inPlugin('stock-relay.php'))?.[1];
    expect(known.filter(Boolean).sort()).toEqual([...shownTexts(), description].sort());
  });

  test.each(languages)('%s says all of it, with the same placeholders', (language) => {
    const found = entries(`stock-relay-${language}.po`);
    expect(found.map(({ msgid }) => msgid)).toEqual(entries('stock-relay.pot').map(({ msgid }) => msgid));
    for (const { msgid, strings, fuzzy } of found) {
      expect(fuzzy).toBeUndefined();
      for (const text of strings) {
        expect(text).not.toBe('');
        expect(placeholders(text)).toEqual(placeholders(msgid));
      }
    }
  });

  test('the binary form holds each text at the place its table names', () => {
    const source = readPo(inPlugin('languages', 'stock-relay-ro_RO.po'));
    const mo = writeMo(source);
    const [count, messages, translations] = [mo.readUInt32LE(8), mo.readUInt32LE(12), mo.readUInt32LE(16)];
    const text = (table: number, n: number): string => {
      const at = mo.readUInt32LE(table + n * 8 + 4);
      return mo.toString('utf8', at, at + mo.readUInt32LE(table + n * 8));
    };
    const read = Array.from({ length: count }, (_, n) => [text(messages, n), text(translations, n)]);
    const expected = source.map(({ msgid, msgid_plural: plural, strings }) => [
      plural === undefined ? msgid : `${msgid}\0${plural}`,
      strings.join('\0'),
    ]);
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(expected));
    expect(read.map(([message]) => message)).toEqual(read.map(([message]) => message).sort());
  });
});
