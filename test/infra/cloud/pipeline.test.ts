import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../../.github/workflows');
const workflows = readdirSync(FOLDER).map((file) => ({
  file,
  text: readFileSync(join(FOLDER, file), 'utf8'),
}));

/** The first major version of each action that runs on Node 24 (source: `using:` in the action.yml of each version). */
const MAJORS_ON_NODE_24: Record<string, number> = {
  'actions/checkout': 5,
  'actions/setup-node': 5,
  'aws-actions/configure-aws-credentials': 6,
};

describe.each(workflows)('$file', ({ text }) => {
  it('does not name environments: it reads the rows of infra/environments.ts', () => {
    const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
    expect(lines.filter((line) => /\b(staging|prod)\b/.test(line))).toEqual([]);
  });

  it('pins each action to a commit of a version for Node 24', () => {
    for (const [, action, commit, version] of text.matchAll(/uses: ([\w-]+\/[\w-]+)@(\S+)(?: # v(\S+))?/g)) {
      expect(commit, action).toMatch(/^[0-9a-f]{40}$/);
      expect(Number.parseInt(version!, 10), action).toBeGreaterThanOrEqual(MAJORS_ON_NODE_24[action!]!);
    }
  });
});

it('jobs with unreviewed code assume only the role of the -diff environments', () => {
  const { text } = workflows.find(({ file }) => file === 'check.yml')!;
  const jobs = text.split(/\n(?= {2}[a-z]+:\n)/).filter((job) => job.includes('role-to-assume'));
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).toMatch(/environment: \$\{\{ matrix\.environment\.name \}\}-diff\n/);
});
