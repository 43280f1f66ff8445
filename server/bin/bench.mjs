import { createRequire } from 'node:module';
import path from 'node:path';
import { buildPanel, buildServer, buildSupport, install, root } from './prepare.mjs';

install();
buildServer();
// One of them looks at the panel.
buildPanel();
buildSupport();
createRequire(import.meta.url)(path.join(root, 'dist', 'tests', 'bench', 'main.js'));
