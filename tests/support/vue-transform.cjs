// Turns a single-file component into CommonJS for Jest: Vue's own compiler first, SWC for what is left of TypeScript.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const compilerVersion = require('@vue/compiler-sfc/package.json').version;
const { compileScript, compileTemplate, parse, rewriteDefault } = require('@vue/compiler-sfc');
const swc = require('@swc/core');

const self = readFileSync(__filename, 'utf8');
const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash('sha1')).digest('hex');

function toModule(source, filename) {
  const { descriptor, errors } = parse(source, { filename, sourceMap: true });
  if (errors.length > 0) throw errors[0];
  const id = hash(filename).slice(0, 8);
  const scopeId = descriptor.styles.some((style) => style.scoped) ? `data-v-${id}` : undefined;
  const hasSetup = descriptor.scriptSetup !== null;
  const lines = [];
  let map;
  let bindings;
  if (hasSetup || descriptor.script !== null) {
    const script = compileScript(descriptor, {
      id,
      inlineTemplate: hasSetup,
      sourceMap: true,
      templateOptions: { id, scoped: scopeId !== undefined, compilerOptions: { scopeId } },
    });
    ({ map, bindings } = script);
    lines.push(rewriteDefault(script.content, '__component', ['typescript']));
  } else {
    lines.push('const __component = {}');
  }
  if (!hasSetup && descriptor.template !== null) {
    const template = compileTemplate({
      id,
      filename,
      source: descriptor.template.content,
      scoped: scopeId !== undefined,
      compilerOptions: { bindingMetadata: bindings, expressionPlugins: ['typescript'], scopeId },
    });
    if (template.errors.length > 0) throw template.errors[0];
    lines.push(template.code.replace('export function render', 'function __render'), '__component.render = __render');
  }
  if (scopeId !== undefined) lines.push(`__component.__scopeId = ${JSON.stringify(scopeId)}`);
  lines.push(`__component.__file = ${JSON.stringify(filename)}`, 'export default __component', '');
  return { code: lines.join('\n'), map };
}

module.exports = {
  process(source, filename) {
    const { code, map } = toModule(source, filename);
    return swc.transformSync(code, {
      filename,
      sourceMaps: true,
      inlineSourcesContent: true,
      inputSourceMap: map === undefined ? undefined : JSON.stringify(map),
      module: { type: 'commonjs' },
      jsc: { target: 'es2022', parser: { syntax: 'typescript' }, transform: { hidden: { jest: true } } },
    });
  },
  getCacheKey: (source, filename, options) =>
    hash(source, filename, self, compilerVersion, options.configString, String(options.instrument)),
};
