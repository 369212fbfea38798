import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What a file in a room may import: paths from the repository's root, or packages. The first room that fits counts. */
const ROOMS: readonly { room: RegExp; may: RegExp; because: string }[] = [
  {
    room: /^shared\/contract\//,
    may: /^(shared\/contract\/|valibot$|libphonenumber-js\/core$)/,
    because: 'the contract does no I/O and stands alone',
  },
  {
    room: /^shared\//,
    may: /^(?!functions\/|infra\/|test\/)/,
    because: 'what is shared knows neither who uses it nor where it runs',
  },
  {
    room: /^functions\/edge\//,
    may: /^(shared\/|functions\/edge\/|node:|@middy\/|@aws-lambda-powertools\/|aws-lambda$|valibot$)/,
    because: 'the edge translates',
  },
  {
    room: /^functions\//,
    may: /^(shared\/|functions\/edge\/|@middy\/core$|aws-lambda$|valibot$)/,
    because: 'no function imports another, and none calls the SDK itself',
  },
  {
    room: /^infra\//,
    may: /^(?!functions\/|test\/)/,
    because: 'infra names functions as paths only',
  },
];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

/** The modules that a file's text imports: by path from the root, or by package. */
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

describe('the rooms’ import rules', () => {
  const files = globSync('{shared,functions,infra}/**/*.ts', { cwd: ROOT });

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
  ])('catch what %s must not: %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1);
  });
});
