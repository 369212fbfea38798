import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { changes } from '../../scripts/account-checks/changes.ts';
import type { ChangingCheck } from '../../scripts/account-checks/check.ts';
import { dropChecks } from '../../scripts/account-checks/drop-checks.ts';
import { eventCheck } from '../../scripts/account-checks/event-checks.ts';
import { runChangingChecks } from '../../scripts/account-checks/run.ts';
import { openSupplier } from '../../scripts/account-checks/temporary-supplier.ts';
import { throttleChecks } from '../../scripts/account-checks/throttle-checks.ts';
import { dropBucket } from '../support/drops.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import type { AwsResponses } from './aws-server.ts';
import { recordsOfChecks, withAccount } from './deployed-account.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());
afterEach(() => vi.unstubAllEnvs());

describe('a changing check', () => {
  const DENIED = { error: 'AccessDeniedException', message: 'Not you.' };
  const changing = (checks: readonly ChangingCheck[], options: Parameters<typeof withAccount>[1]) =>
    withAccount(host, options, (account, print) => runChangingChecks(account, checks, print));

  it('reports wrong responses of a throttled function and method, and restores both', async () => {
    const responses: AwsResponses = { PutFunctionConcurrency: ({ body }) => body, UpdateStage: '{}' };
    const { lines, notRestored, operations } = await changing(throttleChecks, { responses });
    expect(lines).toEqual([
      expect.stringMatching(/^differs .*503: .*expected 503 .*found 200 /),
      expect.stringMatching(/^differs .*20 concurrent requests all have 200$/),
    ]);
    expect(notRestored).toEqual([]);
    expect(operations.filter((operation) => operation === 'UpdateStage')).toHaveLength(2);
    expect(operations).toContain('DeleteFunctionConcurrency');
  });

  it('restores a function’s reserved concurrency', async () => {
    const responses: AwsResponses = {
      GetFunctionConcurrency: JSON.stringify({ ReservedConcurrentExecutions: 7 }),
    };
    const { state, lines } = await changing(throttleChecks.slice(0, 1), { responses, waitMs: 60_000 });
    expect(lines).toEqual([expect.stringMatching(/^ok /)]);
    expect(state.reserved).toBe(7);
  });

  it.each<[string, AwsResponses]>([
    ['PutFunctionConcurrency', { PutFunctionConcurrency: DENIED }],
    ['UpdateStage', { UpdateStage: DENIED }],
    ['CreateQueue', { CreateQueue: DENIED }],
    ['PutRule', { PutRule: DENIED }],
    ['PutTargets', { PutTargets: DENIED }],
    ['PutItem', { PutItem: DENIED }],
  ])(
    'is unknown if AWS rejects %s, the other checks run, and only changes that were made are undone',
    async (_, responses) => {
      const { lines, notRestored } = await changing([...throttleChecks, eventCheck], {
        responses,
        waitMs: 60_000,
      });
      expect(lines).toContainEqual(expect.stringMatching(/^unknown .*AWS rejected the request: Not you\.$/));
      expect(lines).toHaveLength(3);
      expect(notRestored).toEqual([]);
    },
  );

  it('reports a missing event, and removes the rule and the queue', async () => {
    const { lines, notRestored, operations } = await changing([eventCheck], {
      responses: { ReceiveMessage: '{}' },
    });
    expect(lines).toEqual([expect.stringMatching(/^differs .*no event has come$/)]);
    expect(notRestored).toEqual([]);
    expect(operations.filter((operation) => /^(Remove|Delete)/.test(operation))).toEqual(
      expect.arrayContaining(['RemoveTargets', 'DeleteRule', 'DeleteQueue']),
    );
  });

  it('skips the slow drop if the row does not allow scenarios', async () => {
    const { lines } = await changing(dropChecks.slice(1), { row: { scenariosAllowed: false } });
    expect(lines).toEqual([expect.stringMatching(/^skipped .*the row allows no scenarios$/)]);
  });

  it('leaves a drop in progress to the next run, which erases it', async () => {
    const { drop } = dropBucket(host);
    const { notRestored } = await withAccount(host, {}, async (account) => {
      const supplier = await openSupplier({ ...account, slowSeconds: 20 });
      const name = supplier.fileName('slow');
      await drop(name, supplier.slowRows().join('\n'));
      await expect
        .poll(async () => JSON.stringify(await recordsOfChecks(host)), { timeout: 20_000 })
        .toContain('IMPORTING');
    });
    expect(notRestored).toEqual([
      expect.stringMatching(/still worked on: drops\/ACCOUNT_CHECKS\/.*slow\.ndjson/),
    ]);
    expect(await recordsOfChecks(host)).not.toEqual([]);
    // The supplier is closed, so its imports end at once when their time has come.
    await expect
      .poll(async () => (await withAccount(host, {}, (account) => openSupplier(account))).notRestored, {
        timeout: 60_000,
        interval: 1000,
      })
      .toEqual([]);
    expect(await recordsOfChecks(host)).toEqual([]);
  }, 90_000);
});

describe('changes', () => {
  const refusal = (httpStatusCode: number) =>
    Object.assign(new Error('no'), { $metadata: { httpStatusCode } });

  it('are undone in reverse order, each once', async () => {
    const undone: string[] = [];
    const all = changes();
    const make = (what: string) =>
      all.make(
        what,
        async () => {},
        async () => undone.push(what),
      );
    await make('one');
    const { undo } = await make('two');
    await make('three');
    await undo();
    await undo();
    expect(await all.undoAll()).toEqual([]);
    expect(undone).toEqual(['two', 'three', 'one']);
    await expect(make('four')).rejects.toThrow();
  });

  it('that failed are undone unless AWS rejected them, and a failed undo does not stop the others', async () => {
    const undone: string[] = [];
    const all = changes();
    const failing = (what: string, error: Error, undo = async () => {}) =>
      all.make(
        what,
        () => Promise.reject(error),
        async () => {
          undone.push(what);
          await undo();
        },
      );
    await expect(failing('timed out', new Error('time'))).rejects.toThrow('time');
    await expect(failing('failed', refusal(500), () => Promise.reject(new Error('again')))).rejects.toThrow(
      'no',
    );
    await expect(failing('refused', refusal(403))).rejects.toThrow('no');
    expect(await all.undoAll()).toEqual(['failed: again']);
    expect(undone).toEqual(['failed', 'timed out']);
  });

  it('in progress are undone only after they were made', async () => {
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = changes();
    const made = all.make(
      'slow',
      () => promise.then(() => order.push('made')),
      async () => order.push('undone'),
    );
    const undone = all.undoAll();
    resolve();
    await Promise.all([made, undone]);
    expect(order).toEqual(['made', 'undone']);
  });
});
