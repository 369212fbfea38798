import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { environmentNamed } from '../../infra/environments.ts';
import { buildApp } from '../../infra/synthesize.ts';
import { shareEmulators } from './emulators.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the dev environment's cloud assembly. */
    assembly: string;
  }
}

/** The highest limits that an environment may have. A fast machine sends the recorded requests faster than dev's limit. */
const METHOD_THROTTLE = { requestsPerSecond: 10_000, burstRequests: 5000 };

/** Synthesizes the dev environment once for all test files, with {@link METHOD_THROTTLE}, and starts the emulators that they share. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-test-'));
  process.env['CDK_VALIDATION'] = 'false'; // as in the test files (vitest.config.ts)
  const environment = { ...environmentNamed('dev'), methodThrottle: METHOD_THROTTLE };
  buildApp({ environment, outdir: folder }).synth();
  provide('assembly', folder);
  const stop = await shareEmulators({ provide }, folder);
  return async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
