const path = require('node:path');

const rootDir = path.resolve(__dirname, '..');
const transform = {
  legacyDecorator: true,
  decoratorMetadata: true,
  useDefineForClassFields: false,
  optimizer: {
    globals: {
      vars: {
        'import.meta.env.DEV': 'true',
        'import.meta.env.PROD': 'false',
        'import.meta.env.MODE': '"test"',
        'import.meta.env.BASE_URL': '"/"',
      },
    },
  },
};
const swc = [
  '@swc/jest',
  {
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform, keepClassNames: true },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];
// Packages published as ES modules only: Jest runs CommonJS, so these are transformed too.
const esmPackages = [
  'pinia',
  '@vue/devtools-.*',
  'perfect-debounce',
  'hookable',
  'birpc',
  'nostics',
  'element-plus/es',
  '@tanstack/.*',
  'chart.js',
  '@kurkle/.*',
  'lodash-es',
  '@vueuse/.*',
];
const common = {
  rootDir,
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
  transform: { '^.+\\.(t|j|mj|cj)s$': swc },
  clearMocks: true,
};
const node = (displayName, testMatch) => ({
  ...common,
  displayName,
  testEnvironment: 'node',
  testMatch: testMatch.map((glob) => `<rootDir>/tests/${glob}`),
});

module.exports = {
  rootDir,
  // Bounds a failing test, and is no measure: a busy machine takes ten times what a quiet one does.
  testTimeout: 60_000,
  projects: [
    node('unit', ['*.test.ts', 'unit/**/*.test.ts']),
    node('contract', ['contract/**/*.test.ts']),
    node('store', ['store/**/*.test.ts']),
    {
      ...node('journeys', ['journeys/**/*.test.ts']),
      // Needs a real WooCommerce: declared only where the environment names one, so that nothing counts as skipped.
      testPathIgnorePatterns: process.env.WOO_URL ? [] : ['/real-[a-z-]+\\.test\\.ts$'],
    },
    {
      ...node('wp-bridge', ['wp-bridge/**/*.test.ts']),
      // The same for the plugin in a real WooCommerce, whose folder WOO_ROOT names.
      testPathIgnorePatterns: process.env.WOO_ROOT && process.env.WOO_URL ? [] : ['/real-[a-z-]+\\.test\\.ts$'],
    },
    {
      ...common,
      displayName: 'admin-ui',
      testEnvironment: 'jsdom',
      testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] },
      testMatch: ['<rootDir>/tests/admin-ui/**/*.test.ts'],
      moduleFileExtensions: ['vue', 'ts', 'mts', 'js', 'mjs', 'cjs', 'json'],
      moduleNameMapper: { '\\.(css|scss)$': '<rootDir>/tests/support/style-stub.cjs' },
      transform: { ...common.transform, '\\.vue$': '<rootDir>/tests/support/vue-transform.cjs' },
    },
  ],
};
