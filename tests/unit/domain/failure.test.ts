import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import {
  asFailure,
  failure,
  FAILURES,
  failureCause,
  failureCure,
  FailureError,
  failureKind,
  fillWords,
  isFailureCode,
} from '../../../server/domain/failure';

const server = path.resolve(__dirname, '../../../server');
const placeholders = (words: string): string[] => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
const wordsAskFor = (code: string): string[] => [
  ...new Set([...placeholders(failureKind(code).cause), ...placeholders(failureKind(code).cure)]),
];

describe('The list of failures', () => {
  test.each(Object.entries(FAILURES))('%s has a cause and a cure in whole sentences', (_code, kind) => {
    expect(kind.cause).toMatch(/^[^a-z].+[.)]$/u);
    expect(kind.cure).toMatch(/^[^a-z].+[.)]$/u);
    expect(['info', 'retry', 'error']).toContain(kind.severity);
    expect(['shop', 'bridge', 'item', 'source', 'notice']).toContain(kind.scope);
  });

  it('never retries by itself what retrying does not help', () => {
    const wrong = Object.entries(FAILURES).filter(([, kind]) => kind.severity === 'retry' && !kind.retryHelps);
    expect(wrong).toEqual([]);
  });

  it('fits the column that keeps the code', () => {
    for (const code of Object.keys(FAILURES)) expect(code.length).toBeLessThanOrEqual(40);
  });

  it('takes a code it does not know for one that stops the item', () => {
    expect(isFailureCode('toString')).toBe(false);
    expect(isFailureCode('from_tomorrow')).toBe(false);
    expect(failureKind('from_tomorrow')).toBe(FAILURES.unknown_failure);
    expect(failureKind('constructor')).toBe(FAILURES.unknown_failure);
  });
});

describe('The words of a failure', () => {
  it('are filled from its params', () => {
    const what = failure('shop_shows_other', { wanted: '7', shown: '6' });
    expect(failureCause(what)).toBe('We wrote 7, but the shop shows 6.');
    expect(failureCure(failure('shop_unreachable', { reason: 'x', host: 'shop.example' }))).toContain('shop.example');
  });

  it('fill nothing twice: what the shop says is text', () => {
    expect(fillWords('{a} {b}', { a: '{b}', b: 'B' })).toBe('{b} B');
    expect(fillWords('{a}', { a: '$& $1' })).toBe('$& $1');
  });

  it('keep a placeholder nobody filled, so that it is seen', () => {
    expect(fillWords('{missing}', {})).toBe('{missing}');
  });
});

describe('Anything thrown', () => {
  it('that is a failure stays that failure', () => {
    const what = failure('shop_maintenance');
    expect(asFailure(new FailureError(what))).toBe(what);
    expect(new FailureError(what).message).toBe('The shop is in maintenance.');
  });

  it('that is none is unknown, and its message, which may hold secrets, is left out', () => {
    expect(asFailure(new TypeError('cs_secret'))).toEqual(failure('unknown_failure', { what: 'TypeError' }));
    expect(asFailure('cs_secret')).toEqual(failure('unknown_failure', { what: 'string' }));
    expect(asFailure(undefined)).toEqual(failure('unknown_failure', { what: 'undefined' }));
  });
});

/** Every `failure('code', {…})` of the server's source, with the names it gives; null where they cannot be read off. */
function madeFailures(): { readonly at: string; readonly code: string; readonly given: readonly string[] | null }[] {
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const source = ts.createSourceFile(name, readFileSync(path.join(server, name), 'utf8'), ts.ScriptTarget.ES2023);
    const found: ReturnType<typeof madeFailures> = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'failure') {
        const [code, params] = node.arguments;
        if (code && ts.isStringLiteral(code)) {
          found.push({ at: name, code: code.text, given: params ? namesGiven(params) : [] });
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

function namesGiven(params: ts.Expression): readonly string[] | null {
  if (!ts.isObjectLiteralExpression(params)) return null;
  const names = params.properties.map((property) =>
    (ts.isPropertyAssignment(property) || ts.isShorthandPropertyAssignment(property)) && ts.isIdentifier(property.name)
      ? property.name.text
      : null,
  );
  return names.every((each) => each !== null) ? names : null;
}

describe('Wherever the server makes a failure', () => {
  const made = madeFailures();

  it('this test sees it', () => {
    expect(made.length).toBeGreaterThan(20);
  });

  it('its code is in the list', () => {
    expect(made.filter(({ code }) => !isFailureCode(code))).toEqual([]);
  });

  it('all that its words ask for is given', () => {
    const lacking = made.flatMap(({ at, code, given }) => {
      const lacks = given === null ? [] : wordsAskFor(code).filter((name) => !given.includes(name));
      return lacks.length === 0 ? [] : [`${at}: ${code} lacks ${lacks.join(', ')}`];
    });
    expect(lacking).toEqual([]);
  });
});
