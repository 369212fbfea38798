import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** The allowed imports of each room's files: paths from the repository's root, or packages. The first matching room counts. */
const ROOMS: readonly { room: RegExp; may: RegExp; because: string }[] = [
  {
    room: /^shared\/contract\//,
    may: /^(shared\/contract\/|valibot$|libphonenumber-js\/core$)/,
    because: 'the contract does no I/O and stands alone',
  },
  {
    room: /^shared\//,
    may: /^(?!functions\/|infra\/|test\/)/,
    because: 'shared depends neither on its users nor on the infrastructure',
  },
  {
    room: /^functions\/edge\//,
    may: /^(shared\/|functions\/edge\/|node:|@middy\/|@aws-lambda-powertools\/|aws-lambda$|valibot$)/,
    because: 'the edge only translates events and responses',
  },
  {
    room: /^functions\//,
    may: /^(shared\/|functions\/edge\/|@middy\/core$|aws-lambda$|valibot$)/,
    because: 'functions import neither each other nor the SDK',
  },
  {
    room: /^cli\//,
    may: /^(?!functions\/|infra\/|test\/|scripts\/|@aws-sdk\/)/,
    because: 'the command line runs without this repository and uses only the API',
  },
  {
    room: /^site\//,
    may: /^(?!functions\/|infra\/|test\/)/,
    because: 'the site is made of what the service says, not of how it is deployed',
  },
  {
    room: /^infra\//,
    may: /^(?!functions\/|test\/)/,
    because: 'infra names functions as paths only',
  },
];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

/** The modules that a file imports: paths from the root, or packages. */
function imported(file: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, from, dynamic, bare]) => {
    const specifier = (from ?? dynamic ?? bare)!;
    return specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier;
  });
}

function violations(file: string, text: string): string[] {
  const rule = ROOMS.find(({ room }) => room.test(file));
  if (rule === undefined) return [];
  return imported(file, text)
    .filter((module) => !rule.may.test(module))
    .map((module) => `${file} imports ${module}, but ${rule.because}`);
}

describe('the import rules of the rooms', () => {
  const files = globSync('{shared,functions,infra,site,cli}/**/*.ts', { cwd: ROOT });

  it('hold in every file', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap((file) => violations(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it.each([
    ['shared/contract/x.ts', "import { a } from '../imports/store.ts';"],
    ['shared/contract/x.ts', "import { readFileSync } from 'node:fs';"],
    ['shared/imports/x.ts', "import type { a } from '../../functions/create.ts';"],
    ['shared/imports/x.ts', "import type { a } from '../../infra/app.ts';"],
    ['functions/x.ts', "import { handler } from './create.ts';"],
    ['functions/x.ts', "import {\n  SQSClient,\n} from '@aws-sdk/client-sqs';"],
    ['functions/x.ts', "const a = await import('../infra/app.ts');"],
    ['infra/cloud/x.ts', "import { handler } from '../../functions/create.ts';"],
  ])('reject %s with %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1);
  });
});

/** Finds a cycle in a graph of folders, such as `['events', 'imports', 'events']`. Returns undefined without a cycle. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const next of edges.get(folder) ?? []) {
      const cycle = visit(next, [...path, folder]);
      if (cycle !== undefined) return cycle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of edges.keys()) {
    const cycle = visit(folder, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The folders that each folder of shared imports, including type imports. */
function folderEdges(texts: Iterable<readonly [file: string, text: string]>): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  const folderOf = (path: string) => /^shared\/([^/]+)\//.exec(path)?.[1];
  for (const [file, text] of texts) {
    const from = folderOf(file)!;
    const to = edges.get(from) ?? new Set();
    edges.set(from, to);
    for (const module of imported(file, text)) {
      const folder = folderOf(module);
      if (folder !== undefined && folder !== from) to.add(folder);
    }
  }
  return edges;
}

describe('the folders of shared', () => {
  it('have no import cycles', () => {
    const files = globSync('shared/*/**/*.ts', { cwd: ROOT });
    const edges = folderEdges(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
    expect(edges.get('scenarios')).toContain('imports');
    expect(cycleIn(edges)).toBeUndefined();
  });

  it('are checked: a cycle of three folders is found', () => {
    const edges = folderEdges([
      ['shared/a/x.ts', "import type { y } from '../b/y.ts';"],
      ['shared/b/y.ts', "import { z } from '../c/z.ts';\nimport { d } from '../d/d.ts';"],
      ['shared/c/deep/z.ts', "export { x } from '../../a/x.ts';"],
      ['shared/d/d.ts', "import { e } from './e.ts';"],
    ]);
    expect(cycleIn(edges)).toEqual(['a', 'b', 'c', 'a']);
  });
});
