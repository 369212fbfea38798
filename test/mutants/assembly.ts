import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { environmentNamed } from '../../infra/environments.ts';
import { shareEmulators } from '../support/emulators.ts';

/** Where Stryker's build command (stryker.config.mjs) puts the assembly, in its copy of the repository. */
const BUILT = join(import.meta.dirname, '../../reports/mutants/assembly');

/** Synthesizes the dev environment with ranges shorter than two rows: a small drop has several ranges. */
async function synthesize(outdir: string): Promise<void> {
  process.env['CDK_VALIDATION'] = 'false'; // as in vitest.config.ts
  const { buildApp } = await import('../../infra/synthesize.ts');
  const dev = environmentNamed('dev');
  const environment = { ...dev, drops: { ...dev.drops, rangeMiB: 1 / 512 } };
  buildApp({ environment, outdir }).synth();
}

/**
 * Starts the emulators that the tests of all mutants share. Stryker starts its test runners again after each mutant that hangs, and the
 * first mutant's time includes this function's: it must be short, or one mutant that hangs makes others look as if they did.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const temporary = existsSync(BUILT)
    ? undefined
    : mkdtempSync(join(tmpdir(), 'supply-point-import-mutants-'));
  if (temporary !== undefined) await synthesize(temporary);
  const folder = temporary ?? BUILT;
  provide('assembly', folder);
  const stop = await shareEmulators({ provide }, folder);
  return async () => {
    await stop();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  };
}

if (import.meta.main) await synthesize(BUILT);
