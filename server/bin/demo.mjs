import { createRequire } from 'node:module';
import path from 'node:path';
import { buildPanel, buildServer, buildSupport, install, root } from './prepare.mjs';

install();
buildServer();
buildPanel();
buildSupport();
createRequire(import.meta.url)(path.join(root, 'dist', 'tests', 'support', 'demo.js'));
