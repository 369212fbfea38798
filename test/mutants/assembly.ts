import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { environmentNamed } from '../../infra/environments.ts';
import { buildApp } from '../../infra/synthesize.ts';
import { shareEmulators } from '../support/emulators.ts';

/** Synthesizes the dev environment with ranges shorter than two rows, once for all mutants: a small drop has several ranges. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-mutants-'));
  const dev = environmentNamed('dev');
  const environment = { ...dev, drops: { ...dev.drops, rangeMiB: 1 / 512 } };
  process.env['CDK_VALIDATION'] = 'false'; // as in vitest.config.ts
  buildApp({ environment, outdir: folder }).synth();
  provide('assembly', folder);
  const stop = await shareEmulators({ provide }, folder);
  return async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
