import { createRequire } from 'node:module';
import path from 'node:path';
import { buildBridge, buildPanel, buildServer, buildSupport, install, root } from './prepare.mjs';

install();
buildServer();
buildPanel();
buildBridge();
buildSupport();
createRequire(import.meta.url)(path.join(root, 'dist', 'tests', 'support', 'demo.js'));
