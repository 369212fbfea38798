import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenariosCommand } from '../../shared/scenarios/command.ts';
import { ScenariosRefused, scenarioStore, UnknownSupplier } from '../../shared/scenarios/store.ts';
import { TEST_SUPPLIER_SCENARIOS } from '../../shared/scenarios/test-supplier.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const store = () => scenarioStore(host.dynamodb, host.endpoints.tables['registry']!);
const set = (code: string, json: string) => scenariosCommand(store(), code, { action: 'set', json });
const show = (code: string) => scenariosCommand(store(), code, { action: 'show' });
const rules = [{ identifiers: '4999*', outcome: 'PROCESSED', delaySeconds: 5 }];

describe('the operator’s command', () => {
  it('shows the documented rules of TEST_SUPPLIER, which a local host begins with', async () => {
    expect(JSON.parse(await show('TEST_SUPPLIER'))).toEqual(TEST_SUPPLIER_SCENARIOS);
  });

  it('sets, shows and clears a supplier’s rules, and leaves the rest of it alone', async () => {
    await host.registered.putSupplier({ code: 'REHEARSING', migration: 'open' });
    expect(await show('REHEARSING')).toBe('[]');
    const said = await set('REHEARSING', JSON.stringify(rules));
    expect(JSON.parse(said)).toEqual(rules);
    expect(await show('REHEARSING')).toBe(said);
    expect(await set('REHEARSING', said)).toBe(said);
    expect(await host.registered.get('REHEARSING')).toMatchObject({ code: 'REHEARSING', migration: 'open' });
    expect(await scenariosCommand(store(), 'REHEARSING', { action: 'clear' })).toBe('[]');
    expect(await show('REHEARSING')).toBe('[]');
  });

  it.each([
    ['[', 'The rules are no JSON'],
    ['{}', 'The rules must be a list.'],
    ['[{"identifiers":"499"}]', 'rule 1, outcome'],
    ['[{"identifiers":"499","outcome":"THROTTLED","delaySeconds":5}]', 'rule 1, delaySeconds'],
  ])('refuses %s, says why, and keeps the rules before it', async (json, why) => {
    await host.registered.putSupplier({ code: 'KEEPING', migration: 'open' });
    await set('KEEPING', JSON.stringify(rules));
    const refused = await set('KEEPING', json).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ScenariosRefused);
    expect((refused as ScenariosRefused).message).toContain(why);
    expect(JSON.parse(await show('KEEPING'))).toEqual(rules);
  });

  it('makes no supplier of one that is not registered', async () => {
    await expect(set('NOBODY', '[]')).rejects.toThrow(UnknownSupplier);
    await expect(show('NOBODY')).rejects.toThrow(UnknownSupplier);
    const Key = { kind: 'import-suppliers', key: 'NOBODY' };
    const found = await host.dynamodb.send(
      new GetCommand({ TableName: host.endpoints.tables['registry']!, Key }),
    );
    expect(found.Item).toBeUndefined();
  });
});
