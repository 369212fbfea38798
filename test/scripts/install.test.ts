import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-install-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What `npm ci` says on a version of Node: npm looks at process.version, which a module that is loaded before it sets. */
function install(version: string) {
  const preload = join(folder, `${version}.cjs`);
  writeFileSync(preload, `Object.defineProperty(process, 'version', { value: '${version}' });`);
  const args = ['ci', '--dry-run', '--offline', '--no-audit', '--logs-max=0'];
  const env = { ...withoutNpm(process.env), NODE_OPTIONS: `--require ${preload}` };
  return spawnSync('npm', args, { cwd: join(import.meta.dirname, '../..'), env, encoding: 'utf8' });
}

/** Without what `npm test` says to the npm inside it, such as its log level. */
const withoutNpm = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));

describe('npm ci', { timeout: 120_000 }, () => {
  it.each(['v20.19.0', 'v22.22.0', 'v24.1.0'])('on Node %s prints no warnings', (version) => {
    expect(install(version)).toMatchObject({ status: 0, stderr: '' });
  });

  // npm reads devEngines since 10.9.
  const [major, minor] = spawnSync('npm', ['--version'], { encoding: 'utf8' }).stdout.split('.').map(Number);
  it.runIf(major! > 10 || minor! >= 9)('on an unsupported Node fails with the required version', () => {
    const { status, stderr } = install('v18.20.0');
    expect(status).toBe(1);
    expect(stderr).toContain("required: { name: 'node', version: '>=20.17'");
    expect(stderr).not.toContain('EBADENGINE ');
  });
});
