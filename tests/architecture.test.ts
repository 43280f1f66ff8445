import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?[^'"`;]*?from\s+['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/g;

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (/\.(ts|vue|mts)$/.test(entry.name)) yield file;
  }
}

function read(file: string): SourceFile {
  const text = readFileSync(path.join(root, file), 'utf8');
  const imports = [...text.matchAll(IMPORT)].map((match) => {
    const target = match[3] ?? match[4] ?? match[5] ?? match[6] ?? '';
    const resolved = target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target;
    return { target: resolved, typeOnly: match[2] !== undefined };
  });
  return { path: file, text, imports };
}

const server = [...filesBelow('server'), ...filesBelow('db')].map(read);
const panel = [...filesBelow('admin-ui/src')].map(read);

/** The room of a file of ours, or the package name. */
function roomOf(target: string): string {
  if (target.startsWith('server/')) {
    const [, room = ''] = target.split('/');
    return target.split('/').length > 2 ? room : target;
  }
  if (target.startsWith('db/')) return 'db';
  return target;
}

const inRoom = (room: string): SourceFile[] => server.filter((file) => roomOf(file.path) === room);
const isOurs = (target: string): boolean => target.startsWith('server/') || target.startsWith('db/');

/** Every import of a file that leaves for a room not on the list, as "file → target". */
const strays = (files: readonly SourceFile[], allowed: readonly string[]): string[] =>
  files.flatMap((file) =>
    file.imports
      .filter(({ target }) => isOurs(target) && !allowed.includes(roomOf(target)))
      .map(({ target }) => `${file.path} → ${target}`),
  );

const importersOf = (packages: RegExp): string[] => [
  ...new Set(
    [...server, ...panel]
      .filter((file) => file.imports.some(({ target }) => packages.test(target)))
      .map((file) => file.path),
  ),
];

const outside = (files: readonly string[], ...folders: readonly string[]): string[] =>
  files.filter((file) => !folders.some((folder) => file.startsWith(folder)));

