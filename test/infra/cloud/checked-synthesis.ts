import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { withChecks } from '../../../infra/cloud/checks.ts';
import type { Environment } from '../../../infra/environment.ts';
import { appOf } from '../../support/synthesize.ts';

type Resource = {
  Type: string;
  DeletionPolicy?: string;
  UpdatePolicy?: Record<string, unknown>;
  Properties: Record<string, unknown>;
};

/**
 * Returns a function that synthesizes an environment once, with cdk-nag and with the CDK's own validation, which is off in other test files
 * (vitest.config.ts). The assemblies are deleted after the file's tests. The function throws on a finding that is not acknowledged.
 */
export function checkedSynthesis() {
  vi.stubEnv('CDK_VALIDATION', undefined);
  const folders: string[] = [];
  afterAll(() => {
    vi.unstubAllEnvs();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const synthesize = (environment: Environment, isFirst: boolean) => {
    const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-synth-'));
    folders.push(folder);
    const assembly = withChecks(appOf(environment, { outdir: folder, isFirst })).synth();
    const templates = readdirSync(folder).filter((file) => file.endsWith('template.json'));
    const resources: Resource[] = templates.flatMap((file) =>
      Object.values(
        JSON.parse(readFileSync(join(folder, file), 'utf8')).Resources as Record<string, Resource>,
      ),
    );
    return { assembly, resources, of: (type: string) => resources.filter(({ Type }) => Type === type) };
  };
  const synthesized = new Map<string, ReturnType<typeof synthesize>>();
  return (environment: Environment, { isFirst = false } = {}) => {
    const row = JSON.stringify({ environment, isFirst });
    const known = synthesized.get(row) ?? synthesize(environment, isFirst);
    synthesized.set(row, known);
    return known;
  };
}
