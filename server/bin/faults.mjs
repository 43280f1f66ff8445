import { createRequire } from 'node:module';
import path from 'node:path';
import { buildServer, buildSupport, install, root } from './prepare.mjs';

install();
buildServer();
buildSupport();
createRequire(import.meta.url)(path.join(root, 'dist', 'tests', 'faults', 'main.js'));
