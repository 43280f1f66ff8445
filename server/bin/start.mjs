import { createRequire } from 'node:module';
import path from 'node:path';
import { buildBridge, buildPanel, buildServer, install, root } from './prepare.mjs';

install();
buildServer();
buildPanel();
buildBridge();
// In this very process, so that signals reach the service itself.
createRequire(import.meta.url)(path.join(root, 'dist', 'server', 'main.js'));
