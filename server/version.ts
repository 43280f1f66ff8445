import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of the package, the same whether it runs from the sources or from the build below it. */
export const packageRoot = folderWithManifest(__dirname);

function folderWithManifest(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('There is no package.json above the program');
  return folderWithManifest(parent);
}

const manifest: unknown = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8'));

export const version: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0';
