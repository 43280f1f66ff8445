import { createRequire } from 'node:module';
import path from 'node:path';
import { buildPanel, buildServer, install, root } from './prepare.mjs';

install();
buildServer();
buildPanel();
// In this very process, so that signals reach the service itself.
createRequire(import.meta.url)(path.join(root, 'dist', 'server', 'main.js'));