describe('the house', () => {
  it('is read at all: the imports of a known file are found', () => {
    const compose = server.find((file) => file.path === 'server/compose.ts');
    expect(compose?.imports.map(({ target }) => target)).toContain('server/queue/due-sweep');
  });

  describe('rooms import only what they may', () => {
    it('domain imports only domain: a decision that knows a database or a clock cannot be tested by itself', () => {
      expect(strays(inRoom('domain'), ['domain'])).toEqual([]);
      const packages = inRoom('domain').flatMap((file) =>
        file.imports.filter(({ target }) => !isOurs(target)).map(({ target }) => target),
      );
      expect([...new Set(packages)].sort()).toEqual(['big.js', 'entities', 'fuzzball']);
    });

    it('application imports only domain: a use case must run on fakes', () => {
      expect(strays(inRoom('application'), ['application', 'domain'])).toEqual([]);
      const packages = inRoom('application').flatMap((file) => file.imports.filter(({ target }) => !isOurs(target)));
      expect(packages).toEqual([]);
    });

    it.each(['http', 'queue', 'scheduler'])(
      '%s drives the application, and knows nothing of what it drives',
      (room) => {
        expect(strays(inRoom(room), [room, 'application', 'domain'])).toEqual([]);
      },
    );

    it('connectors import domain and outbound: another system’s protocol must not reach our tables', () => {
      expect(strays(inRoom('connectors'), ['connectors', 'domain', 'outbound'])).toEqual([]);
    });

    it('notifications import domain and outbound: how a mail server speaks must not reach who hears of what', () => {
      expect(inRoom('notifications').length).toBeGreaterThan(0);
      expect(strays(inRoom('notifications'), ['notifications', 'domain', 'outbound'])).toEqual([]);
    });

    it('connectors do not import each other: one vendor’s change must not break another', () => {
      const systems = ['woocommerce', 'smartbill', 'hiboutik', 'oblio', 'generic'];
      const crossings = inRoom('connectors').flatMap((file) => {
        const own = file.path.split('/')[2] ?? '';
        return file.imports
          .filter(({ target }) =>
            systems.some((system) => system !== own && target.startsWith(`server/connectors/${system}/`)),
          )
          .map(({ target }) => `${file.path} → ${target}`);
      });
      expect(crossings).toEqual([]);
    });

    it('store imports domain and the migrations, and of the settings only their types', () => {
      expect(strays(inRoom('store'), ['store', 'domain', 'db', 'config'])).toEqual([]);
      const values = inRoom('store').flatMap((file) =>
        file.imports.filter(({ target, typeOnly }) => roomOf(target) === 'config' && !typeOnly),
      );
      expect(values).toEqual([]);
    });

    it.each(['outbound', 'clock', 'security', 'telemetry', 'config'])('%s imports only itself and domain', (room) => {
      expect(strays(inRoom(room), [room, 'domain'])).toEqual([]);
    });

    it('migrations import typeorm only: an entity that changes later must not change what they did', () => {
      const targets = inRoom('db').flatMap((file) => file.imports.map(({ target }) => target));
      expect([...new Set(targets.filter((target) => roomOf(target) !== 'db'))]).toEqual(['typeorm']);
    });

    it('compose and its folder put the rooms together: only main imports compose, only compose its folder', () => {
      const importers = server.filter((file) => file.imports.some(({ target }) => target === 'server/compose'));
      expect(importers.map((file) => file.path)).toEqual(['server/main.ts']);
      const ofItsFolder = importersOf(/^server\/compose\//);
      expect(ofItsFolder).toContain('server/compose.ts');
      expect(outside(ofItsFolder, 'server/compose.ts', 'server/compose/')).toEqual([]);
    });

    it('nothing imports main', () => {
      expect(server.filter((file) => file.imports.some(({ target }) => target === 'server/main'))).toEqual([]);
    });
  });

  describe('each outside thing has one importer', () => {
    it('axios: timeouts, redirects and the network guard are decided once', () => {
      expect(outside(importersOf(/^axios$/), 'server/outbound/', 'admin-ui/src/api/')).toEqual([]);
    });

    it('node-schedule: overlaps are prevented once', () => {
      expect(outside(importersOf(/^node-schedule$/), 'server/scheduler/')).toEqual([]);
    });

    it('typeorm: every write goes through the unit of work', () => {
      const typed = server.filter((file) =>
        file.imports.some(({ target, typeOnly }) => target === 'typeorm' && !typeOnly),
      );
      expect(
        outside(
          typed.map((file) => file.path),
          'server/store/',
          'db/',
        ),
      ).toEqual([]);
    });

    it('express and passport: no use case knows that it was asked over HTTP', () => {
      const typed = server.filter((file) =>
        file.imports.some(({ target, typeOnly }) => /^(express|passport.*)$/.test(target) && !typeOnly),
      );
      expect(
        outside(
          typed.map((file) => file.path),
          'server/http/',
        ),
      ).toEqual([]);
    });

    it('nodemailer: sender, time limits and what a failure may tell are decided once', () => {
      expect(importersOf(/^nodemailer$/)).toEqual(['server/notifications/smtp-mail.ts']);
    });

    it('bullmq and ioredis: losing Redis loses nothing because nothing else knows of it', () => {
      expect(outside(importersOf(/^(bullmq|ioredis)$/), 'server/queue/')).toEqual([]);
    });

    it('otpauth: what counts as a right code is decided once', () => {
      expect(importersOf(/^otpauth$/)).toEqual(['server/security/totp-codes.ts']);
    });

    it('uqr: a drawing library is easily changed where one component knows it', () => {
      expect(importersOf(/^uqr$/)).toEqual(['admin-ui/src/components/QrCode.vue']);
    });

    it('the audit log: an entry written elsewhere would be written twice, or otherwise', () => {
      const writers = server
        .filter((file) => /\baudit\w*\.add\(|\bstore\.add\(/.test(file.text))
        .map((file) => file.path);
      expect(writers).toEqual(['server/http/audit-trail.ts']);
    });

    it('process.env: a setting read elsewhere would not be checked at the start', () => {
      const readers = server.filter((file) => /\bprocess\.env\b/.test(file.text)).map((file) => file.path);
      expect(readers).toEqual(['server/config/settings.ts']);
    });

    it('the current time: a test could not move it otherwise', () => {
      const readers = server.filter((file) => /\bDate\.now\(|\bnew Date\(\)/.test(file.text)).map((file) => file.path);
      expect(readers).toEqual(['server/clock/system-clock.ts']);
    });
  });

  describe('the panel', () => {
    it('imports of the server only the types of its schemas', () => {
      const imports = panel.flatMap((file) =>
        file.imports.filter(({ target }) => target.startsWith('server/')).map((each) => ({ file: file.path, ...each })),
      );
      expect(imports.filter(({ target, typeOnly }) => !typeOnly || !target.startsWith('server/http/schemas/'))).toEqual(
        [],
      );
    });
  });

  it('has no circular imports', () => {
    const byPath = new Map(server.map((file) => [file.path.replace(/\.ts$/, ''), file]));
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (at: string, trail: readonly string[]): void => {
      if (state.get(at) === 'done') return;
      if (state.get(at) === 'open') {
        circles.push([...trail.slice(trail.indexOf(at)), at].join(' → '));
        return;
      }
      state.set(at, 'open');
      for (const { target, typeOnly } of byPath.get(at)?.imports ?? []) {
        if (typeOnly) continue;
        const file = byPath.has(target) ? target : `${target}/index`;
        if (byPath.has(file)) visit(file, [...trail, at]);
      }
      state.set(at, 'done');
    };
    for (const file of byPath.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const odd = server.map((file) => file.path).filter((file) => !/^[a-z0-9./-]+$/.test(file));
    expect(odd).toEqual([]);
  });
});
