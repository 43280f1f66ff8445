import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NodeTypes, type TemplateChildNode } from '@vue/compiler-core';
import { parse } from '@vue/compiler-sfc';

const src = join(__dirname, '../../admin-ui/src');

const components = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return components(path);
    return name.endsWith('.vue') ? [path] : [];
  });

/** Attributes that people see or hear. */
const SPOKEN = [
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'label',
  'hint',
  'legend',
  'optional',
  'caption',
  'confirm',
];
const LETTERS = /\p{L}{2,}/u;

function* hardCoded(nodes: readonly TemplateChildNode[]): Generator<string> {
  for (const node of nodes) {
    if (node.type === NodeTypes.TEXT && LETTERS.test(node.content)) yield node.content.trim();
    if (node.type === NodeTypes.INTERPOLATION) {
      const expression =
        node.content.type === NodeTypes.SIMPLE_EXPRESSION ? node.content.content.replace(/\$\{[^}]*\}/g, '') : '';
      if (/^\s*(['"`])[^'"`]*\p{L}{2,}[^'"`]*\1\s*$/u.test(expression)) yield expression;
    }
    if (node.type !== NodeTypes.ELEMENT) continue;
    for (const prop of node.props) {
      if (prop.type === NodeTypes.ATTRIBUTE && SPOKEN.includes(prop.name) && LETTERS.test(prop.value?.content ?? '')) {
        yield `${prop.name}="${prop.value?.content}"`;
      }
      if (prop.type === NodeTypes.DIRECTIVE && prop.name === 'html') yield 'v-html';
    }
    yield* hardCoded(node.children);
  }
}

describe.each(components(src).map((file) => [relative(src, file), file]))('%s', (_, file) => {
  it('says nothing that is not in the language files', () => {
    const { descriptor, errors } = parse(readFileSync(file, 'utf8'), { filename: file });
    expect(errors).toEqual([]);
    expect([...hardCoded(descriptor.template?.ast?.children ?? [])]).toEqual([]);
  });
});

it('the check itself sees a literal text, a literal label and v-html', () => {
  const { descriptor } = parse('<template><p title="Hello you">Hi there<i v-html="x" /></p></template>');
  expect([...hardCoded(descriptor.template?.ast?.children ?? [])]).toEqual(['title="Hello you"', 'Hi there', 'v-html']);
});
