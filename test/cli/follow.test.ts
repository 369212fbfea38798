import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtCli } from '../support/cli.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const cli = await builtCli();
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  await cli.run(['login', '--url', host.endpoints.api], { input: host.token });
});
afterAll(async () => {
  await host.stop();
  cli.remove();
});

const run = (line: string, input = '') => cli.run(line.split(' '), { input });

/** Writes a file of requests with these identifiers. */
function file(name: string, identifiers: readonly string[], task_params: object = {}): string {
  const lines = identifiers.map((identifier) =>
    JSON.stringify({ ...guideRequest({ identifier }), task_params }),
  );
  writeFileSync(join(cli.folder, name), `${lines.join('\n')}\n`);
  return name;
}
/** Imports of these identifiers fail (examples/test-supplier-scenarios.json). */
const FAILING = ['4999000001', '4999000101', '4999000201'];
/** A start that the tests do not reach. */
const LATER = { schedule_window_start: new Date(Date.now() + 86_400_000).toISOString() };

/** Drops a file and returns the drop's id. */
async function dropped(name: string, ...options: string[]): Promise<string> {
  const { lines } = await cli.run(['drop', name, ...options]);
  return lines[0].drop;
}

describe('a drop with failed rows', () => {
  let drop: string;
  beforeAll(async () => {
    const name = file('failing.ndjson', [...FAILING, identifierNumber(1)]);
    const [account] = guideRequest().payload['accounts'] as object[];
    const wrong = guideRequest({ identifier: identifierNumber(2) });
    wrong.payload['accounts'] = [{ ...account, account_type: 'DOMESTC' }];
    const text = readFileSync(join(cli.folder, name), 'utf8');
    writeFileSync(join(cli.folder, name), `${text}${JSON.stringify(wrong)}\n`);
    drop = await dropped(name);
  });

  it('has errors with lines, remedies and near codes, the most frequent first', async () => {
    const { lines, exitCode, stderr } = await run(`errors ${drop}`);
    expect(exitCode).toBe(0);
    expect(lines.map(({ rows }) => rows)).toEqual([3, 1]);
    expect(lines[0]).toMatchObject({
      error: 'supply_point_import: supply_point_import_failed',
      lines: [1, 2, 3],
    });
    expect(lines[1]).toMatchObject({
      error: 'accounts.*.account_type: "DOMESTC" is not a valid choice.',
      lines: [5],
      remedy: expect.stringContaining('Send one of the listed codes.'),
    });
    expect(lines[1].suggestions[0]).toBe('DOMESTIC (Domestic)');
    expect(stderr).toBe(`next: supply-points failed-rows ${drop} --out failed-failing.ndjson\n`);
    expect((await run('errors')).lines[0]).toMatchObject({ code: 'supply_point_import_failed', imports: 3 });
  });

  it('is watched until it has ended, as are all imports of a supplier', async () => {
    expect(await run(`watch ${drop}`)).toMatchObject({ exitCode: 3, lines: [{ drop, state: 'ENDED' }] });
    expect(await run('watch')).toMatchObject({
      exitCode: 3,
      lines: [{ PENDING: 0, IN_PROGRESS: 0, ERRORED: 3 }],
    });
    const unknown = await run('watch nothing');
    expect([unknown.exitCode, unknown.lines[0].error]).toEqual([
      1,
      'There is neither a file nothing nor a drop nothing of TEST_SUPPLIER.',
    ]);
  });

  it('has its failed imports retried by filters: all must match, and their number is confirmed', async () => {
    const count = async (line: string) => {
      const { exitCode, stderr } = await run(line);
      return [exitCode, /^(\d+) imports of TEST_SUPPLIER will be retried\./m.exec(stderr)?.[1]];
    };
    writeFileSync(join(cli.folder, 'ids.txt'), `${FAILING[0]}\n\n${identifierNumber(1)}\n9999999999\n`);
    expect(await count(`retry --drop ${drop}`)).toEqual([2, '3']);
    expect(await count(`retry --drop ${drop} --ids ids.txt`)).toEqual([2, '1']);
    expect(await count('retry --ids ids.txt')).toEqual([2, '1']);
    expect(await count('retry --status ERRORED --code supply_point_import_failed')).toEqual([2, '3']);
    expect(await count('retry --status DRY_RUN_ERRORED')).toEqual([2, '0']);
    expect(await count('retry --all --code another_code')).toEqual([2, '0']);
    expect(await count(`redrive --drop ${drop}`)).toEqual([2, '0']);
    const wrong = await run('retry --status PENDING');
    expect([wrong.exitCode, wrong.lines[0].error]).toEqual([2, expect.stringContaining('not PENDING')]);
    // JSON lines of another command are a file of identifiers, too.
    const { stdout } = await run(`failed-rows ${drop}`);
    const retried = await run('retry --ids - --yes', stdout);
    expect(retried).toMatchObject({ exitCode: 0, lines: [{ retried: 3, impossible: 0 }] });
    await run('watch');
  });
});

describe('imports that have not started', () => {
  it('are cancelled by filters', async () => {
    await run(`import ${file('later.ndjson', [identifierNumber(10), identifierNumber(11)], LATER)}`);
    writeFileSync(join(cli.folder, 'one.txt'), identifierNumber(10));
    expect((await run('cancel --ids one.txt --yes')).lines).toEqual([{ cancelled: 1, impossible: 0 }]);
    expect((await run('cancel --status PENDING --yes')).lines).toEqual([{ cancelled: 1, impossible: 0 }]);
    expect(await run(`cancel ${identifierNumber(1)}`)).toMatchObject({
      exitCode: 3,
      lines: [{ cancelled: 0, impossible: 1 }],
    });
    expect((await run('cancel')).exitCode).toBe(2);
    expect((await run('cancel --all 4001')).exitCode).toBe(2);
  });

  it('are cancelled with their drop', async () => {
    const name = file('later-drop.ndjson', [identifierNumber(20), identifierNumber(21)], LATER);
    const drop = await dropped(name, '--no-wait');
    expect((await run(`cancel --drop ${drop} --code x`)).exitCode).toBe(2);
    expect((await run(`cancel --drop ${drop}`)).exitCode).toBe(2);
    const cancelled = await run(`cancel --drop ${drop} --yes`);
    expect([cancelled.exitCode, cancelled.lines[0].state]).toEqual([0, 'CANCELLED']);
    expect((await run(`watch ${drop}`)).exitCode).toBe(1);
  });
});
