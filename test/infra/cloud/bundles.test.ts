import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../../infra/cloud/bundles.ts';

describe('the functions’ bundles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-bundles-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { inputs, outputs } = bundleFunctions(folder);
  const packagesOf = (name: string): string[] => {
    const [, output] = Object.entries(outputs).find(([file]) => file.endsWith(`/${name}/index.mjs`))!;
    const files = Object.keys(output.inputs).filter((file) => output.inputs[file]!.bytesInOutput > 0);
    return files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'ours');
  };

  it('contain all their imports, including the SDK', () => {
    expect(Object.keys(inputs).length).toBeGreaterThan(100);
    expect(packagesOf('worker')).toContain('@aws-sdk/lib-dynamodb');
  });

  it.each(['validate', 'fallback', 'home', 'health'])(
    'do not contain the SDK in %s, which does not call AWS',
    (name) => {
      expect(packagesOf(name).filter((name) => /^@(aws-sdk|smithy)\//.test(name))).toEqual([]);
    },
  );

  it('stay small, because a cold start reads them', () => {
    for (const [file, { bytes }] of Object.entries(outputs)) expect(bytes, file).toBeLessThan(1_300_000);
  });
});
