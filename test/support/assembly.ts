import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildApp } from '../../infra/synthesize.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the dev environment's cloud assembly. */
    assembly: string;
  }
}

/** Synthesizes the dev environment once for all test files. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-test-'));
  process.env['CDK_VALIDATION'] = 'false'; // as in the test files (vitest.config.ts)
  buildApp({ environment: 'dev', outdir: folder }).synth();
  provide('assembly', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
