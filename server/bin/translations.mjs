// Reads gettext's .po files and writes the .mo files WordPress loads, so that a build needs no gettext.

const unquoted = (text) => JSON.parse(text);

/** The entries of a .po file: context, message, plural and translations; one that is marked fuzzy has none. */
export function readPo(text) {
  const entries = [];
  for (const block of text.split(/\n\s*\n/)) {
    const entry = { strings: [] };
    let append = () => {};
    for (const line of block.split('\n')) {
      const [, keyword, index, value] = /^(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d+)\])?\s+(".*")$/.exec(line) ?? [];
      if (keyword === 'msgstr') {
        const at = Number(index ?? 0);
        entry.strings[at] = unquoted(value);
        append = (more) => (entry.strings[at] += more);
      } else if (keyword) {
        entry[keyword] = unquoted(value);
        append = (more) => (entry[keyword] += more);
      } else if (line.startsWith('"')) append(unquoted(line));
      else if (/^#,.*\bfuzzy\b/.test(line)) entry.fuzzy = true;
    }
    if (entry.msgid !== undefined) entries.push(entry);
  }
  return entries;
}

const bytes = (text) => Buffer.from(text, 'utf8');

/**
 * The binary form: two tables of lengths and places, sorted by message, and the texts with a zero after each. WordPress
 * knows the end of the tables by the place of a hash table, which is empty.
 */
export function writeMo(entries) {
  const pairs = entries
    .filter(({ fuzzy, strings }) => !fuzzy && strings.length > 0 && strings.every((text) => text !== ''))
    .map(({ msgctxt, msgid, msgid_plural: plural, strings }) => [
      bytes((msgctxt === undefined ? '' : `${msgctxt}\u0004`) + msgid + (plural === undefined ? '' : `\0${plural}`)),
      bytes(strings.join('\0')),
    ])
    .sort(([one], [other]) => Buffer.compare(one, other));
  const header = Buffer.alloc(28);
  const tables = Buffer.alloc(pairs.length * 16);
  [0x950412de, 0, pairs.length, 28, 28 + pairs.length * 8, 0, 28 + pairs.length * 16].forEach((word, n) =>
    header.writeUInt32LE(word, n * 4),
  );
  const texts = [];
  let place = header.length + tables.length;
  [0, 1].forEach((side) =>
    pairs.forEach((pair, n) => {
      const at = (side * pairs.length + n) * 8;
      tables.writeUInt32LE(pair[side].length, at);
      tables.writeUInt32LE(place, at + 4);
      texts.push(pair[side], Buffer.alloc(1));
      place += pair[side].length + 1;
    }),
  );
  return Buffer.concat([header, tables, ...texts]);
}
