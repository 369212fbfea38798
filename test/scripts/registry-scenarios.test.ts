import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../infra/local/state-folder.ts';
import { CommandError } from '../../scripts/command/command.ts';
import { readCommand } from '../../scripts/registry/options.ts';
import { runCommand } from '../../scripts/registry.ts';
import { DOCUMENTED } from '../scenarios/documented.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-scenarios-'));
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  writeEndpoints(folder, { ...host.endpoints, token: host.token, viewerToken: host.viewerToken });
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (...args: string[]): Promise<string> => {
  const command = readCommand([...args, '--state', folder]);
  return (await runCommand(command, Date.now())) as string;
};
const fileOf = (json: string): string => {
  const file = join(folder, 'rules.json');
  writeFileSync(file, json);
  return file;
};
const set = (code: string, json: string) => run('scenarios', 'set', code, '--file', fileOf(json));
const show = (code: string) => run('scenarios', 'show', code);
const rules = [{ identifiers: '4999*', outcome: 'PROCESSED', delaySeconds: 5 }];

describe('an operator', () => {
  it('can print the seeded rules of TEST_SUPPLIER, which are the documented ones', async () => {
    expect(JSON.parse(await show('TEST_SUPPLIER'))).toEqual(DOCUMENTED);
  });

  it('can set, print and clear a supplier’s rules without other changes to the supplier', async () => {
    await run('suppliers', 'add', 'REHEARSING');
    expect(await show('REHEARSING')).toBe('[]');
    const printed = await set('REHEARSING', JSON.stringify(rules));
    expect(JSON.parse(printed)).toEqual(rules);
    expect(await show('REHEARSING')).toBe(printed);
    expect(await set('REHEARSING', printed)).toBe(printed);
    expect(await host.registered.get('REHEARSING')).toMatchObject({ code: 'REHEARSING', migration: 'open' });
    expect(await run('scenarios', 'clear', 'REHEARSING')).toBe('[]');
    expect(await show('REHEARSING')).toBe('[]');
  });

  it.each([
    ['[', 'Cannot read rules from'],
    ['{}', 'The rules must be a list.'],
    ['[{"identifiers":"499"}]', 'rule 1, outcome'],
    ['[{"identifiers":"499","outcome":"THROTTLED","delaySeconds":5}]', 'rule 1, delaySeconds'],
  ])('gets the reason why the rules %s are invalid, and the previous rules stay', async (json, why) => {
    await host.registered.putSupplier({ code: 'KEEPING', migration: 'open' });
    await set('KEEPING', JSON.stringify(rules));
    const error = await set('KEEPING', json).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toContain(why);
    expect(JSON.parse(await show('KEEPING'))).toEqual(rules);
  });

  it('cannot create a supplier by setting rules for it', async () => {
    const unknown = 'There is no import supplier NOBODY.';
    await expect(set('NOBODY', '[]')).rejects.toThrow(unknown);
    await expect(show('NOBODY')).rejects.toThrow(unknown);
    await expect(run('scenarios', 'clear', 'NOBODY')).rejects.toThrow(unknown);
    const Key = { kind: 'import-suppliers', key: 'NOBODY' };
    const found = await host.dynamodb.send(
      new GetCommand({ TableName: host.endpoints.tables['registry']!, Key }),
    );
    expect(found.Item).toBeUndefined();
  });

  it.each([
    [['scenarios', 'set', 'TEST_SUPPLIER'], 'scenarios set needs --file.'],
    [['scenarios', 'show'], 'scenarios show needs a CODE.'],
    [['scenarios', 'clear', 'TEST_SUPPLIER', '--file', 'x'], 'scenarios clear takes no --file.'],
    [['scenarios', 'set', 'TEST_SUPPLIER', '--file', '/no/such/file'], 'Cannot read rules from'],
  ])('gets the reason why the arguments %j are invalid', async (args, why) => {
    await expect(run(...args)).rejects.toThrow(why);
  });
});
