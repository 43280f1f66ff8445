import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The package.json nearest above this file: the same whether it runs from the sources or from the build. */
function nearestPackage(from: string): string {
  const file = path.join(from, 'package.json');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const parent = path.dirname(from);
    if (parent === from) throw error;
    return nearestPackage(parent);
  }
}

const manifest: unknown = JSON.parse(nearestPackage(__dirname));

export const version: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0';
