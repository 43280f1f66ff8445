import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { BadSettings } from './settings';

/** Makes the folder where there is none. One step at a time: Node’s own way never ends below /proc. */
function make(folder: string): void {
  if (existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) make(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/** Throws BadSettings, under the name of the setting that says where it is. */
export function makeFolder(folder: string, setting: string): void {
  try {
    make(folder);
    if (statSync(folder).isDirectory()) return;
  } catch {
    // The same to whoever reads it, whatever the system calls it.
  }
  throw new BadSettings([`${setting}: ${folder} is no folder, and none can be made there`]);
}
